//! `/socket.io/`: the handshake, and the websocket that follows.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Response};
use axum::response::IntoResponse;
use axum::routing::get;

use super::request::{refused, text};
use crate::engine::Engine;
use crate::refusal::{Refusal, RefusalKind};

/// The largest packet that a client may send, in bytes.
const PACKET_LIMIT: usize = 16 * 1024 * 1024;

/// What is read at a time. There may be thousands of connections, most of them idle.
const READ_BUFFER: usize = 8 * 1024;

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
    let username = text(&headers, "ftrack-user").or(query.api_user.as_deref());
    let key = text(&headers, "ftrack-api-key").or(query.api_key.as_deref());
    match engine.authenticate(username, key) {
        Ok(caller) => engine.events.invite(caller).into_response(),
        Err(refusal) => refused(&refusal, true),
    }
}

/// Opens the websocket of whoever has a ticket.
async fn open(
    State(engine): State<Arc<Engine>>,
    Path(ticket): Path<String>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response<Body> {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let Some(caller) = engine.events.admit(&ticket) else {
        let refusal = Refusal::new(
            RefusalKind::Credentials,
            "the handshake is unknown, used or too old",
        );
        return refused(&refusal, true);
    };
    upgrade
        .max_message_size(PACKET_LIMIT)
        .max_frame_size(PACKET_LIMIT)
        .read_buffer_size(READ_BUFFER)
        .on_upgrade(async move |socket| engine.events.serve(socket, &caller).await)
}
