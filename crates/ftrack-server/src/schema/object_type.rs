//! Object types that a studio adds: each is an entity type of its own.

use serde_json::{Value, json};
use thiserror::Error;

use super::model::{EntityType, MIXIN, Schema};

/// The family that new object types join, and the type whose default priority they have.
const FAMILY: &str = "TypedContext";
const TEMPLATE: &str = "Task";

/// What never changes about a typed context, whatever its object type.
const FIXED: [&str; 4] = [
    "object_type_id",
    "object_type",
    "bid_time_logged_difference",
    "time_logged",
];

/// An object type that a studio added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are attributes of the entity, each with a meaning of its own"
)]
pub(crate) struct ObjectType<'a> {
    /// Its id.
    pub(crate) id: &'a str,
    /// Its name, from which the name of the entity type follows.
    pub(crate) name: &'a str,
    /// Whether its contexts have a type.
    pub(crate) is_typeable: bool,
    /// Whether they have a status.
    pub(crate) is_statusable: bool,
    /// Whether they have dates and a bid of their own.
    pub(crate) is_schedulable: bool,
    /// Whether they have a priority.
    pub(crate) is_prioritizable: bool,
}

impl<'a> ObjectType<'a> {
    /// An object type whose contexts have everything that a task has.
    pub(crate) fn new(id: &'a str, name: &'a str) -> Self {
        Self {
            id,
            name,
            is_typeable: true,
            is_statusable: true,
            is_schedulable: true,
            is_prioritizable: true,
        }
    }

    /// The attributes that cannot be changed, before those of the family.
    fn immutable(&self) -> Vec<&'static str> {
        let mut names = FIXED.to_vec();
        let parts: [(bool, &[&str]); 4] = [
            (self.is_prioritizable, &["priority_id", "priority"]),
            (self.is_typeable, &["type_id", "type"]),
            (self.is_statusable, &["status_id", "status"]),
            (
                self.is_schedulable,
                &["bid", "start_date", "end_date", "split_parts"],
            ),
        ];
        for (_, part) in parts.into_iter().filter(|(has_it, _)| !has_it) {
            names.extend(part);
        }
        names
    }
}

/// An object type that cannot be an entity type.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub(crate) enum ObjectTypeError {
    /// Nothing of the name can stand in a query.
    #[error("an object type named `{0}` gives no entity type name")]
    Unnamed(String),
    /// Another entity type has that name.
    #[error("there is an entity type `{0}` already")]
    Taken(String),
    /// The schema has no type to start from.
    #[error("the schema has no `{FAMILY}` to make object types after")]
    NoFamily,
}

/// The name of the entity type of an object type: its words without what lies between them.
pub(crate) fn type_name(object_type_name: &str) -> String {
    let words = object_type_name.split(|c: char| !c.is_ascii_alphanumeric());
    let mut name = String::new();
    for word in words {
        let mut characters = word.chars();
        if let Some(first) = characters.next() {
            name.push(first.to_ascii_uppercase());
            name.push_str(characters.as_str());
        }
    }
    name
}

impl Schema {
    /// This schema with one more object type; unchanged when the id is known already.
    ///
    /// The new entity type has the attributes of a typed context, may change those that the object type allows, and is
    /// reported last.
    ///
    /// # Errors
    ///
    /// When the name gives no type name, or that of another type.
    pub(crate) fn with_object_type(
        &self,
        object_type: &ObjectType<'_>,
    ) -> Result<Self, ObjectTypeError> {
        let mut schema = self.clone();
        if schema.object_type(object_type.id).is_some() {
            return Ok(schema);
        }
        let type_name = self.free_name(object_type.name)?;
        let family = self.types.get(FAMILY).ok_or(ObjectTypeError::NoFamily)?;
        let mut added = EntityType {
            name: type_name.clone(),
            family: Some(FAMILY.to_owned()),
            is_abstract: false,
            is_added: true,
            ..family.clone()
        };
        if family.extra.contains_key(MIXIN) {
            let mixin = json!({ "$ref": FAMILY });
            added.extra.insert(MIXIN.to_owned(), mixin);
        }
        added.immutable = object_type
            .immutable()
            .into_iter()
            .filter(|name| added.attributes.contains_key(*name))
            .map(str::to_owned)
            .collect();
        for name in &family.immutable {
            if !added.immutable.contains(name) {
                added.immutable.push(name.clone());
            }
        }
        let priority = self.types.get(TEMPLATE).and_then(|task| {
            let attribute = task.attribute("priority_id")?;
            attribute.default.clone()
        });
        let priority = priority.filter(|_| object_type.is_prioritizable);
        added.set_default("priority_id", priority.unwrap_or_default());
        added.set_object_type(object_type.id);
        schema.types.insert(type_name, added);
        Ok(schema)
    }

