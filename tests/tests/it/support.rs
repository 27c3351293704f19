//! Servers and sessions for stories.

use ftrack_server::{RunningServer, Server};
use ftrack_session::{RetryPolicy, SchemaCache, Session, SessionBuilder};

/// A server with the demo production, for one test alone.
pub(crate) fn server() -> RunningServer {
    Server::builder().demo(true).start().unwrap()
}

/// What a session with `server` is made from. Nothing is kept on disk, and nothing is tried twice.
pub(crate) fn builder(server: &RunningServer) -> SessionBuilder {
    builder_for(server.url())
        .api_user(server.user())
        .api_key(server.api_key())
}

/// What a session with any server at `url` is made from.
pub(crate) fn builder_for(url: &str) -> SessionBuilder {
    ftrack_session::SessionBuilder::new()
        .server_url(url)
        .api_user("someone")
        .api_key("a-key-of-no-use")
        .schema_cache(SchemaCache::Disabled)
        .retry(RetryPolicy::none())
}

/// A session with `server`.
pub(crate) fn session(server: &RunningServer) -> Session {
    builder(server).connect().unwrap()
}
