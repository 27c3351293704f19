//! The server's face to the network.

mod api;
mod cors;
mod download;
mod files;
mod listener;
mod request;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post, put};

pub(crate) use self::download::content_type;
pub(crate) use self::listener::Listener;
pub(crate) use self::request::{refused, text};

use crate::engine::Engine;
use crate::event;

/// The largest body of a request to `/api`, in bytes.
pub(crate) const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// How much of a larger body is read and thrown away, so that the client gets to read why.
const DRAIN_LIMIT: usize = 4 * BODY_LIMIT;

/// How long a connection may be silent.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// How long a client may take to send the body of a request to `/api`.
pub(crate) const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// All routes.
pub(crate) fn router(engine: Arc<Engine>) -> Router {
    Router::new()
        .route("/", get(api::home))
        .route("/api", post(api::answer))
        .route("/upload/{token}", put(files::put).delete(files::abort))
        .route("/upload/{token}/{part}", put(files::put_part))
        .route("/component/get", get(files::get))
        .route("/component/thumbnail", get(files::thumbnail))
        .route("/component/remove", get(files::remove))
        .route("/img/thumbnail2.png", get(files::default_image))
        .layer(axum::middleware::from_fn(cors::allow))
        .merge(event::routes())
        .layer(DefaultBodyLimit::disable())
        .with_state(engine)
}
