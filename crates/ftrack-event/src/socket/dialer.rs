//! Making the connection: the first request, then the socket.

use std::io;
use std::time::Duration;

use cookie::Cookie;
use ftrack_transport::{Request, Response, RetryPolicy, ServerStream, excerpt};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::handshake::Handshake;
use super::server::Server;
use crate::error::{Cause, Error, Result};

/// The largest text that is received, in bytes.
const LARGEST: usize = 64 << 20;

/// How much of an answer is read that should be one short line, in bytes.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// An open socket.
pub(super) type Socket = WebSocketStream<ServerStream>;

/// Makes the first request. It carries the credentials, in headers; nothing after it does.
///
/// It is tried once unless it may be `repeated`: whoever counts attempts means connections.
pub(super) async fn handshake(server: Server, repeated: bool) -> Result<Handshake> {
    let url = format!("{}/socket.io/1/", server.origin());
    let mut request = Request::get(url).with_credentials();
    if !repeated {
        request = request.retry(RetryPolicy::none());
    }
    let response = server.transport().request(request).await;
    let response = response.map_err(|error| connect_error(&server, error))?;
    let status = response.status();
    let cookies = cookies(&response);
    let body = tokio::task::spawn_blocking(move || read(response)).await;
    let body = body.map_err(|error| connect_error(&server, error))?;
    match Handshake::parse(&String::from_utf8_lossy(&body)) {
        Ok(mut handshake) if (200..300).contains(&status) => {
            handshake.cookies = cookies;
            Ok(handshake)
        }
        Ok(_) => Err(odd_answer(&server, status, "an error", &body)),
        Err(problem) => Err(odd_answer(&server, status, problem, &body)),
    }
}

/// Opens the socket that a handshake allows.
pub(super) async fn open(server: Server, handshake: Handshake) -> Result<Socket> {
    let limit = server.options().timeout;
    let opening = open_in_time(&server, &handshake);
    match tokio::time::timeout(limit, opening).await {
        Ok(socket) => socket,
        Err(_) => Err(connect_error(&server, Slow(limit))),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("it took longer than {0:?}")]
struct Slow(Duration);

async fn open_in_time(server: &Server, handshake: &Handshake) -> Result<Socket> {
    let failed = |error| stream_error(server, error);
    let mut stream = ServerStream::open(server.options()).await.map_err(failed)?;
    let key = generate_key();
    let request = upgrade_request(server, handshake, &key);
    let head = stream.send_head(&request).await.map_err(failed)?;
    let accepted = head.header("sec-websocket-accept") == Some(&derive_accept_key(key.as_bytes()));
    if head.status() != 101 || !accepted {
        let problem = format!("it opens no websocket (status {})", head.status());
        return Err(connect_error(server, io::Error::other(problem)));
    }
    let config = WebSocketConfig::default()
        .max_message_size(Some(LARGEST))
        .max_frame_size(Some(LARGEST));
    let rest = head.rest().to_vec();
    Ok(WebSocketStream::from_partially_read(stream, rest, Role::Client, Some(config)).await)
}

/// The request for the socket. The id is proof enough: neither user nor key are in it.
fn upgrade_request(server: &Server, handshake: &Handshake, key: &str) -> String {
    let options = server.options();
    let mut request = format!(
        "GET /socket.io/1/websocket/{} HTTP/1.1\r\nhost: {}\r\nupgrade: websocket\r\n\
         connection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n\
         user-agent: {}\r\n",
        handshake.sid,
        server.authority(),
        options.user_agent,
    );
    let is_credential = |name: &str| {
        let name = name.to_ascii_lowercase();
        name == "ftrack-user" || name == "ftrack-api-key" || name == "cookie"
    };
    for (name, value) in &options.headers {
        if !is_credential(name) {
            request.extend([name, ": ", value, "\r\n"]);
        }
    }
    let own = options
        .cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    let cookies: Vec<_> = own.chain(handshake.cookies.iter().cloned()).collect();
    if !cookies.is_empty() {
        request.extend(["cookie: ", &cookies.join("; "), "\r\n"]);
    }
    request.push_str("\r\n");
    request
}

/// The cookies that an answer sets, as they are sent back.
fn cookies(response: &Response) -> Vec<String> {
    let set = response.headers().iter();
    let set = set.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    set.filter_map(|(_, value)| Cookie::parse(value.as_str()).ok())
        .map(|cookie| format!("{}={}", cookie.name(), cookie.value()))
        .filter(|pair| !pair.chars().any(char::is_control))
        .collect()
}

fn read(response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    // Whatever arrived before a failure still says more than nothing.
    let _ = io::Read::read_to_end(&mut io::Read::take(response, LONGEST_ANSWER), &mut body);
    body
}

/// What an answer means that is not a handshake. Servers refuse by JSON, of whatever status; a proxy
/// or a server that is just starting says other things.
fn odd_answer(server: &Server, status: u16, problem: &str, body: &[u8]) -> Error {
    let says_json =
        serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(body).is_ok();
    let reason = excerpt(body).replace(server.options().api_key().expose(), "***");
    if matches!(status, 401 | 403) || (says_json && status < 500) {
        return Error::Refused {
            origin: server.origin(),
            reason,
        };
    }
    let problem = format!("{problem} (status {status}): {reason}");
    connect_error(server, io::Error::other(problem))
}

/// No way to the server: the transport names the server as we do, so only its reason is kept.
fn stream_error(server: &Server, error: ftrack_transport::Error) -> Error {
    use ftrack_transport::Error as Transport;
    match error {
        Transport::InvalidOptions {
            option,
            problem,
            source,
        } => Error::InvalidOptions {
            option,
            problem,
            source,
        },
        Transport::Connect { source, .. }
        | Transport::Tls { source, .. }
        | Transport::ConnectionLost { source, .. } => connect_error(server, source),
        error => connect_error(server, error),
    }
}

fn connect_error(server: &Server, source: impl Into<Cause>) -> Error {
    Error::Connect {
        origin: server.origin(),
        source: source.into(),
    }
}
