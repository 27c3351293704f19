//! `/_local/`: the switches of a server for tests.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::post;
use axum::{Extension, Router};

use super::request::{caller, json, refused};
use crate::engine::Engine;
use crate::refusal::{Refusal, RefusalKind};
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
        Err(refusal) => Err(refusal),
    };
    answer(outcome)
}

async fn rewind(engine: Arc<Engine>) -> Result<(), Refusal> {
    let refusal = || Refusal::new(RefusalKind::Internal, "the start state is out of reach");
    let outcome = tokio::task::spawn_blocking(move || engine.reset()).await;
    outcome.map_err(|_| refusal())?.map_err(|error| {
        let error = &error as &dyn std::error::Error;
        tracing::error!(error, "the server stays as it is");
        refusal()
    })
}

/// Lets requests fail, or websockets drop.
async fn arm(
    State(engine): State<Arc<Engine>>,
    Extension(switches): Extension<Arc<Switches>>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    if let Err(refusal) = caller(&engine, &headers) {
        return refused(&refusal, true);
    }
    let body = super::api::read(body).await;
    let outcome = body
        .and_then(|body| Order::parse(&body))
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

fn answer(outcome: Result<(), Refusal>) -> Response<Body> {
    match outcome {
        Ok(()) => json(StatusCode::OK, br#"{"success":true}"#.to_vec()),
        Err(refusal) => refused(&refusal, true),
    }
}
