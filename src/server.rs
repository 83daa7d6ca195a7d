//! The accept loop: our own, because it must close half-sent heads, count connections and stop when told.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};
use tower::ServiceExt as _;
use tower_http::timeout::TimeoutBody;

/// How patient the server is, and with how many at once.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A request head must be complete by then; a half-sent one is cut.
    pub head_within: Duration,
    /// A body may be long, but a piece of it must come at least this often.
    pub body_piece_within: Duration,
    /// After a stop, requests under way may finish for so long.
    pub stop_within: Duration,
    /// Connections at once; further ones wait in the listener's queue.
    pub most_connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_within: Duration::from_secs(10),
            body_piece_within: Duration::from_secs(20),
            stop_within: Duration::from_secs(15),
            most_connections: 1024,
        }
    }
}

/// Serves until `stop` resolves, then lets requests under way finish, but not for ever.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(limits.most_connections));
    let graceful = GracefulShutdown::new();
    let (cut, is_cut) = watch::channel(());
    tokio::pin!(stop);
    loop {
        let place = tokio::select! {
            place = places.clone().acquire_owned() => place,
            () = &mut stop => break,
        };
        let Ok(place) = place else { break };
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => spawn(stream, peer, router.clone(), &graceful, Terms { limits, place, is_cut: is_cut.clone() }),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    // Out of file handles, most likely: give others time to end.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            () = &mut stop => break,
        }
    }
    drop(listener);
    if tokio::time::timeout(limits.stop_within, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests still under way were cut at the stop");
    }
    // Ends what is left, so that no handler holds the database open while it closes.
    drop(cut);
}

/// What a connection is allowed: its place among the others, and the sign that it must end at once.
struct Terms {
    limits: Limits,
    place: OwnedSemaphorePermit,
    is_cut: watch::Receiver<()>,
}

fn spawn(stream: TcpStream, peer: SocketAddr, router: Router, graceful: &GracefulShutdown, terms: Terms) {
    let Terms { limits, place, mut is_cut } = terms;
    // Small answers must not wait for the peer's acknowledgement; a socket that refuses is served all the same.
    let _ = stream.set_nodelay(true);
    let service = router.map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(|body| axum::body::Body::new(TimeoutBody::new(limits.body_piece_within, body)))
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head_within).max_buf_size(64 * 1024);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let watched = graceful.watch(connection);
    tokio::spawn(async move {
        tokio::select! {
            ended = watched => if let Err(error) = ended {
                tracing::debug!(%error, %peer, "a connection ended early");
            },
            // Nothing is ever sent: this resolves when the sender is dropped.
            _ = is_cut.changed() => tracing::debug!(%peer, "a connection was cut"),
        }
        drop(place);
    });
}

/// Resolves when the program is told to stop: Ctrl-C or a termination signal.
pub async fn told_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
