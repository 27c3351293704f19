//! From the HTTP library's errors to ours.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use super::body::Progress;
use crate::{Effort, Error};

/// What an attempt that ended without an answer means.
pub(super) fn of_request(
    error: reqwest::Error,
    origin: &str,
    limit: Duration,
    progress: &Progress,
) -> Error {
    if let Some(failure) = progress.take_failure() {
        return failure;
    }
    // The library's own text would quote the URL.
    let error = error.without_url();
    let effort = Effort::default();
    let origin = origin.to_owned();
    if error.is_builder() {
        return Error::InvalidRequest {
            problem: chain(&error),
        };
    }
    if let Some(tls) = find::<rustls::Error>(&error) {
        let source = match tls {
            rustls::Error::InvalidMessage(_) => NoTls(tls.clone()).into(),
            _ => error.into(),
        };
        return Error::Tls {
            origin,
            effort,
            source,
        };
    }
    if error.is_timeout() {
        return Error::Timeout {
            origin,
            limit,
            sent: !error.is_connect(),
            effort,
        };
    }
    if error.is_connect() || !progress.is_sent() {
        return Error::Connect {
            origin,
            effort,
            source: error.into(),
        };
    }
    Error::ConnectionLost {
        origin,
        effort,
        source: error.into(),
    }
}

/// What the end of an answer before its end means.
pub(super) fn of_body(error: reqwest::Error, origin: &str) -> Error {
    Error::ConnectionLost {
        origin: origin.to_owned(),
        effort: Effort::default(),
        source: error.without_url().into(),
    }
}

/// The texts of an error and its causes in one line.
pub(super) fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

/// What a TLS library calls a corrupt message is most often no message of TLS at all.
#[derive(Debug, thiserror::Error)]
#[error("the server does not seem to speak TLS, so its address may begin with http://")]
struct NoTls(#[source] rustls::Error);

/// The first `T` among the causes, also inside I/O errors.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(found) = cause.downcast_ref::<T>() {
            return Some(found);
        }
        next = match cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    None
}
