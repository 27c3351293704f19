//! One entity that an update tells of.

use std::sync::Arc;

use ftrack_entity::{Attribute, EntityType, Schema};
use serde_json::{Map, Value as Json};

/// What was done to an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UpdateAction<'a> {
    /// It was created.
    Add,
    /// It was changed.
    Update,
    /// It was deleted.
    Remove,
    /// It has another parent.
    Move,
    /// Anything else, by the server's own name for it, such as `assigned` or `encoded`.
    Other(&'a str),
}

/// An entity that an [`Update`](crate::Update) tells of.
#[derive(Debug, Clone, Copy)]
pub struct EntityUpdate<'a> {
    told: &'a Map<String, Json>,
    table: &'a str,
    entity_id: &'a str,
    entity_type: Option<&'a Arc<EntityType>>,
}

/// A value that an [`Update`](crate::Update) tells of, before and after.
///
/// Values are as the server tells them. Those of custom attributes are text on most servers: `"1"`, `"1001.0"`,
/// `"a, b"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributeUpdate<'a> {
    before: &'a Json,
    after: &'a Json,
}

impl<'a> AttributeUpdate<'a> {
    /// The value before; null if the entity was created.
    pub fn before(&self) -> &'a Json {
        self.before
    }

    /// The value after; null if the entity was deleted.
    pub fn after(&self) -> &'a Json {
        self.after
    }

    fn read(told: &'a Json) -> Self {
        let side = |name| told.get(name).unwrap_or(&Json::Null);
        Self {
            before: side("old"),
            after: side("new"),
        }
    }
}

impl<'a> EntityUpdate<'a> {
    pub(super) fn read(schema: &'a Schema, told: &'a Json) -> Option<Self> {
        let told = told.as_object()?;
        let text = |name: &str| told.get(name).and_then(Json::as_str);
        let table = text("entityType")?;
        let entity_id = text("entityId")?;
        Some(Self {
            told,
            table,
            entity_id,
            entity_type: by_name(schema, told, entity_id)
                .or_else(|| by_object_type(schema, table, told))
                .or_else(|| by_classifier(schema, table, told))
                .or_else(|| schema.by_table(table)),
        })
    }

