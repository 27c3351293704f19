//! What is in a server when it starts: a small studio, and a production to look at.
//!
//! Ids do not change from one start to the next: they are those that every server has, and that programs know by heart
//! (object types, statuses, types, priorities, built-in locations), or they derive from type and name, see [`id`].

mod catalogue;
mod custom_attributes;
mod demo;
mod fit;
mod known;
mod object_types;
mod people;
mod project_schemas;
mod rows;
#[cfg(test)]
mod tests;
mod workflow;

use chrono::NaiveDate;
use md5::{Digest, Md5};
use serde_json::{Map, Value};

use crate::schema::Schema;

/// One entity as it is stored: the attributes of its own row, with foreign keys in place of references.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// The concrete entity type.
    pub(crate) entity_type: String,
    /// Values by attribute name, as they go over the wire.
    pub(crate) values: Map<String, Value>,
}

/// The studio that every server starts with, each row after those that it refers to.
///
/// It holds what is set up once and used by all productions: people, roles and groups, workflows, types,
/// locations and custom attributes, but no project. The user named `administrator` may do everything.
pub(crate) fn rows(administrator: &str) -> Vec<Row> {
    let mut rows = rows::Rows::new();
    people::add(&mut rows, administrator);
    workflow::add(&mut rows);
    object_types::add(&mut rows);
    project_schemas::add(&mut rows);
    catalogue::add(&mut rows);
    custom_attributes::add(&mut rows);
    rows.finish()
}

/// As [`rows`], for a server with other entity types: what of the studio those can hold.
pub(crate) fn rows_of(schema: &Schema, administrator: &str) -> Vec<Row> {
    fit::fit(schema, rows(administrator)).0
}

/// The studio with a production in it, for a server with other entity types.
///
/// # Errors
/// The name of a type that the production cannot do without.
pub(crate) fn all_rows_of(
    schema: &Schema,
    administrator: &str,
    today: NaiveDate,
) -> Result<Vec<Row>, String> {
    let mut all = rows(administrator);
    all.extend(demo_rows(administrator, today));
    let (fitting, lacking) = fit::fit(schema, all);
    let is_context = |name: &&String| Schema::builtin().is_kind_of(name, "Context");
    match lacking.iter().find(is_context) {
        Some(lacking) => Err(lacking.clone()),
        None => Ok(fitting),
    }
}

/// A production in that studio: a short film and a commercial under way, and two empty-handed tutorials.
///
/// Dates lie around `today`. The rows refer to those of [`rows`] for the same administrator.
pub(crate) fn demo_rows(administrator: &str, today: NaiveDate) -> Vec<Row> {
    let mut rows = rows::Rows::new();
    demo::add(&mut rows, administrator, today);
    rows.finish()
}

/// The id of an entity of the studio: the one that it has on every server, or one that derives from type and name.
///
/// Entities with the same name go by their path: tasks by `project/sequence/shot/task`.
pub(crate) fn id(entity_type: &str, name: &str) -> String {
    if let Some(known) = known::known(entity_type, name) {
        return known.to_owned();
    }
    let digest = Md5::digest(format!("ftrack studio/{entity_type}/{name}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest);
    // The form of ids that servers make: nobody has to know that these do not come by chance.
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .hyphenated()
        .to_string()
}