    /// This schema without the entity type of an object type that a studio had added; nothing where there is none. What
    /// is left of it has a name that nobody can write, so that the other types keep their places.
    pub(crate) fn without_object_type(&self, id: &str) -> Option<Self> {
        let gone = self.object_type(id).filter(|found| found.is_added)?;
        let mut schema = Self::default();
        for (name, entity_type) in &self.types {
            let mut entity_type = entity_type.clone();
            if *name == gone.name {
                entity_type.name = format!("(deleted {id})");
                entity_type.hidden = true;
                entity_type.is_abstract = true;
                entity_type.is_added = false;
                entity_type.family = None;
                entity_type.discriminator = None;
            }
            schema.types.insert(entity_type.name.clone(), entity_type);
        }
        Some(schema)
    }

    /// The ids of the object types that a studio added.
    pub(crate) fn added_object_types(&self) -> impl Iterator<Item = &str> {
        let added = self.types.values().filter(|found| found.is_added);
        added.filter_map(|found| Some(found.discriminator.as_ref()?.1.as_str()))
    }

    /// This schema with the entity type of an object type called after its new name.
    ///
    /// # Errors
    ///
    /// When the name gives no type name, or that of another type.
    pub(crate) fn with_renamed_object_type(
        &self,
        id: &str,
        name: &str,
    ) -> Result<Self, ObjectTypeError> {
        let Some(old) = self.object_type(id).map(|found| found.name.clone()) else {
            return Ok(self.clone());
        };
        if type_name(name) == old {
            return Ok(self.clone());
        }
        let new = self.free_name(name)?;
        let mut schema = Self::default();
        for (name, entity_type) in &self.types {
            let mut entity_type = entity_type.clone();
            if *name == old {
                entity_type.name.clone_from(&new);
            }
            schema.types.insert(entity_type.name.clone(), entity_type);
        }
        Ok(schema)
    }

    /// The name of the entity type of an object type, when no other has it.
    fn free_name(&self, name: &str) -> Result<String, ObjectTypeError> {
        let type_name = type_name(name);
        if !type_name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(ObjectTypeError::Unnamed(name.to_owned()));
        }
        if self.types.contains_key(&type_name) {
            return Err(ObjectTypeError::Taken(type_name));
        }
        Ok(type_name)
    }

    /// The entity type whose rows have that object type.
    pub(crate) fn object_type(&self, id: &str) -> Option<&EntityType> {
        self.types.values().find(|found| {
            let discriminator = found.discriminator.as_ref();
            discriminator.is_some_and(|(name, value)| name == "object_type_id" && value == id)
        })
    }
}

impl EntityType {
    /// Makes this the type of typed contexts with that object type.
    pub(super) fn set_object_type(&mut self, id: &str) {
        self.discriminator = Some(("object_type_id".to_owned(), id.to_owned()));
        let classifiers = json!({ "object_typeid": id });
        self.alias_for = Some(json!({ "id": "Task", "classifiers": classifiers }));
        self.set_default("object_type_id", id.into());
    }

    fn set_default(&mut self, name: &str, default: Value) {
        if let Some(attribute) = self.attributes.get_mut(name) {
            if let Value::Object(report) = &mut attribute.report {
                report.insert("default".to_owned(), default.clone());
            }
            attribute.default = Some(default);
        }
    }
}
