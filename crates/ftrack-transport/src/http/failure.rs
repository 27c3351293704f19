//! What the HTTP library's errors mean.

use std::time::Duration;

use super::body::Progress;
use crate::error::{Error, RetryStatistics};
use crate::failure;

/// Where an attempt goes.
#[derive(Clone, Copy)]
pub(super) struct Route<'a> {
    pub(super) origin: &'a str,
    /// The origin of the proxy, if there is one.
    pub(super) proxy: Option<&'a str>,
}

impl Route<'_> {
    /// What an attempt that ended without an answer means.
    pub(super) fn failed(
        self,
        error: reqwest::Error,
        limit: Duration,
        progress: &Progress,
    ) -> Error {
        if let Some(failure) = progress.take_failure() {
            return failure;
        }
        // The library's own text would quote the URL.
        let error = error.without_url();
        if error.is_builder() {
            return Error::InvalidRequest {
                problem: failure::chain(&error),
            };
        }
        if let Some(tls) = failure::handshake_error(&error, self.origin) {
            return tls;
        }
        let origin = self.origin.to_owned();
        let statistics = RetryStatistics::default();
        let never_connected = error.is_connect() || !progress.is_sent();
        match self.proxy {
            Some(proxy) if never_connected => {
                failure::proxy_error(error.into(), origin, proxy.to_owned())
            }
            _ if error.is_timeout() => Error::Timeout {
                origin,
                limit,
                sent: !error.is_connect(),
                statistics,
            },
            _ if never_connected => Error::Connect {
                origin,
                statistics,
                source: error.into(),
            },
            _ => Error::ConnectionLost {
                origin,
                statistics,
                source: error.into(),
            },
        }
    }

    /// What silence means.
    pub(super) fn timed_out(self, limit: Duration, sent: bool) -> Error {
        match self.proxy {
            Some(proxy) if !sent => {
                let problem = format!("no connection within {limit:?}");
                let source = std::io::Error::new(std::io::ErrorKind::TimedOut, problem);
                failure::proxy_error(source.into(), self.origin.to_owned(), proxy.to_owned())
            }
            _ => Error::Timeout {
                origin: self.origin.to_owned(),
                limit,
                sent,
                statistics: RetryStatistics::default(),
            },
        }
    }
}

/// What the end of an answer before its end means.
pub(super) fn body_error(error: reqwest::Error, origin: &str) -> Error {
    Error::ConnectionLost {
        origin: origin.to_owned(),
        statistics: RetryStatistics::default(),
        source: error.without_url().into(),
    }
}
