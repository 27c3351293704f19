//! `/socket.io/`: the handshake, and the websocket that follows.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, Response};
use axum::response::IntoResponse;
use axum::routing::get;

use super::request::{authenticate, error_response};
use super::websocket::Upgrade;
use crate::engine::Engine;
use crate::request_error::{RequestError, RequestErrorKind};

/// The routes of the event server.
pub(super) fn routes() -> Router<Arc<Engine>> {
    Router::new()
        .route("/socket.io/1", get(shake_hands))
        .route("/socket.io/1/", get(shake_hands))
        .route("/socket.io/1/websocket/{ticket}", get(open))
}

/// Credentials in the address: browsers cannot set headers on everything.
#[derive(Debug, Default, serde::Deserialize)]
struct Credentials {
    api_user: Option<String>,
    api_key: Option<String>,
}

/// Gives a ticket to whoever has credentials.
async fn shake_hands(
    State(engine): State<Arc<Engine>>,
    headers: HeaderMap,
    query: Result<Query<Credentials>, QueryRejection>,
) -> Response<Body> {
    let Query(query) = query.unwrap_or_default();
    let (user, key) = (query.api_user.as_deref(), query.api_key.as_deref());
    // What the headers say comes first, as far as they say it.
    let user = user.filter(|_| !headers.contains_key("ftrack-user"));
    let key = key.filter(|_| !headers.contains_key("ftrack-api-key"));
    match authenticate(&engine, &headers, user, key) {
        Ok(caller) => engine.events.invite(caller).into_response(),
        Err(error) => error_response(&error, true),
    }
}

/// Opens the websocket of whoever has a ticket.
async fn open(
    State(engine): State<Arc<Engine>>,
    Path(ticket): Path<String>,
    mut request: Request,
) -> Response<Body> {
    let upgrade = match Upgrade::new(&mut request) {
        Ok(upgrade) => upgrade,
        Err(error) => return error_response(&error, true),
    };
    let Some(caller) = engine.events.admit(&ticket) else {
        let error = RequestError::new(
            RequestErrorKind::Credentials,
            "the handshake is unknown, used or too old",
        );
        return error_response(&error, true);
    };
    upgrade.serve(async move |socket| {
        let is_welcome = || engine.grants.holder(caller.grant).is_some();
        engine.events.serve(socket, &caller, is_welcome).await;
    })
}
