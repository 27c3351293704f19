//! Who asks for actions and launches them.

use std::sync::OnceLock;

use ftrack_event::Event;
use ftrack_query::{Query, attr};
use serde_json::json;

use crate::error::Result;
use crate::session::{Session, State};

/// The user of a session, as the server's own user interface names users in events.
#[derive(Default)]
struct Asker {
    id: OnceLock<String>,
}

impl State for Asker {
    fn unit_ended(&self, _: u64) {}

    fn closed(&self) {}
}

impl Session {
    /// The event with the user of this session in its source, by id and name, as those who handle actions expect it.
    pub(super) fn with_user(&self, event: Event) -> Event {
        let username = self.api_user();
        let user = match self.user_id() {
            Ok(Some(id)) => json!({"id": id, "username": username}),
            Ok(None) => json!({"username": username}),
            Err(error) => {
                tracing::warn!(%error, username, "the id of the session's user could not be read");
                json!({"username": username})
            }
        };
        event.with_source("user", user)
    }

    /// The id of the session's user; the server is asked for it once.
    fn user_id(&self) -> Result<Option<String>> {
        let asker = self.connection().states.get::<Asker>();
        if let Some(id) = asker.id.get() {
            return Ok(Some(id.clone()));
        }
        let by_name = Query::from("User")
            .select(["id"])
            // People sign in by their e-mail address as well.
            .filter(
                attr("username")
                    .is(self.api_user())
                    .or(attr("email").is(self.api_user())),
            );
        // A unit of its own, so that the user's own one does not get to know an entity that nobody asked for.
        let found = self.begin().query(by_name).first()?;
        let Some(user) = found else {
            return Ok(None);
        };
        Ok(Some(asker.id.get_or_init(|| user.id()).clone()))
    }
}
