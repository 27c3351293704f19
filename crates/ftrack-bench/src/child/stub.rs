//! The counters of the stand-in for a server.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use serde::Deserialize;

use super::Outcome;

/// A connection for the counters alone, so that reading them disturbs nothing that is measured.
pub(super) struct Stub(BufReader<TcpStream>);

/// What the stand-in has counted so far.
#[derive(Debug, Deserialize, PartialEq)]
pub(super) struct Counters {
    requests: u64,
    operations: BTreeMap<String, u64>,
    bytes_out: u64,
    cpu_s: f64,
}

/// What was counted in between.
#[derive(Debug, PartialEq, serde::Serialize)]
pub(super) struct Counted {
    requests: u64,
    server_operations: u64,
    server_bytes_out: u64,
    server_cpu_s: f64,
}

impl Stub {
    pub(super) fn connect(url: &str) -> Outcome<Self> {
        let url = url::Url::parse(url)?;
        let stream = TcpStream::connect(&*url.socket_addrs(|| None)?)?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    pub(super) fn counters(&mut self) -> Outcome<Counters> {
        let request = b"GET /__stats HTTP/1.1\r\nHost: stub\r\nContent-Length: 0\r\n\r\n";
        self.0.get_mut().write_all(request)?;
        Ok(serde_json::from_slice(&read_answer(&mut self.0)?)?)
    }
}

/// The body of an answer whose head says how long it is.
fn read_answer(stream: &mut impl BufRead) -> Outcome<Vec<u8>> {
    let mut length = None;
    let mut line = String::new();
    while stream.read_line(&mut line)? > 0 && line.trim() != "" {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = Some(value.trim().parse()?);
        }
        line.clear();
    }
    let mut body = vec![0; length.ok_or("the stub does not say how long its answer is")?];
    stream.read_exact(&mut body)?;
    Ok(body)
}

impl Counters {
    pub(super) fn since(&self, before: &Self) -> Counted {
        let operations = |counters: &Self| counters.operations.values().sum::<u64>();
        Counted {
            requests: self.requests.saturating_sub(before.requests),
            server_operations: operations(self).saturating_sub(operations(before)),
            server_bytes_out: self.bytes_out.saturating_sub(before.bytes_out),
            server_cpu_s: self.cpu_s - before.cpu_s,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_as_long_as_they_say() {
        let mut stream = &b"HTTP/1.1 200 OK\r\ncontent-LENGTH: 5\r\nA: b\r\n\r\nHello, you"[..];
        assert_eq!(
            read_answer(&mut stream).ok().as_deref(),
            Some(&b"Hello"[..])
        );
        for cut in [
            &b"HTTP/1.1 200 OK\r\n\r\nHello"[..],
            b"Content-Length: 9\r\n\r\nHello",
            b"",
        ] {
            assert!(read_answer(&mut &*cut).is_err());
        }
    }

    #[test]
    fn counters_are_compared() {
        let counters = |requests, queries, creates, bytes_out, cpu_s| Counters {
            requests,
            operations: BTreeMap::from([("query".into(), queries), ("create".into(), creates)]),
            bytes_out,
            cpu_s,
        };
        let counted = counters(5, 9, 3, 700, 1.5).since(&counters(4, 8, 1, 200, 1.0));
        let expected = Counted {
            requests: 1,
            server_operations: 3,
            server_bytes_out: 500,
            server_cpu_s: 0.5,
        };
        assert_eq!(counted, expected);
    }
}
