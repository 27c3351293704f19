//! A server for each test, and a session with it.

use ftrack::prelude::*;
use ftrack_server::{RunningServer, Server};

/// A studio of a test's own. Dropping it stops the server.
pub(crate) struct Studio {
    pub(crate) server: RunningServer,
    pub(crate) session: Session,
}

/// The demo production has the same entities and ids in every run.
pub(crate) fn studio() -> Studio {
    let server = Server::builder().demo(true).start().unwrap();
    let session = connect(&server);
    Studio { server, session }
}

/// A second session shows what is on the server, and not what the first one remembers.
pub(crate) fn connect(server: &RunningServer) -> Session {
    Session::builder()
        .server_url(server.url())
        .api_user(server.user())
        .api_key(server.api_key())
        .connect()
        .unwrap()
}
