//! The server's face to the network.

mod api;
mod cors;
mod download;
mod events;
mod faulty;
mod files;
mod listener;
mod local;
mod request;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post, put};

pub(crate) use self::listener::Listener;

use crate::engine::Engine;
use crate::testing::Switches;

/// The largest body of a request to `/api`, in bytes.
pub(crate) const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// How much of a larger body is read and thrown away, so that the client gets to read why.
const DRAIN_LIMIT: usize = 4 * BODY_LIMIT;

/// How long a connection may be silent.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// How long a client may take to send the body of a request to `/api`.
pub(crate) const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// Where the switches of a server for tests are.
const LOCAL: &str = "/_local/";

/// All routes.
pub(crate) fn router(engine: Arc<Engine>) -> Router {
    assemble(engine, routes(), events::routes())
}

/// All routes of a server for tests: with its switches, and with what they do to the others.
pub(crate) fn testing_router(engine: Arc<Engine>, switches: &Arc<Switches>) -> Router {
    let faulty = axum::middleware::from_fn_with_state(Arc::clone(switches), faulty::pass);
    let routes = routes().merge(local::routes(Arc::clone(switches)));
    assemble(
        engine,
        routes.layer(faulty.clone()),
        events::routes().layer(faulty),
    )
}

fn routes() -> Router<Arc<Engine>> {
    Router::new()
        .route("/", get(api::home))
        .route("/api", post(api::answer))
        .route("/upload/{token}", put(files::put).delete(files::abort))
        .route("/upload/{token}/{part}", put(files::put_part))
        .route("/component/get", get(files::get))
        .route("/component/thumbnail", get(files::thumbnail))
        .route("/component/remove", get(files::remove))
        .route("/img/thumbnail2.png", get(files::default_image))
}

fn assemble(
    engine: Arc<Engine>,
    routes: Router<Arc<Engine>>,
    events: Router<Arc<Engine>>,
) -> Router {
    routes
        .layer(axum::middleware::from_fn(cors::allow))
        .merge(events)
        .layer(DefaultBodyLimit::disable())
        .with_state(engine)
}
