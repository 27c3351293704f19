//! What the examples share: a server to run against, a session with it, a folder for files.
#![allow(dead_code, reason = "no example takes all of it")]

use ftrack::prelude::*;
use ftrack::{SessionBuilder, Trace};
use ftrack_server::{RunningServer, Server};

/// What an example answers.
pub(crate) type Outcome = Result<(), Box<dyn std::error::Error>>;

/// A server of our own with a small production on it. It stops when it is dropped.
pub(crate) fn start() -> Result<RunningServer, Box<dyn std::error::Error>> {
    Ok(Server::builder().demo(true).start()?)
}

thread_local! {
    /// The requests of all sessions of this thread, which has run one example: tests pin their number.
    pub(crate) static REQUESTS: Trace = Trace::new();
}

/// A session with that server. With a server of your studio, `Session::from_env()` is all it takes.
pub(crate) fn connect(server: &RunningServer) -> ftrack::Result<Session> {
    builder(server).connect()
}

/// The same, for more to be said.
pub(crate) fn builder(server: &RunningServer) -> SessionBuilder {
    let builder = Session::builder()
        .server_url(server.url())
        .api_user(server.user())
        .api_key(server.api_key())
        .schema_cache(ftrack::SchemaCache::Disabled);
    REQUESTS.with(|trace| builder.trace(trace))
}

/// A folder for files, which is removed when it is dropped, and its path.
pub(crate) fn folder() -> Result<(tempfile::TempDir, String), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().to_str().ok_or("the folder is not Unicode")?;
    let path = path.to_owned();
    Ok((folder, path))
}

/// A picture: one grey pixel as PNG.
pub(crate) const PICTURE: &[u8] = b"\
    \x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\
    \x08\x00\x00\x00\x00\x3a\x7e\x9b\x55\x00\x00\x00\x0a\x49\x44\x41\x54\x78\x9c\x63\x68\x00\x00\x00\
    \x82\x00\x81\x77\xcd\x72\xb6\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";
