//! `POST /api`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use futures_util::StreamExt;

use super::request::{caller, is_strict, json, refused, wishes};
use super::{BODY_LIMIT, BODY_TIMEOUT, DRAIN_LIMIT};
use crate::action::{self, Answered};
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
        Ok((answer, took)) => {
            let timing = timing(&answer, took);
            let mut response = json(StatusCode::OK, answer.body);
            if let Ok(timing) = HeaderValue::from_str(&timing) {
                response.headers_mut().insert("server-timing", timing);
            }
            response
        }
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

/// How long the answer took, and how many entities were looked at for it: what tells a query that finds its rows by an
/// index from one that goes through all of them.
fn timing(answer: &Answered, took: Duration) -> String {
    let milliseconds = took.as_secs_f64() * 1e3;
    format!(
        "answer;dur={milliseconds:.3}, rows;desc=\"{}\"",
        answer.examined
    )
}

async fn perform(
    engine: Arc<Engine>,
    headers: HeaderMap,
    body: Body,
) -> Result<(Answered, Duration), Refusal> {
    let caller = caller(&engine, &headers)?;
    let wishes = wishes(&headers);
    let body = read(body).await?;
    // Evaluating and writing to disk take their time: not on the threads that talk to the network.
    let answering = move || {
        let start = Instant::now();
        let answer = action::answer(&engine, &caller, &body, wishes)?;
        Ok((answer, start.elapsed()))
    };
    tokio::task::spawn_blocking(answering)
        .await
        .map_err(|_| Refusal::new(RefusalKind::Internal, "the request could not be answered"))?
}

/// Reads a body of bounded size in bounded time.
///
/// What is too large is read on for a while and forgotten: a client that is still sending does not
/// see the answer otherwise.
pub(super) async fn read(body: Body) -> Result<Vec<u8>, Refusal> {
    let mut collected = Vec::new();
    let mut size = 0;
    let mut data = body.into_data_stream();
    let reading = async {
        while let Some(chunk) = data.next().await {
            let chunk = chunk
                .map_err(|_| Refusal::validation("the request ended before it was complete"))?;
            size += chunk.len();
            if size <= BODY_LIMIT {
                collected.extend_from_slice(&chunk);
            } else if size <= DRAIN_LIMIT {
                collected = Vec::new();
            } else {
                break;
            }
        }
        Ok(())
    };
    match tokio::time::timeout(BODY_TIMEOUT, reading).await {
        Ok(outcome) => outcome?,
        Err(_) => return Err(Refusal::validation("the request took too long to arrive")),
    }
    if size > BODY_LIMIT {
        let message = format!("the request is larger than {BODY_LIMIT} bytes");
        return Err(Refusal::new(RefusalKind::TooLarge, message));
    }
    Ok(collected)
}
