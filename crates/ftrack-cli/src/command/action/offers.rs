//! What is offered for a selection.

use std::time::Duration;

use clap::Args;
use ftrack::{DiscoveredAction, Entity, Session};

use crate::connection::connect;
use crate::failure::Failure;
use crate::options::{self, Connection, Named};
use crate::resolve::resolve_all;
use crate::terminal::interruption::close_when_interrupted;

/// For what actions are asked, and how long.
#[derive(Debug, Args)]
pub(super) struct Selection {
    /// The entities that are selected: paths from the project, TYPE:ID, or TYPE:NAME.
    #[arg(value_name = "ENTITY")]
    entities: Vec<Named>,
    /// Seconds to wait for actions to respond.
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = options::seconds)]
    collect: Duration,
    #[command(flatten)]
    connection: Connection,
}

impl Selection {
    pub(super) fn collect(&self) -> Duration {
        self.collect
    }
}

/// A session, what is selected in it, and what is offered for that.
pub(super) struct Offers {
    pub(super) session: Session,
    pub(super) selection: Vec<Entity>,
    pub(super) actions: Vec<DiscoveredAction>,
}

impl Offers {
    pub(super) fn discover(selection: &Selection) -> Result<Self, Failure> {
        let session = connect(&selection.connection)?;
        close_when_interrupted(&session)?;
        let entities = resolve_all(&session, &selection.entities, None)?;
        session.event_hub().connect()?;
        let actions = session.discover_actions(&entities, selection.collect)?;
        Ok(Self {
            session,
            selection: entities,
            actions,
        })
    }
}
