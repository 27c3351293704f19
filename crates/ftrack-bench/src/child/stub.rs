//! The counters of the stand-in for a server.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Outcome;
use crate::http::Connection;

/// A connection for the counters alone, so that reading them disturbs nothing that is measured.
pub(super) struct Stub(Connection);

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
        let addresses = url.socket_addrs(|| None)?;
        Ok(Self(Connection::open(&*addresses)?))
    }

    pub(super) fn counters(&mut self) -> Outcome<Counters> {
        let answer = self.0.send("GET", "/__stats", "", b"")?;
        Ok(serde_json::from_slice(&answer.body)?)
    }
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
