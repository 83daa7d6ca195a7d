//! What stands between the network and the routes: ids, headers, hosts, origins, time limits. Outermost first, as `layers` reads.

use std::{
    any::Any,
    fmt,
    net::{IpAddr, SocketAddr},
};

use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer, timeout::TimeoutLayer};

use super::{access, error, session};
use crate::{app::App, config::Config};

/// How long one answer may take to begin, the upload before it included: photos from a fence are slow. A body that stalls is cut much sooner.
const ANSWER_WITHIN: std::time::Duration = std::time::Duration::from_mins(10);

/// Names one request in the log and on the error page.
#[derive(Clone, Default)]
pub struct RequestId(pub String);

/// Where a request came from: the peer, or what a trusted proxy says of it.
#[derive(Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Wraps the joined routes in every guard. Layers are added inside out; read the list from the bottom.
///
/// Pages know people by their session and ask where a request comes from; calls of programs know neither cookies nor origins, only tokens.
pub fn layers(pages: Router<App>, calls: Router<App>, app: &App) -> Router {
    pages
        .layer(from_fn_with_state(app.clone(), access::identify))
        .layer(session::layer(&app.config, app.db.clone(), app.clock.clone()))
        .layer(from_fn_with_state(app.clone(), origin_gate))
        .merge(calls)
        .layer(from_fn_with_state(app.clone(), host_gate))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, ANSWER_WITHIN))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(app.clone(), error::explain))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(app.clone(), note_request))
        .layer(from_fn_with_state(app.clone(), headers))
        .with_state(app.clone())
}

fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said =
        panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    tracing::error!(panic = said, "a handler panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// Gives the request its id and address, and logs its outcome in one line.
async fn note_request(State(app): State<App>, mut request: Request, next: Next) -> Response {
    use tracing::Instrument as _;
    let id = format!("{:016x}", rand::random::<u64>());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::from([127, 0, 0, 1]), |info| info.0.ip());
    let address = client_address(peer, request.headers(), &app.config.trusted_proxies);
    request.extensions_mut().insert(RequestId(id.clone()));
    request.extensions_mut().insert(ClientAddress(address));
    let span = tracing::info_span!("request", id, method = %request.method(), path = request.uri().path());
    async move {
        let begun = tokio::time::Instant::now();
        let response = next.run(request).await;
        let elapsed_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        app.requests.count(response.status().as_u16(), elapsed_ms);
        tracing::info!(status = response.status().as_u16(), elapsed_ms, "answered");
        response
    }
    .instrument(span)
    .await
}

/// Walks `X-Forwarded-For` from the right for as long as the hops are proxies we trust.
fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let forwarded: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).collect();
    let mut address = peer;
    for hop in forwarded.iter().rev() {
        if !trusted.contains(&address) {
            break;
        }
        match hop.trim().parse() {
            Ok(earlier) => address = earlier,
            Err(_) => break,
        }
    }
    address
}

const SECURITY_HEADERS: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(self), geolocation=(), microphone=(), payment=()"),
];

/// Every answer carries these, also a 404, a 413 and a panic.
async fn headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in SECURITY_HEADERS {
        response.headers_mut().entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    if app.config.is_https() {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// Answers only for our own names, so that no foreign host name ends up in links or caches.
async fn host_gate(State(app): State<App>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // Probes come by address.
    let is_probe = matches!(request.uri().path(), "/healthz" | "/readyz");
    if is_probe || is_our_host(host, &app.config) { next.run(request).await } else { StatusCode::MISDIRECTED_REQUEST.into_response() }
}

fn is_our_host(host: &str, config: &Config) -> bool {
    let port = config.listen.port();
    let local =
        || config.listen.ip().is_loopback() && ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| host == format!("{name}:{port}"));
    host.eq_ignore_ascii_case(config.host()) || config.extra_hosts.iter().any(|extra| host.eq_ignore_ascii_case(extra)) || local()
}

/// Refuses unsafe requests that another site's page made this browser send.
///
/// Stricter than the stock layer: a request with a cookie but without both `Sec-Fetch-Site` and `Origin` is refused too.
async fn origin_gate(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_safe || is_same_origin(request.headers(), &app.config) {
        next.run(request).await
    } else {
        error::Error::Forbidden.into_response()
    }
}

fn is_same_origin(headers: &HeaderMap, config: &Config) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(&HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    if let Some(origin) = text(&header::ORIGIN) {
        return origin.split_once("://").is_some_and(|(_, host)| is_our_host(host, config));
    }
    !headers.contains_key(header::COOKIE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn forwarded_addresses_are_believed_only_from_our_proxies() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let stranger: IpAddr = "203.0.113.9".parse().unwrap();
        let forged = headers(&[("x-forwarded-for", "1.2.3.4, 203.0.113.9")]);
        assert_eq!(client_address(proxy, &forged, &[proxy]), stranger);
        assert_eq!(client_address(stranger, &forged, &[proxy]), stranger);
    }

    #[test]
    fn only_our_own_pages_may_send_unsafe_requests() {
        let config = Config::from_lookup(|_| None).unwrap();
        assert!(is_same_origin(&headers(&[("sec-fetch-site", "same-origin")]), &config));
        assert!(!is_same_origin(&headers(&[("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:8080")]), &config));
        assert!(!is_same_origin(&headers(&[("sec-fetch-site", "same-site")]), &config));
        assert!(is_same_origin(&headers(&[("origin", "http://127.0.0.1:8080")]), &config));
        assert!(!is_same_origin(&headers(&[("origin", "http://evil.example")]), &config));
        assert!(!is_same_origin(&headers(&[("origin", "null")]), &config));
        assert!(!is_same_origin(&headers(&[("cookie", "meterbook=x")]), &config));
        assert!(is_same_origin(&headers(&[]), &config));
    }
}
