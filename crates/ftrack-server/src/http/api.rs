//! `POST /api`.

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;

use super::body::{Held, read};
use super::request::{answer_options, caller, error_response, is_strict, json};
use crate::action;
use crate::engine::Engine;
use crate::request_error::{RequestError, RequestErrorKind};

/// An answer that is ready to be sent.
struct Ready {
    body: Held,
    examined: u64,
    took: Duration,
    /// How long a batch waited for its turn to write, and how long it had it.
    turn: Option<(Duration, Duration)>,
}

/// What a browser gets that comes by. Programs tell by the header that there is an ftrack server.
pub(super) async fn home() -> impl IntoResponse {
    (
        [("ftrack_version", action::VERSION)],
        "This is a local ftrack-compatible server. Its API is at /api.\n",
    )
}

/// Answers a batch of operations.
pub(super) async fn answer(
    State(engine): State<Arc<Engine>>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    let is_strict = is_strict(&headers);
    match perform(engine, headers, body).await {
        Ok(ready) => {
            let timing = timing(&ready);
            let mut response = json(StatusCode::OK, Bytes::from_owner(ready.body));
            if let Ok(timing) = HeaderValue::from_str(&timing) {
                response.headers_mut().insert("server-timing", timing);
            }
            response
        }
        Err(error) => {
            tracing::debug!(
                exception = error.kind.exception(),
                message = error.message,
                "refused"
            );
            error_response(&error, is_strict)
        }
    }
}

/// How long the answer took, how much of it a batch waited for its turn to write and had it, and how many entities were
/// looked at for it: what tells a query that finds its rows by an index from one that goes through all of them.
fn timing(ready: &Ready) -> String {
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    let mut timing = format!("answer;dur={:.3}", milliseconds(ready.took));
    if let Some((waited, held)) = ready.turn {
        let (waited, held) = (milliseconds(waited), milliseconds(held));
        let _ = write!(timing, ", wait;dur={waited:.3}, turn;dur={held:.3}");
    }
    let _ = write!(timing, ", rows;desc=\"{}\"", ready.examined);
    timing
}

async fn perform(
    engine: Arc<Engine>,
    headers: HeaderMap,
    body: Body,
) -> Result<Ready, RequestError> {
    let caller = caller(&engine, &headers)?;
    let options = answer_options(&headers);
    let body = read(body, &engine.resources.limits, &engine.resources.bodies).await?;
    let cancel = engine.resources.cancel();
    // This ends with the connection; then nobody waits for the answer any more.
    let waiting = cancel.on_drop();
    // Evaluating and writing to disk take their time: not on the threads that talk to the network.
    let answering = move || {
        let start = Instant::now();
        let budget = engine.resources.budget(cancel);
        let answer = action::answer(&engine, &caller, body.as_ref(), options, &budget)?;
        let (took, turn, share) = (start.elapsed(), budget.turn(), budget.into_answer());
        Ok(Ready {
            body: Held::new(answer.body, share),
            examined: answer.examined,
            took,
            turn,
        })
    };
    let answered = tokio::task::spawn_blocking(answering).await;
    drop(waiting);
    answered.map_err(|_| {
        RequestError::new(
            RequestErrorKind::Internal,
            "the request could not be answered",
        )
    })?
}
