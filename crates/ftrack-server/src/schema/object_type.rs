//! Object types that a studio adds: each is an entity type of its own.

use serde_json::{Value, json};
use thiserror::Error;

use super::model::{EntityType, Schema};

/// The type that new object types are made after.
const TEMPLATE: &str = "Task";

/// An object type that cannot be an entity type.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ObjectTypeError {
    /// Nothing of the name can stand in a query.
    #[error("an object type named `{0}` gives no entity type name")]
    Unnamed(String),
    /// Another entity type has that name.
    #[error("there is an entity type `{0}` already")]
    Taken(String),
    /// The schema has no type to start from.
    #[error("the schema has no `{TEMPLATE}` to make object types after")]
    NoTemplate,
}

/// The name of the entity type of an object type: its words without what lies between them.
///
/// ```
/// use ftrack_server::schema::type_name;
///
/// assert_eq!(type_name("Asset Build"), "AssetBuild");
/// assert_eq!(type_name("shot-group"), "ShotGroup");
/// ```
pub fn type_name(object_type_name: &str) -> String {
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
    /// The new entity type has the attributes of a task and is reported last.
    ///
    /// ```
    /// use ftrack_server::schema::Schema;
    ///
    /// let id = "6c2f1a9e-3b0d-4f52-9c55-0d1a7d3f8e11";
    /// let schema = Schema::builtin().with_object_type(id, "Camera Move")?;
    /// assert!(schema.is_kind_of("CameraMove", "TypedContext"));
    /// # Ok::<(), ftrack_server::schema::ObjectTypeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the name gives no type name, or that of another type.
    pub fn with_object_type(&self, id: &str, name: &str) -> Result<Self, ObjectTypeError> {
        let mut schema = self.clone();
        if schema.object_type(id).is_some() {
            return Ok(schema);
        }
        let type_name = type_name(name);
        if !type_name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(ObjectTypeError::Unnamed(name.to_owned()));
        }
        if schema.types.contains_key(&type_name) {
            return Err(ObjectTypeError::Taken(type_name));
        }
        let template = schema.types.get(TEMPLATE);
        let mut added = template.cloned().ok_or(ObjectTypeError::NoTemplate)?;
        added.name.clone_from(&type_name);
        added.set_object_type(id);
        schema.types.insert(type_name, added);
        Ok(schema)
    }

    /// The entity type whose rows have that object type.
    pub fn object_type(&self, id: &str) -> Option<&EntityType> {
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
        if let Some(attribute) = self.attributes.get_mut("object_type_id") {
            attribute.default = Some(id.into());
            if let Value::Object(report) = &mut attribute.report {
                report.insert("default".to_owned(), id.into());
            }
        }
    }
}
