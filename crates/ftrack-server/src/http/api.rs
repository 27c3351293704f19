//! `POST /api`.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode};
use http_body_util::{BodyExt, Limited};

use super::request::{caller, is_strict, json, refused, wishes};
use super::{BODY_LIMIT, BODY_TIMEOUT};
use crate::engine::Engine;
use crate::refusal::{Refusal, RefusalKind};

/// What a browser gets that comes by.
pub(super) async fn home() -> &'static str {
    "This is a local ftrack-compatible server. Its API is at /api.\n"
}

/// Answers a batch of operations.
pub(super) async fn answer(
    State(engine): State<Arc<Engine>>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    let is_strict = is_strict(&headers);
    match perform(engine, headers, body).await {
        Ok(answer) => json(StatusCode::OK, answer),
        Err(refusal) => {
            tracing::debug!(
                exception = refusal.kind.exception(),
                message = refusal.message,
                "refused"
            );
            refused(&refusal, is_strict)
        }
    }
}

async fn perform(engine: Arc<Engine>, headers: HeaderMap, body: Body) -> Result<Vec<u8>, Refusal> {
    let caller = caller(&engine, &headers)?;
    let wishes = wishes(&headers);
    let body = read(body).await?;
    // Evaluating and writing to disk take their time: not on the threads that talk to the network.
    tokio::task::spawn_blocking(move || engine.answer(&caller, &body, wishes))
        .await
        .map_err(|_| Refusal::new(RefusalKind::Internal, "the request could not be answered"))?
}

/// Reads a body of bounded size in bounded time.
async fn read(body: Body) -> Result<Bytes, Refusal> {
    let limited = Limited::new(body, BODY_LIMIT);
    match tokio::time::timeout(BODY_TIMEOUT, limited.collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(Refusal::new(
            RefusalKind::TooLarge,
            format!("the request is larger than {BODY_LIMIT} bytes"),
        )),
        Ok(Err(_)) => Err(Refusal::validation(
            "the request ended before it was complete",
        )),
        Err(_) => Err(Refusal::validation("the request took too long to arrive")),
    }
}
