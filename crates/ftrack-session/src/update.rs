//! What an `ftrack.update` says.

mod changed;

use ftrack_entity::Schema;
use ftrack_event::Event;
use serde_json::Value as Json;

pub use self::changed::{AttributeUpdate, EntityUpdate, UpdateAction};
use crate::error::{Error, ErrorKind, Result};

/// The topic of the events that a server publishes after each commit of anybody.
const TOPIC: &str = "ftrack.update";

/// An `ftrack.update` in the terms of the schema: a server tells what was changed by the names of its tables and
/// columns, such as `task` for a shot and `statusid` for its `status_id`.
///
/// ```
/// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
/// use ftrack_session::Update;
///
/// let weak = session.downgrade();
/// session.event_hub().subscribe("topic=ftrack.update", move |event| {
///     let session = weak.upgrade().ok_or("the session is gone")?;
///     for task in Update::from_event(session.schema(), event)?.changes_of("Task") {
///         if let Some(status) = task.attribute("status_id") {
///             println!("{}: {} to {}", task.entity_id(), status.before(), status.after());
///         }
///     }
///     Ok(None)
/// })?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Update<'a> {
    schema: &'a Schema,
    data: &'a Json,
    entities: &'a [Json],
}

impl<'a> Update<'a> {
    /// The update that `event` is, with the names that `schema` has for its tables and columns; see
    /// [`Session::schema`](crate::Session::schema).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if the event has another topic, [`ErrorKind::EventHubPacket`] if there is no list
    /// of entities in it.
    pub fn from_event(schema: &'a Schema, event: &'a Event) -> Result<Self> {
        if event.topic != TOPIC {
            let message = format!("an event of the topic {:?} is not an {TOPIC}", event.topic);
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let entities = event.data.get("entities").and_then(Json::as_array);
        let entities = entities.ok_or_else(|| {
            let message = format!("the {TOPIC} {} has no list of entities", event.id);
            Error::new(ErrorKind::EventHubPacket, message)
        })?;
        Ok(Self {
            schema,
            data: &event.data,
            entities,
        })
    }

    /// The entities that were created, changed or deleted, in the order of the event. What does not say which entity it
    /// is about is left out.
    pub fn changes(&self) -> impl Iterator<Item = EntityUpdate<'a>> + use<'a> {
        let schema = self.schema;
        let told = self.entities.iter();
        told.filter_map(move |told| EntityUpdate::read(schema, told))
    }

    /// As [`changes`](Self::changes), for the entities of a type and of the kinds of it: those of `TypedContext` are
    /// shots and tasks alike.
    pub fn changes_of(
        &self,
        entity_type: &str,
    ) -> impl Iterator<Item = EntityUpdate<'a>> + use<'a> {
        let base = self.schema.get(entity_type);
        self.changes()
            .filter(move |entity| base.is_some_and(|base| entity.is_kind_of(base)))
    }

    /// The id of the user who committed, if the event says it.
    pub fn user_id(&self) -> Option<&'a str> {
        self.data.get("user")?.get("userid")?.as_str()
    }

    /// The token of the client that committed, by which a session tells its own commits from those of others.
    pub fn client_token(&self) -> Option<&'a str> {
        self.data.get("clientToken")?.as_str()
    }
}
