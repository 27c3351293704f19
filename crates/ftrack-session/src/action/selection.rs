//! What an action is for.

use std::collections::BTreeMap;

use ftrack_entity::Key;
use ftrack_event::Event;
use serde_json::{Value as Json, json};

use crate::entity::Entity;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::query_text::keys_conditions;
use crate::session::Session;

/// What the web interface calls components of every type in events.
const COMPONENT: &str = "Component";

/// How many entities one query asks for.
const CHUNK: usize = 500;

/// What a user has selected when an [`Action`](crate::Action) is discovered or launched.
#[derive(Debug, Clone)]
pub struct Selection {
    session: Session,
    entities: Vec<SelectedEntity>,
    event: Event,
}

/// One selected entity, as events name it.
///
/// ```
/// # fn example(task: &ftrack_session::Entity) {
/// use ftrack_session::SelectedEntity;
///
/// let selected = SelectedEntity::from(task);
/// assert_eq!((selected.entity_type.as_str(), selected.entity_id), ("task", task.id()));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct SelectedEntity {
    /// The server's own name for the type: `task` for tasks, shots and all else that is in a project, `show` for
    /// projects, `assetversion` for versions; `Component`, with a capital, for components of every type.
    pub entity_type: String,
    /// The id.
    pub entity_id: String,
}

impl From<&Entity> for SelectedEntity {
    fn from(entity: &Entity) -> Self {
        let entity_type = match entity.entity_type() {
            "Component" | "FileComponent" | "SequenceComponent" | "ContainerComponent" => COMPONENT,
            _ => entity.definition().table(),
        };
        Self {
            entity_type: entity_type.to_owned(),
            entity_id: entity.id(),
        }
    }
}

impl Selection {
    /// What is selected according to an event; what cannot be read is left out.
    pub(super) fn from_event(session: Session, event: &Event) -> Self {
        let listed = event.data.get("selection").and_then(Json::as_array);
        let entities = listed.into_iter().flatten().filter_map(|selected| {
            let text = |name| selected.get(name).and_then(Json::as_str);
            Some(SelectedEntity {
                entity_type: text("entityType")?.to_owned(),
                entity_id: text("entityId")?.to_owned(),
            })
        });
        Self {
            entities: entities.collect(),
            event: event.clone(),
            session,
        }
    }

    /// The session to work with: a unit of work for this event alone. What is done in it has to be committed.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The whole event that asks: what else is in its data, such as the keys of the
    /// [offer](crate::ActionOffer::with) that was chosen, and where it comes from.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// The name of the user who asks.
    pub fn user(&self) -> Option<&str> {
        self.user_text("username")
    }

    /// The id of the user who asks, where the event says it, as those of the web interface and of
    /// [`Session::launch_action`] do.
    pub fn user_id(&self) -> Option<&str> {
        self.user_text("id")
    }

    fn user_text(&self, name: &str) -> Option<&str> {
        self.event.source.get("user")?.get(name)?.as_str()
    }

    /// What is selected, as the event says; asks nobody.
    pub fn selected(&self) -> &[SelectedEntity] {
        &self.entities
    }

    /// Whether nothing is selected.
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    /// The selected entities, in the order of the selection. Those that are gone meanwhile, or that the session's user
    /// may not see, are left out.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnrecognisedEntityType`] if the server has no such type, and the errors of a query.
    pub fn entities(&self) -> Result<Vec<Entity>> {
        let mut found: BTreeMap<String, Entity> = BTreeMap::new();
        for (table, ids) in self.by_table() {
            let entity_type = self.session.schema().by_table(table);
            let entity_type = entity_type.ok_or_else(|| {
                let message = format!("no entity type is called this in events: {table:?}");
                Error::new(ErrorKind::UnrecognisedEntityType, message)
            })?;
            for ids in ids.chunks(CHUNK) {
                let conditions = keys_conditions(entity_type, ids);
                let query = format!("{} where {conditions}", entity_type.name());
                for entity in self.session.query(query).all()? {
                    found.insert(entity.id(), entity);
                }
            }
        }
        let selected = self.entities.iter();
        Ok(selected
            .filter_map(|selected| found.get(&selected.entity_id).cloned())
            .collect())
    }

    fn by_table(&self) -> BTreeMap<&str, Vec<Key>> {
        let mut tables: BTreeMap<&str, Vec<Key>> = BTreeMap::new();
        for selected in &self.entities {
            let keys = tables.entry(&selected.entity_type).or_default();
            keys.push(Key::from(selected.entity_id.as_str()));
        }
        tables
    }
}

/// Entities as events name them.
pub(super) fn selection_json(entities: &[Entity]) -> Json {
    let selected = entities.iter().map(|entity| {
        let selected = SelectedEntity::from(entity);
        json!({"entityType": selected.entity_type, "entityId": selected.entity_id})
    });
    selected.collect()
}
