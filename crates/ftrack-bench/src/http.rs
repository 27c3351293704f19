//! As much of HTTP as measuring a server takes: one connection, and nothing between what is sent and what is timed.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpStream, ToSocketAddrs};

/// A connection that stays open.
pub(crate) struct Connection(BufReader<TcpStream>);

/// An answer as it came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status line and the headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub(crate) fn open(address: impl ToSocketAddrs) -> Result<Self, Box<dyn Error>> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a request and waits for its answer. Further headers end with a line break each.
    pub(crate) fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> Result<Answer, Box<dyn Error>> {
        let length = body.len();
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: bench\r\n{headers}Content-Length: {length}\r\n\r\n"
        )
        .into_bytes();
        request.extend_from_slice(body);
        self.0.get_mut().write_all(&request)?;
        read_answer(&mut self.0)
    }

    /// What is left of the connection once it is no longer one of HTTP.
    pub(crate) fn into_stream(self) -> BufReader<TcpStream> {
        self.0
    }
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Reads an answer whose head says how long it is; one to an upgrade has no body.
fn read_answer(stream: &mut impl BufRead) -> Result<Answer, Box<dyn Error>> {
    let mut head = String::new();
    while stream.read_line(&mut head)? > 0 && !head.ends_with("\r\n\r\n") {}
    let mut answer = Answer {
        head,
        body: Vec::new(),
    };
    if answer.head.starts_with("HTTP/1.1 101") {
        return Ok(answer);
    }
    let length = answer
        .header("content-length")
        .ok_or("the server does not say how long its answer is")?;
    answer.body = vec![0; length.parse()?];
    stream.read_exact(&mut answer.body)?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_as_long_as_they_say() {
        let mut stream = &b"HTTP/1.1 200 OK\r\ncontent-LENGTH: 5\r\nA: b\r\n\r\nHello, you"[..];
        let answer = read_answer(&mut stream).ok();
        assert_eq!(
            answer.as_ref().map(|answer| &answer.body[..]),
            Some(&b"Hello"[..])
        );
        assert_eq!(
            answer.as_ref().and_then(|answer| answer.header("a")),
            Some("b")
        );
        for cut in [
            &b"HTTP/1.1 200 OK\r\n\r\nHello"[..],
            b"Content-Length: 9\r\n\r\nHello",
            b"",
        ] {
            assert!(read_answer(&mut &*cut).is_err());
        }
    }
}
