//! Pages of the web interface.

mod page;

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use crate::engine::Engine;
use crate::request_error::{RequestError, RequestErrorKind};

/// Shows the page that a token is for.
pub(super) async fn page(
    State(engine): State<Arc<Engine>>,
    Query(parameters): Query<HashMap<String, String>>,
) -> Response {
    let token = parameters.get("token").cloned().unwrap_or_default();
    let cancel = engine.resources.cancel();
    // This ends with the connection; then nobody waits for the page any more.
    let waiting = cancel.on_drop();
    let making = move || {
        let widget = engine.widgets.find(&token);
        let expired = || RequestError::not_found("there is no such page, or it has expired");
        let budget = engine.resources.budget(cancel);
        widget.ok_or_else(expired)?.page(&engine, &budget)
    };
    let outcome = tokio::task::spawn_blocking(making).await;
    drop(waiting);
    let outcome = outcome.unwrap_or_else(|_| {
        let message = "the page could not be made";
        Err(RequestError::new(RequestErrorKind::Internal, message))
    });
    match outcome {
        Ok(page) => Html(page).into_response(),
        Err(error) => {
            let status = StatusCode::from_u16(error.kind.status());
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, error.message).into_response()
        }
    }
}
