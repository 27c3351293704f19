//! At which address a client reached the server: what is told to it has to be an address that it can follow.
//!
//! A client says so by `Host`. Proxies in front say it by `X-Forwarded-Host` and `X-Forwarded-Proto`, which are
//! believed if they come from a proxy that was named when the server was started, and dropped at the door otherwise.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Response, header};
use axum::middleware::Next;

use super::connections::Peer;
use super::headers::text;
use crate::engine::Engine;

/// What proxies say about the client's request.
const FORWARDED: [&str; 2] = ["x-forwarded-host", "x-forwarded-proto"];

/// Drops what somebody says in the name of a proxy who is not one.
pub(super) async fn distrust(
    State(engine): State<Arc<Engine>>,
    mut request: Request,
    next: Next,
) -> Response<Body> {
    let peer = request.extensions().get::<ConnectInfo<Peer>>();
    let address = peer.and_then(|ConnectInfo(peer)| peer.address());
    if !is_trusted(engine.trusted_proxies(), address) {
        for name in FORWARDED {
            request.headers_mut().remove(name);
        }
    }
    next.run(request).await
}

fn is_trusted(trusted: &[IpAddr], address: Option<IpAddr>) -> bool {
    address.is_some_and(|address| trusted.contains(&address.to_canonical()))
}

/// The address of the server as the client reached it, if the request says it in a form that can be believed.
pub(super) fn reached_at(headers: &HeaderMap) -> Option<Arc<str>> {
    // Of several proxies in a row, the first one spoke with the client.
    let said = |name: &str| Some(text(headers, name)?.split(',').next()?.trim());
    let host = said("x-forwarded-host").or_else(|| text(headers, header::HOST.as_str()))?;
    let scheme = match said("x-forwarded-proto") {
        Some("https") => "https",
        _ => "http",
    };
    is_host(host).then(|| format!("{scheme}://{host}").into())
}

/// Whether a text is nothing but a host and perhaps a port, so that it changes nothing else of an address.
fn is_host(text: &str) -> bool {
    let is_plain = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']')
    };
    !text.is_empty() && text.len() <= 255 && text.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(*name, value);
            }
        }
        headers
    }

    #[test]
    fn the_host_that_the_client_named_is_its_address() {
        for (pairs, expected) in [
            (&[("host", "studio:8080")][..], Some("http://studio:8080")),
            (&[("host", "[::1]:80")], Some("http://[::1]:80")),
            (
                &[
                    ("host", "10.0.0.1"),
                    ("x-forwarded-host", "ftrack.studio, inner"),
                    ("x-forwarded-proto", "https"),
                ],
                Some("https://ftrack.studio"),
            ),
            (&[("host", "evil/path?x=")], None),
            (&[("host", "")], None),
            (&[], None),
        ] {
            let found = reached_at(&headers(pairs));
            assert_eq!(found.as_deref(), expected, "{pairs:?}");
        }
    }

    #[test]
    fn only_named_proxies_are_trusted() {
        let proxy = IpAddr::from([10, 0, 0, 1]);
        let mapped: Option<IpAddr> = "::ffff:10.0.0.1".parse().ok();
        assert!(is_trusted(&[proxy], Some(proxy)));
        assert!(is_trusted(&[proxy], mapped));
        assert!(!is_trusted(&[proxy], Some(IpAddr::from([10, 0, 0, 2]))));
        assert!(!is_trusted(&[], Some(proxy)));
        assert!(!is_trusted(&[proxy], None));
    }
}
