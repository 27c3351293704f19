//! What requests say in their headers, and how errors are answered.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode, header};
use futures_util::StreamExt;

use super::headers::{readings, text};
use super::proxy::reached_at;
use crate::caller::{AnswerOptions, Caller, Tokens};
use crate::engine::Engine;
use crate::request_error::{RequestError, RequestErrorKind};

/// Who has these credentials: those of the address if it has any, else those of the headers.
pub(super) fn authenticate(
    engine: &Engine,
    headers: &HeaderMap,
    username: Option<&str>,
    key: Option<&str>,
) -> Result<Caller, RequestError> {
    let names = match username {
        Some(name) => vec![name.to_owned()],
        None => readings(headers, "ftrack-user"),
    };
    let keys = match key {
        Some(key) => vec![key.to_owned()],
        None => readings(headers, "ftrack-api-key"),
    };
    let key = keys.first().map(String::as_str);
    let mut outcome = engine.authenticate(names.first().map(String::as_str), key);
    for name in names.iter().skip(1) {
        if outcome.is_err() {
            outcome = engine.authenticate(Some(name), key);
        }
    }
    outcome
}

/// Who sent the request, by its headers.
pub(super) fn caller(engine: &Engine, headers: &HeaderMap) -> Result<Caller, RequestError> {
    let caller = authenticate(engine, headers, None, None)?;
    let tokens = Tokens::new(headers);
    let reached = reached_at(headers);
    Ok(Caller {
        tokens,
        reached,
        ..caller
    })
}

/// Whether errors are to carry an error status.
pub(super) fn is_strict(headers: &HeaderMap) -> bool {
    let is_set = |value: &str| value.trim().eq_ignore_ascii_case("true");
    text(headers, "ftrack-strict-api").is_some_and(is_set)
        || options(headers).any(|(name, value)| name == "strict" && value == "1")
}

/// How the client wants its answer.
pub(super) fn answer_options(headers: &HeaderMap) -> AnswerOptions {
    let denormalize = options(headers).any(|(name, value)| name == "denormalize" && value == "1");
    AnswerOptions {
        denormalize,
        strict: is_strict(headers),
    }
}

/// The pairs of `ftrack-api-options: strict:1;denormalize:1`.
fn options(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    text(headers, "ftrack-api-options")
        .unwrap_or_default()
        .split(';')
        .filter_map(|option| option.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim()))
}

/// An answer in JSON.
pub(super) fn json(status: StatusCode, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    response
}

/// The answer to a refused request.
pub(super) fn error_response(error: &RequestError, is_strict: bool) -> Response<Body> {
    // Clients send a write again by this status only, which says that nothing was done.
    let is_crowded = error.kind == RequestErrorKind::Crowded;
    let status = if is_strict || is_crowded {
        error.kind.status()
    } else {
        200
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json(status, error.to_json().to_string().into_bytes());
    if is_crowded {
        let seconds = header::HeaderValue::from_static("1");
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

/// How much of a request that is refused is read nevertheless, in bytes.
const MOST_DISCARDED: usize = 64 * 1024 * 1024;

/// For how long it is read.
const LONGEST_DISCARDING: Duration = Duration::from_secs(10);

/// Reads a body that nobody wants: a client that is still sending when the connection ends may never see the answer
/// that says why. Whoever sends without an end is not listened to for ever.
pub(super) async fn discard(body: Body) {
    let mut data = body.into_data_stream();
    let mut read = 0;
    let reading = async {
        while let Some(Ok(chunk)) = data.next().await {
            read += chunk.len();
            if read > MOST_DISCARDED {
                break;
            }
        }
    };
    // Either way it is over, and there is nobody to tell.
    let _ = tokio::time::timeout(LONGEST_DISCARDING, reading).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_told_that_they_may_send_a_write_again() {
        let error = RequestError::new(RequestErrorKind::Crowded, "later");
        for is_strict in [false, true] {
            let answer = error_response(&error, is_strict);
            assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
            assert!(answer.headers().contains_key(header::RETRY_AFTER));
        }
        let error = RequestError::new(RequestErrorKind::Busy, "no");
        assert_eq!(error_response(&error, false).status(), StatusCode::OK);
        let strict = error_response(&error, true);
        assert_eq!(strict.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