    /// What was done to it.
    pub fn action(&self) -> UpdateAction<'a> {
        match self.text("action").unwrap_or_default() {
            "add" => UpdateAction::Add,
            "update" => UpdateAction::Update,
            "remove" => UpdateAction::Remove,
            "move" => UpdateAction::Move,
            other => UpdateAction::Other(other),
        }
    }

    /// The id.
    pub fn entity_id(&self) -> &'a str {
        self.entity_id
    }

    /// What the server calls the type: `task` for tasks, shots and all else that is in a project, `show` for projects.
    pub fn table(&self) -> &'a str {
        self.table
    }

    /// The entity type, if the schema has it.
    ///
    /// Servers name the type, or the object type; of what is created and deleted they tell the column that it is kept
    /// in. Where an event does not say any of it, this is the type of the whole table, such as `TypedContext`.
    pub fn entity_type(&self) -> Option<&'a Arc<EntityType>> {
        self.entity_type
    }

    /// The id of what it is in: a folder, the project, or the asset of a version.
    pub fn parent_id(&self) -> Option<&'a str> {
        self.text("parentId")
    }

    /// The ids of all that it is in, the nearest first.
    pub fn ancestor_ids(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let own = self.entity_id;
        let listed = self.told.get("parents").and_then(Json::as_array);
        let ids = listed.into_iter().flatten();
        let ids = ids.filter_map(|parent| parent.get("entityId")?.as_str());
        // The first is the entity itself.
        ids.filter(move |id| *id != own)
    }

    /// The change of an attribute, by the name that it has in the schema, such as `status_id`.
    pub fn attribute(&self, name: &str) -> Option<AttributeUpdate<'a>> {
        let known = self.definition(name)?;
        let (_, told) = self.told_changes().find(|(key, _)| {
            self.attribute_of(key)
                .is_some_and(|found| found.name() == known.name())
        })?;
        Some(AttributeUpdate::read(told))
    }

    /// All attributes that were changed, by the names that they have in the schema.
    pub fn attributes(&self) -> impl Iterator<Item = (&'a str, AttributeUpdate<'a>)> + use<'a> {
        let entity = *self;
        self.told_changes().filter_map(move |(key, told)| {
            let name = entity.attribute_of(key)?.name();
            Some((name, AttributeUpdate::read(told)))
        })
    }

    /// The change of a custom attribute, by its key.
    pub fn custom_attribute(&self, key: &str) -> Option<AttributeUpdate<'a>> {
        let mut custom = self.custom_attributes();
        custom.find_map(|(known, change)| (known == key).then_some(change))
    }

    /// All custom attributes that were changed, by their keys: what is not an attribute of the type.
    pub fn custom_attributes(
        &self,
    ) -> impl Iterator<Item = (&'a str, AttributeUpdate<'a>)> + use<'a> {
        let entity = *self;
        let told = self.told_changes();
        told.filter(move |(key, _)| entity.attribute_of(key).is_none())
            .map(|(key, told)| (key, AttributeUpdate::read(told)))
    }

    /// The id of the parent before and after, if the entity was moved. Servers tell it as a move or as a change of
    /// `parent_id`.
    pub fn moved(&self) -> Option<AttributeUpdate<'a>> {
        match self.action() {
            UpdateAction::Move | UpdateAction::Update => {
                let told = self.told.get("changes")?.get("parent_id")?;
                Some(AttributeUpdate::read(told))
            }
            _ => None,
        }
    }

    /// The entity as the server tells of it.
    pub fn to_json(&self) -> Json {
        self.told.clone().into()
    }

    pub(super) fn is_kind_of(&self, base: &EntityType) -> bool {
        let entity_type = self.entity_type;
        entity_type.is_some_and(|found| found.is_kind_of(base))
    }

    fn told_changes(&self) -> impl Iterator<Item = (&'a str, &'a Json)> + use<'a> {
        let changes = self.told.get("changes").and_then(Json::as_object);
        let changes = changes.into_iter().flatten();
        changes.map(|(key, told)| (key.as_str(), told))
    }

    /// The attribute of a column. Some columns are called like another attribute (`created_by` is that of
    /// `created_by_id`), so a name counts only where there is no such column.
    fn attribute_of(&self, key: &str) -> Option<&'a Attribute> {
        let mut attributes = self.entity_type?.attributes().iter();
        let kept_in = attributes.find(|known| known.column() == key && !known.is_collection());
        kept_in.or_else(|| self.definition(key))
    }

    fn definition(&self, name: &str) -> Option<&'a Attribute> {
        self.entity_type?.get(name)
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        self.told.get(name)?.as_str()
    }
}

/// The type by the name that clients know it by. It stands with the entity, and with the first of its parents, which is
/// the entity itself.
fn by_name<'a>(
    schema: &'a Schema,
    told: &Map<String, Json>,
    entity_id: &str,
) -> Option<&'a Arc<EntityType>> {
    // Some servers write `show` for projects, which is the name of a table and of no type.
    let named = |told: &Json| schema.get(told.as_str()?);
    let itself = || {
        let parents = told.get("parents")?.as_array()?;
        let is_itself =
            |parent: &&Json| parent.get("entityId").and_then(Json::as_str) == Some(entity_id);
        named(parents.iter().find(is_itself)?.get("entity_type")?)
    };
    told.get("entity_type").and_then(named).or_else(itself)
}

/// The type by the id of the object type, which stands with what is in the table `task`.
fn by_object_type<'a>(
    schema: &'a Schema,
    table: &str,
    told: &Map<String, Json>,
) -> Option<&'a Arc<EntityType>> {
    let object_type = told.get("objectTypeId")?.as_str()?;
    schema.by_classifier(table, "object_typeid", object_type)
}

/// The type by what a column says that tells the types of a table apart, if the event tells of that column.
fn by_classifier<'a>(
    schema: &'a Schema,
    table: &str,
    told: &Map<String, Json>,
) -> Option<&'a Arc<EntityType>> {
    let changes = told.get("changes")?.as_object()?;
    changes.iter().find_map(|(column, change)| {
        let sides = ["new", "old"].into_iter();
        let mut values = sides.filter_map(|side| change.get(side)?.as_str());
        values.find_map(|value| schema.by_classifier(table, column, value))
    })
}
