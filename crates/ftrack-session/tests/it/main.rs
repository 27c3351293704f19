//! Sessions against a local server in the same process, and against scripted answers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests fail by panicking"
)]

mod actions;
mod cache;
mod commit;
mod custom_attributes;
mod customise;
mod data;
#[cfg(feature = "deadlock-detection")]
#[path = "../../../ftrack-event/tests/it/deadlocks.rs"]
mod deadlocks;
mod documented;
mod dropping;
mod effective;
mod encode;
mod ensure;
mod errors;
mod events;
mod formatter;
mod groups;
mod helpers;
mod inspect;
mod load;
mod location;
mod media;
mod metadata;
mod ownership;
mod query;
mod regressions;
mod requests;
mod retention;
mod scripted;
mod server_accessor;
mod sparse;
mod start;
mod storage_scenario;
mod threads;
mod units;
mod update;
mod wire;

use ftrack_server::{RunningServer, Server};
use ftrack_session::{Entity, SchemaCache, Session, SessionBuilder};

/// A server with the demo production, and a session with it.
struct Studio {
    session: Session,
    server: RunningServer,
}

impl Studio {
    fn new() -> Self {
        let server = Server::builder().demo(true).start().unwrap();
        let session = builder(&server).connect().unwrap();
        Self { session, server }
    }

    /// A second session with the same server.
    fn other_session(&self) -> Session {
        builder(&self.server).connect().unwrap()
    }

    fn project(&self) -> Entity {
        self.session
            .query("Project where name is last_lantern")
            .one()
            .unwrap()
    }
}

fn builder(server: &RunningServer) -> SessionBuilder {
    #[cfg(feature = "deadlock-detection")]
    deadlocks::watch();
    ftrack_session::SessionBuilder::new()
        .server_url(server.url())
        .api_user(server.user())
        .api_key(server.api_key())
        .schema_cache(SchemaCache::Disabled)
}
