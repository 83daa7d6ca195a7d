//! The accept loop on a real port: nobody can hold it by sending slowly, or keep it from stopping.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use axum::{Router, routing};
use meterbook::server::{self, Limits};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

/// A bound for what should take well under a second.
const SOON: Duration = Duration::from_secs(5);

struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

async fn start(most_connections: usize) -> Server {
    let limits = Limits {
        head_within: Duration::from_millis(200),
        body_piece_within: Duration::from_millis(200),
        stop_within: Duration::from_millis(300),
        most_connections,
    };
    let router = Router::new()
        .route("/", routing::get(|| async { "here" }).post(|body: String| async move { body }))
        .route("/never", routing::get(std::future::pending::<()>));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(server::serve(listener, router, limits, async move {
        let _ = stopped.await;
    }));
    Server { address, stop, ended }
}

async fn connect(server: &Server, sent: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    stream
}

/// Everything until the other side closes, which it must do soon.
async fn rest(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    // A connection that was cut may end with a reset, which is an end too.
    let _ = tokio::time::timeout(SOON, stream.read_to_end(&mut text)).await.expect("the connection is held open");
    String::from_utf8(text).unwrap()
}

const ASK: &str = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn a_request_is_answered() {
    let server = start(8).await;
    assert!(rest(connect(&server, ASK).await).await.ends_with("here"));
}

#[tokio::test]
async fn a_half_sent_head_is_cut() {
    let server = start(8).await;
    assert!(!rest(connect(&server, "GET / HTTP/1.1\r\nhost:").await).await.contains("200 OK"));
}

#[tokio::test]
async fn a_stalled_body_is_cut() {
    let server = start(8).await;
    let answer = rest(connect(&server, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nthe beginning").await).await;
    assert!(!answer.contains("200 OK"), "{answer}");
}

#[tokio::test]
async fn further_connections_wait_for_a_place() {
    let server = start(1).await;
    let first = connect(&server, "GET / HTTP/1.1\r\nhost:").await;
    let second = connect(&server, ASK).await;
    assert!(rest(second).await.ends_with("here"), "it is answered once the first was cut");
    rest(first).await;
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_keep_the_server_from_stopping() {
    let server = start(8).await;
    let held = connect(&server, "GET /never HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(rest(connect(&server, ASK).await).await.ends_with("here"));
    let begun = Instant::now();
    server.stop.send(()).unwrap();
    tokio::time::timeout(SOON, server.ended).await.expect("the server does not stop").unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(300), "what is under way has some time to finish");
    assert_eq!(rest(held).await, "");
}
