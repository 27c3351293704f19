//! Project schemas: which statuses and types the entities of a project may have.

use ftrack_query::{Query, attr};

use crate::entity::Entity;
use crate::entity::check::check_type;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;

/// The statuses and types that a project schema allows (product documentation, "Working with projects").
///
/// ```
/// use ftrack_server::Server;
/// use ftrack_session::{ProjectSchemaHelpers, Session};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = Server::builder().demo(true).start()?;
/// # let session = ftrack_session::SessionBuilder::new()
/// #     .server_url(server.url())
/// #     .api_user(server.user())
/// #     .api_key(server.api_key())
/// #     .connect()?;
/// let schema = session.query("ProjectSchema").first()?.ok_or("no project schema")?;
/// let task_types = schema.types("Task")?;
/// let of_first = schema.statuses("Task", Some(&task_types[0].id()))?;
/// let of_shots = schema.statuses("Shot", None)?;
/// assert!(!of_first.is_empty() && !of_shots.is_empty());
/// # Ok(())
/// # }
/// ```
pub trait ProjectSchemaHelpers {
    /// The statuses that entities of the type `schema` may have: `Task`, `AssetVersion`, or a type of object such as
    /// `Shot`. For tasks `type_id` is the id of the task's type, which may have a workflow of its own.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`] if this is not a project schema, [`ErrorKind::UnrecognisedEntityType`] for an unknown
    /// `schema`, [`ErrorKind::InvalidArgument`] if the project schema has none for it, and the errors of loading.
    #[doc(alias = "get_statuses")]
    fn statuses(&self, schema: &str, type_id: Option<&str>) -> Result<Vec<Entity>>;

    /// The types that entities of the type `schema` may have: `Task`, or a type of object such as `Milestone`.
    ///
    /// # Errors
    ///
    /// As [`statuses`](Self::statuses).
    #[doc(alias = "get_types")]
    fn types(&self, schema: &str) -> Result<Vec<Entity>>;
}

impl ProjectSchemaHelpers for Entity {
    #[track_caller]
    fn statuses(&self, schema: &str, type_id: Option<&str>) -> Result<Vec<Self>> {
        check_type(self, &["ProjectSchema"], "statuses")?;
        match schema {
            "Task" => task_statuses(self, type_id),
            "AssetVersion" => members(self, "_version_workflow.statuses"),
            _ => links(self, schema, "SchemaStatus", "task_status"),
        }
    }

    #[track_caller]
    fn types(&self, schema: &str) -> Result<Vec<Self>> {
        check_type(self, &["ProjectSchema"], "types")?;
        match schema {
            "Task" => members(self, "_task_type_schema.types"),
            _ => links(self, schema, "SchemaType", "task_type"),
        }
    }
}

#[track_caller]
fn task_statuses(project_schema: &Entity, type_id: Option<&str>) -> Result<Vec<Entity>> {
    if let Some(type_id) = type_id {
        load(
            project_schema,
            "_overrides",
            &["_overrides.type_id", "_overrides.workflow_schema.statuses"],
        )?;
        for candidate in project_schema.collection("_overrides")?.entities()? {
            if candidate.get::<Option<String>>("type_id")?.as_deref() == Some(type_id) {
                return members(&candidate, "workflow_schema.statuses");
            }
        }
    }
    members(project_schema, "_task_workflow.statuses")
}

/// The entities of the collection at `path`; none if there is none.
#[track_caller]
fn members(entity: &Entity, path: &str) -> Result<Vec<Entity>> {
    Ok(entity.get::<Option<Vec<Entity>>>(path)?.unwrap_or_default())
}

/// What the rows of `link` lead to by `reference`, for the part of the project schema that is about `schema`.
#[track_caller]
fn links(
    project_schema: &Entity,
    schema: &str,
    link: &str,
    reference: &str,
) -> Result<Vec<Entity>> {
    let part = part_about(project_schema, schema)?;
    let query = Query::from(link)
        .select([reference])
        .filter(attr("schema_id").is(part.id()));
    let rows = project_schema.session().query(query).all()?;
    rows.iter().map(|row| row.get(reference)).collect()
}

/// The part of the project schema that is about entities of the type `schema`. Types of objects are known by the id
/// that new entities get as their `object_type_id`.
#[track_caller]
fn part_about(project_schema: &Entity, schema: &str) -> Result<Entity> {
    let definition = project_schema.session().definition(schema)?;
    let attribute = definition.attribute("object_type_id").ok();
    let object_type_id = attribute
        .and_then(|attribute| attribute.default())
        .and_then(serde_json::Value::as_str);
    let Some(object_type_id) = object_type_id else {
        return Err(nothing_for(
            project_schema,
            schema,
            "which is not a type of object",
        ));
    };
    load(project_schema, "_schemas", &["_schemas.type_id"])?;
    for part in project_schema.collection("_schemas")?.entities()? {
        if part.get::<Option<String>>("type_id")?.as_deref() == Some(object_type_id) {
            return Ok(part);
        }
    }
    Err(nothing_for(
        project_schema,
        schema,
        "which its projects do not use",
    ))
}

/// Loads `projections` in one request if the collection `name`, which they are about, is not known.
#[track_caller]
fn load(entity: &Entity, name: &str, projections: &[&str]) -> Result<()> {
    if entity.attribute(name)?.is_set() {
        return Ok(());
    }
    entity.populate(projections)
}

fn nothing_for(project_schema: &Entity, schema: &str, why: &str) -> Error {
    Error::new(
        ErrorKind::InvalidArgument,
        format!("{project_schema:?} has no statuses and types for {schema}, {why}"),
    )
    .with_detail("schema", schema)
}
