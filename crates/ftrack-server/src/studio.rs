//! What is in a server when it starts: a small studio, and a production to look at.
//!
//! Ids do not change from one start to the next: they are those that the schema and the clients know
//! by heart (object types, built-in locations), or they derive from type and name, see [`id`].

mod catalogue;
mod custom_attributes;
mod demo;
mod object_types;
mod people;
mod project_schemas;
mod rows;
mod workflow;

use chrono::NaiveDate;
use md5::{Digest, Md5};
use serde_json::{Map, Value};

/// One entity as it is stored: the attributes of its own row, with foreign keys in place of references.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The concrete entity type.
    pub entity_type: String,
    /// Values by attribute name, as they go over the wire.
    pub values: Map<String, Value>,
}

/// The studio that every server starts with, each row after those that it refers to.
///
/// It holds what is set up once and used by all productions: people, roles and groups, workflows, types,
/// locations and custom attributes, but no project. The user named `administrator` may do everything.
///
/// ```
/// use ftrack_server::studio;
///
/// let rows = studio::rows("ada");
/// let user = rows.iter().find(|row| row.entity_type == "User").unwrap();
/// assert_eq!(user.values["username"], "ada");
/// assert_eq!(user.values["id"], studio::id("User", "ada"));
/// ```
pub fn rows(administrator: &str) -> Vec<Row> {
    let mut rows = rows::Rows::new();
    people::add(&mut rows, administrator);
    workflow::add(&mut rows);
    object_types::add(&mut rows);
    project_schemas::add(&mut rows);
    catalogue::add(&mut rows);
    custom_attributes::add(&mut rows);
    rows.finish()
}

/// A production in that studio: a short film and a commercial under way, and two empty-handed tutorials.
///
/// Dates lie around `today`. The rows refer to those of [`rows`] for the same administrator.
///
/// ```
/// use ftrack_server::studio;
///
/// let today = chrono::NaiveDate::from_ymd_opt(2025, 12, 1).unwrap();
/// let rows = studio::demo_rows("ada", today);
/// let shots = rows.iter().filter(|row| row.entity_type == "Shot");
/// assert!(shots.count() > 10);
/// ```
pub fn demo_rows(administrator: &str, today: NaiveDate) -> Vec<Row> {
    let mut rows = rows::Rows::new();
    demo::add(&mut rows, administrator, today);
    rows.finish()
}

/// The id of an entity of the studio that has no id known elsewhere.
///
/// Entities with the same name go by their path: tasks by `project/sequence/shot/task`.
///
/// ```
/// use ftrack_server::studio;
///
/// assert_eq!(studio::id("Status", "Approved"), "fc22a1f3-f05c-31cd-8ea3-c3dfb16b9297");
/// ```
pub fn id(entity_type: &str, name: &str) -> String {
    let digest = Md5::digest(format!("ftrack studio/{entity_type}/{name}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest);
    uuid::Builder::from_md5_bytes(bytes)
        .into_uuid()
        .hyphenated()
        .to_string()
}
