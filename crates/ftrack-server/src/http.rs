//! The server's face to the network.

mod api;
mod body;
mod connections;
mod cors;
mod download;
mod events;
mod faulty;
mod files;
mod headers;
mod listener;
mod local;
mod proxy;
mod request;
mod websocket;
mod widget;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post, put};

pub(crate) use self::connections::Peer;
pub(crate) use self::listener::Listener;

use crate::engine::Engine;
use crate::testing::Switches;

/// Where the switches of a server for tests are.
const LOCAL: &str = "/_local/";

/// All routes.
pub(crate) fn router(engine: Arc<Engine>) -> Router {
    assemble(engine, routes(), events::routes())
}

/// All routes of a server for tests: with its switches, and with what they do to the others.
pub(crate) fn testing_router(engine: Arc<Engine>, switches: &Arc<Switches>) -> Router {
    let faulty = axum::middleware::from_fn_with_state(
        (Arc::clone(&engine), Arc::clone(switches)),
        faulty::pass,
    );
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
        .route("/widget/{name}", get(widget::page))
}

fn assemble(
    engine: Arc<Engine>,
    routes: Router<Arc<Engine>>,
    events: Router<Arc<Engine>>,
) -> Router {
    routes
        .merge(events)
        .layer(axum::middleware::from_fn(cors::allow))
        .layer(axum::middleware::from_fn_with_state(
            Arc::clone(&engine),
            proxy::distrust,
        ))
        .layer(axum::middleware::from_fn(connections::note))
        .layer(DefaultBodyLimit::disable())
        .with_state(engine)
}
