//! The heads of HTTP messages.
//!
//! They are written and read here, not by a library that logs what it writes: headers may hold
//! secrets of a studio's own.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The longest head that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// The head of an answer that was read from a [`ServerStream`](crate::ServerStream).
#[derive(Debug, PartialEq, Eq)]
pub struct ResponseHead {
    status: u16,
    /// By name in lower case.
    headers: Vec<(String, String)>,
    rest: Vec<u8>,
}

impl ResponseHead {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The first header of this name, which is matched without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let is_named = |(other, _): &&(String, String)| other.eq_ignore_ascii_case(name);
        let found = self.headers.iter().find(is_named);
        found.map(|(_, value)| value.as_str())
    }

    /// What was read already of what follows the head.
    pub fn rest(&self) -> &[u8] {
        &self.rest
    }

    /// Reads a head that ends at `end`.
    fn parse(bytes: &[u8], end: usize) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes.get(..end)?);
        let mut lines = text.split("\r\n");
        let mut first = lines.next()?.split(' ');
        let version = first.next()?;
        if !version.starts_with("HTTP/1.") {
            return None;
        }
        let status = first.next()?.parse().ok()?;
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Some(Self {
            status,
            headers,
            rest: bytes.get(end + 4..)?.to_vec(),
        })
    }
}

/// Sends the head of a request and reads that of the answer.
pub(super) async fn send<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    request: &str,
) -> io::Result<ResponseHead> {
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let mut bytes = Vec::new();
    loop {
        let before = bytes.len();
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // The end may lie across two pieces.
        let from = before.saturating_sub(3);
        let new = bytes.get(from..).unwrap_or_default();
        if let Some(place) = new.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = ResponseHead::parse(&bytes, from + place);
            return head.ok_or_else(|| io::Error::other("the answer is not HTTP"));
        }
        if bytes.len() > LONGEST {
            return Err(io::Error::other("the answer has no end"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read() {
        let bytes = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX:  y \r\n\r\nrest";
        let end = bytes.len() - 8;
        let head = ResponseHead::parse(bytes, end).unwrap();
        assert_eq!((head.status, head.rest.as_slice()), (101, &b"rest"[..]));
        assert_eq!(head.header("Upgrade"), Some("websocket"));
        assert_eq!((head.header("x"), head.header("z")), (Some("y"), None));
        for garbage in ["SSH-2.0-x", "HTTP/1.1", "HTTP/1.1 x", "HTTP/2 200"] {
            let bytes = format!("{garbage}\r\n\r\n");
            assert_eq!(
                ResponseHead::parse(bytes.as_bytes(), garbage.len()),
                None,
                "{garbage}"
            );
        }
    }

    #[tokio::test]
    async fn a_head_may_arrive_in_pieces() {
        let (mut here, mut there) = tokio::io::duplex(16);
        let server = async {
            let mut request = [0; 7];
            there.read_exact(&mut request).await.unwrap();
            for piece in ["HTTP/1.0 200 ok\r", "\nA: b\r\n\r", "\nabc"] {
                there.write_all(piece.as_bytes()).await.unwrap();
                tokio::task::yield_now().await;
            }
            request
        };
        let (head, request) = tokio::join!(send(&mut here, "request"), server);
        assert_eq!(&request, b"request");
        let head = head.unwrap();
        assert_eq!((head.status, head.header("a")), (200, Some("b")));
        drop(there);
        let ended = send(&mut here, "").await;
        assert!(ended.is_err());
    }
}
