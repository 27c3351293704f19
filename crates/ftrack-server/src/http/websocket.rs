//! From a request to a websocket whose frames we write ourselves.
//!
//! A library that takes whole messages copies each into the buffer of its connection: one of 14 MB for a hundred
//! clients that do not read takes more than a gigabyte. Large messages are therefore sent in frames that are slices of
//! one shared text.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::event::Socket;
use crate::request_error::RequestError;

/// The largest packet that is read, in bytes. A smaller one may be rejected with a reason, what is
/// larger ends the connection.
const PACKET_LIMIT: usize = 32 * 1024 * 1024;

/// What is read at a time. There may be thousands of connections, most of them idle.
const READ_BUFFER: usize = 8 * 1024;

/// What waits to be written before the next frame is taken.
const WRITE_BUFFER: usize = 16 * 1024;

/// A request that asks for a websocket.
pub(super) struct Upgrade {
    accept: HeaderValue,
    upgraded: OnUpgrade,
}

impl Upgrade {
    /// Reads a request.
    ///
    /// # Errors
    /// What keeps it from becoming a websocket.
    pub(super) fn new(request: &mut Request) -> Result<Self, RequestError> {
        let refuse = |what: &str| {
            Err(RequestError::validation(format!(
                "a websocket needs {what}"
            )))
        };
        let headers = request.headers();
        if request.method() != Method::GET {
            return refuse("a request by GET");
        }
        if !has_word(headers, &header::CONNECTION, "upgrade") {
            return refuse("the header Connection: Upgrade");
        }
        if !has_word(headers, &header::UPGRADE, "websocket") {
            return refuse("the header Upgrade: websocket");
        }
        if !has_word(headers, &header::SEC_WEBSOCKET_VERSION, "13") {
            return refuse("the header Sec-WebSocket-Version: 13");
        }
        let key = headers.get(header::SEC_WEBSOCKET_KEY);
        let accept = key.map(|key| derive_accept_key(key.as_bytes()));
        let accept = accept.and_then(|accept| HeaderValue::from_str(&accept).ok());
        let Some(accept) = accept else {
            return refuse("the header Sec-WebSocket-Key");
        };
        match request.extensions_mut().remove::<OnUpgrade>() {
            Some(upgraded) => Ok(Self { accept, upgraded }),
            None => refuse("a connection of its own"),
        }
    }

    /// Answers the request, and serves the websocket once it is there.
    pub(super) fn serve<F>(self, serve: impl FnOnce(Socket) -> F + Send + 'static) -> Response<Body>
    where
        F: Future<Output = ()> + Send,
    {
        let upgraded = self.upgraded;
        tokio::spawn(async move {
            match upgraded.await {
                Ok(stream) => {
                    let config = WebSocketConfig::default()
                        .max_message_size(Some(PACKET_LIMIT))
                        .max_frame_size(Some(PACKET_LIMIT))
                        .read_buffer_size(READ_BUFFER)
                        .write_buffer_size(WRITE_BUFFER);
                    let stream = TokioIo::new(stream);
                    let socket =
                        WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
                    serve(socket).await;
                }
                Err(error) => tracing::debug!(%error, "a websocket was not opened"),
            }
        });
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, self.accept);
        response
    }
}

/// Whether one of the words of a header is this one, in any case.
fn has_word(headers: &HeaderMap, name: &header::HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|found| found.trim().eq_ignore_ascii_case(word))
}
