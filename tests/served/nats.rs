//! A real message broker: NATS with JetStream in a folder of its own, stopped and started on one port.

use std::{
    net::TcpListener,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use async_nats::jetstream;
use serde_json::Value;
use tempfile::TempDir;

use super::Running;

/// A message as the broker keeps it.
#[derive(Clone, Debug)]
pub struct Kept {
    pub subject: String,
    pub id: String,
    pub body: Value,
}

pub struct Broker {
    running: Option<Running>,
    folder: TempDir,
    /// How many stores it had before this one.
    stores: usize,
    port: u16,
}

impl Broker {
    /// On a free port, not yet started.
    pub fn stopped() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { running: None, folder: tempfile::tempdir().unwrap(), stores: 0, port }
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join(self.stores.to_string())
    }

    /// Starts it over the store it has.
    pub async fn start(&mut self) {
        let mut command = Command::new("nats-server");
        command.args(["--addr", "127.0.0.1", "--port", &self.port.to_string(), "--jetstream", "--store_dir"]).arg(self.store());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.running = Some(Running(child.expect("nats-server starts: scripts/test installs it")));
        while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Stops it without warning.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Gives it an empty store instead of the one it has.
    pub fn lose_store(&mut self) {
        self.stores += 1;
    }

    /// Puts it back over the store that it had before.
    pub fn find_store(&mut self) {
        self.stores -= 1;
    }

    /// What the stream keeps, in its order.
    pub async fn kept(&self) -> Vec<Kept> {
        let client = async_nats::connect(self.url()).await.unwrap();
        let mut stream = jetstream::new(client).get_stream("METERBOOK").await.unwrap();
        let state = stream.info().await.unwrap().state.clone();
        let mut kept = Vec::new();
        for sequence in state.first_sequence..=state.last_sequence {
            let message = stream.get_raw_message(sequence).await.unwrap();
            let id = message.headers.get("Nats-Msg-Id").unwrap().to_string();
            kept.push(Kept { subject: message.subject.to_string(), id, body: serde_json::from_slice(&message.payload).unwrap() });
        }
        kept
    }
}
