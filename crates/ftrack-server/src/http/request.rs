//! What requests say in their headers, and how refusals are answered.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode, header};
use futures_util::StreamExt;

use crate::caller::{Caller, Tokens, Wishes};
use crate::engine::Engine;
use crate::refusal::Refusal;

/// The text of a header.
pub(super) fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Who sent the request, by its headers.
pub(super) fn caller(engine: &Engine, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let caller = engine.authenticate(
        text(headers, "ftrack-user"),
        text(headers, "ftrack-api-key"),
    )?;
    let tokens = Tokens::new(headers);
    Ok(Caller { tokens, ..caller })
}

/// Whether errors are to carry an error status.
pub(super) fn is_strict(headers: &HeaderMap) -> bool {
    let is_set = |value: &str| value.trim().eq_ignore_ascii_case("true");
    text(headers, "ftrack-strict-api").is_some_and(is_set)
        || options(headers).any(|(name, value)| name == "strict" && value == "1")
}

/// How the client wants its answer.
pub(super) fn wishes(headers: &HeaderMap) -> Wishes {
    let denormalize = options(headers).any(|(name, value)| name == "denormalize" && value == "1");
    Wishes { denormalize }
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
pub(super) fn json(status: StatusCode, body: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    response
}

/// The answer to a refused request.
pub(super) fn refused(refusal: &Refusal, is_strict: bool) -> Response<Body> {
    let status = if is_strict {
        refusal.kind.status()
    } else {
        200
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    json(status, refusal.to_json().to_string().into_bytes())
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
