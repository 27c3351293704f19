//! `/_local/`: the switches of a server for tests.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::post;
use axum::{Extension, Router};

use super::request::{caller, error_response, json};
use crate::engine::Engine;
use crate::request_error::{RequestError, RequestErrorKind};
use crate::testing::{Order, Switches};

/// The routes of the switches.
pub(super) fn routes(switches: Arc<Switches>) -> Router<Arc<Engine>> {
    Router::new()
        .route("/_local/reset", post(reset))
        .route("/_local/faults", post(arm).delete(clear))
        .layer(Extension(switches))
}

/// Goes back to the start.
async fn reset(
    State(engine): State<Arc<Engine>>,
    Extension(switches): Extension<Arc<Switches>>,
    headers: HeaderMap,
) -> Response<Body> {
    let outcome = match caller(&engine, &headers) {
        Ok(_) => {
            switches.clear();
            rewind(engine).await
        }
        Err(error) => Err(error),
    };
    answer(outcome)
}

async fn rewind(engine: Arc<Engine>) -> Result<(), RequestError> {
    let message = "the start state is out of reach";
    let unreachable = || RequestError::new(RequestErrorKind::Internal, message);
    let outcome = tokio::task::spawn_blocking(move || engine.reset()).await;
    outcome.map_err(|_| unreachable())?.map_err(|error| {
        let error = &error as &dyn std::error::Error;
        tracing::error!(error, "the server stays as it is");
        unreachable()
    })
}

/// Lets requests fail, or websockets drop.
async fn arm(
    State(engine): State<Arc<Engine>>,
    Extension(switches): Extension<Arc<Switches>>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    if let Err(error) = caller(&engine, &headers) {
        return error_response(&error, true);
    }
    let body = super::body::read(body, &engine.resources.limits, &engine.resources.bodies).await;
    let outcome = body
        .and_then(|body| Order::parse(body.as_ref()))
        .map(|order| match order {
            Order::Fail(fault) => switches.arm(fault),
            Order::DropWebsockets => switches.drop_websockets(),
        });
    answer(outcome)
}

/// Lets everything succeed again.
async fn clear(
    State(engine): State<Arc<Engine>>,
    Extension(switches): Extension<Arc<Switches>>,
    headers: HeaderMap,
) -> Response<Body> {
    answer(caller(&engine, &headers).map(|_| switches.clear()))
}

fn answer(outcome: Result<(), RequestError>) -> Response<Body> {
    match outcome {
        Ok(()) => json(StatusCode::OK, br#"{"success":true}"#.to_vec()),
        Err(error) => error_response(&error, true),
    }
}
