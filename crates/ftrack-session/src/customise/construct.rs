//! The event that asks for changes of an entity type.

use std::fmt;
use std::sync::Arc;

use ftrack_entity::{EntityType, Schema};
use ftrack_event::Event;
use parking_lot::Mutex;
use serde_json::json;

use super::Customisation;
use crate::error::Result;
use crate::session::Change;

/// Published for each entity type while a session starts.
pub(crate) const TOPIC: &str = "ftrack.api.session.construct-entity-type";

/// An entity type that is being made, attached as `entity_type` to the event
/// `ftrack.api.session.construct-entity-type` (product documentation, "Event list"; "Working with entities",
/// Customising entity types).
///
/// The event is published once for each type when a session starts, after its plugins are registered. Its data names
/// the type as `schema.id`, so that a subscription can ask for one type only. Handlers change the type one after the
/// other, in the order of their priorities; one that fails leaves it as it was.
///
/// ```
/// use ftrack_session::{ConstructEntityType, Result, Session};
///
/// fn register(session: &Session) -> Result<()> {
///     let users = "topic=ftrack.api.session.construct-entity-type and data.schema.id=User";
///     session.event_hub().subscribe(users, |event| {
///         let user = event.attachment::<ConstructEntityType>("entity_type").ok_or("no entity type")?;
///         user.customise(|user| Ok(user.default_projections(["id", "username"])))?;
///         Ok(None)
///     })?;
///     Ok(())
/// }
///
/// let builder = ftrack_session::SessionBuilder::new().plugin(register);
/// ```
pub struct ConstructEntityType {
    state: Mutex<Customisation>,
}

impl ConstructEntityType {
    pub(crate) fn new(definition: EntityType) -> Self {
        Self {
            state: Mutex::new(Customisation::new(definition)),
        }
    }

    /// The name of the type.
    pub fn name(&self) -> &'static str {
        self.state.lock().definition.name().as_str()
    }

    /// The type as it is so far.
    pub fn definition(&self) -> EntityType {
        self.state.lock().definition.clone()
    }

    /// Changes the type, as [`SessionBuilder::customise`](crate::SessionBuilder::customise) does.
    ///
    /// # Errors
    ///
    /// What `change` fails with; the type then is what it was before.
    pub fn customise(
        &self,
        change: impl FnOnce(Customisation) -> Result<Customisation>,
    ) -> Result<()> {
        let current = self.state.lock().clone();
        let changed = change(current)?;
        *self.state.lock() = changed;
        Ok(())
    }

    /// Makes changes that somebody made elsewhere.
    pub(crate) fn apply(&self, changes: &[Change]) -> Result<()> {
        self.customise(|mut customisation| {
            for change in changes {
                customisation = customisation.with(change.clone())?;
            }
            Ok(customisation)
        })
    }

    /// Whether it is no longer what it was.
    pub(crate) fn is_changed(&self) -> bool {
        !self.state.lock().changes.is_empty()
    }

    /// The changes so far, and the type that they made.
    pub(crate) fn finish(&self) -> (EntityType, Vec<Change>) {
        let state = self.state.lock();
        (state.definition.clone(), state.changes.clone())
    }

    /// The event that asks for changes of this type; `schema` is what the server has.
    pub(crate) fn event(self: &Arc<Self>, schema: &Arc<Schema>) -> Event {
        let definition = self.definition();
        let primary_key: Vec<&str> = definition
            .primary_key()
            .map(ftrack_entity::Attribute::name)
            .collect();
        let data = json!({"schema": {
            "id": definition.name().as_str(),
            "primary_key": primary_key,
            "default_projections": definition.default_projections(),
        }});
        Event::new(TOPIC)
            .with_data(data)
            .attach("entity_type", Arc::clone(self))
            .attach("schemas", Arc::clone(schema))
    }
}

impl fmt::Debug for ConstructEntityType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("ConstructEntityType")
            .field(&self.name())
            .finish()
    }
}
