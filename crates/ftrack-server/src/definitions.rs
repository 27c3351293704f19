//! The entity types of a running server: those of its schema, and one for each object type of the studio.

use std::path::Path;

use serde_json::Value as Json;

use crate::error::{Error, Result};
use crate::persist::Disk;
use crate::request_error::RequestError;
use crate::schema::{ObjectType, ObjectTypeError, Schema, SchemaVersion};
use crate::snapshot::Snapshot;
use crate::store::{Change, RowRef, Store};
use crate::value::Value;

/// Under what name a folder remembers which schema its data has.
pub(crate) const FACT: &str = "schema";

/// The schema that somebody wants a server to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    /// One that is built in.
    Version(SchemaVersion),
    /// The answer to `query_schemas` of some server, as JSON text.
    Recorded(String),
}

/// The entity types, and how they are reported.
#[derive(Debug)]
pub(crate) struct Definitions {
    pub(crate) schema: Schema,
    /// The answer to `query_schemas`.
    pub(crate) report: String,
    pub(crate) hash: String,
}

/// What changed object types make of the entity types.
#[derive(Debug)]
pub(crate) struct Redefined {
    pub(crate) definitions: Definitions,
    /// Types that are called otherwise now: the old name and the new one.
    pub(crate) renamed: Vec<(String, String)>,
}

impl Choice {
    /// Reads a file with a recorded answer.
    ///
    /// # Errors
    /// A file that cannot be read, or is not such an answer.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::SchemaFile {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        let wrong = |source: Box<dyn std::error::Error + Send + Sync>| Error::SchemaFile {
            path: path.to_owned(),
            source,
        };
        let report: Json = serde_json::from_str(&text).map_err(|error| wrong(error.into()))?;
        Schema::recorded(&report).map_err(|error| wrong(error.into()))?;
        Ok(Self::Recorded(report.to_string()))
    }

    /// As a folder remembers it.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Version(version) => version.as_str(),
            Self::Recorded(text) => text,
        }
    }

    fn parse(text: &str) -> Self {
        match text.parse() {
            Ok(version) => Self::Version(version),
            Err(_) => Self::Recorded(text.to_owned()),
        }
    }

    /// The schema that this names.
    pub(crate) fn schema(&self) -> Result<Schema, String> {
        match self {
            Self::Version(version) => Ok(Schema::builtin_version(*version)),
            Self::Recorded(text) => {
                let report: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
                Schema::recorded(&report).map_err(|error| error.to_string())
            }
        }
    }
}

/// What the data of a folder has: nothing where there is no data.
pub(crate) fn remembered(disk: &Disk) -> Result<Option<Choice>> {
    if disk.is_empty()? {
        return Ok(None);
    }
    // Data of earlier releases has the only schema that there was.
    let text = disk.fact(FACT)?;
    let older = Choice::Version(SchemaVersion::V116);
    Ok(Some(text.map_or(older, |text| Choice::parse(&text))))
}

/// The object types of data that is about to be loaded, by the attributes that tell about entity types.
pub(crate) fn object_types(
    snapshot: Option<&Snapshot>,
    disk: Option<&Disk>,
) -> Result<Vec<serde_json::Map<String, Json>>> {
    match (snapshot, disk) {
        (Some(snapshot), _) => snapshot.of_type("ObjectType"),
        (None, Some(disk)) => disk.raw_rows("ObjectType"),
        (None, None) => Ok(Vec::new()),
    }
}

impl Definitions {
    /// Those of a schema.
    pub(crate) fn new(schema: Schema) -> Self {
        Self {
            report: schema.report().to_string(),
            hash: schema.hash(),
            schema,
        }
    }

    /// Those of a schema and of the object types of data that is about to be loaded, and what types of the schema are
    /// called otherwise there.
    pub(crate) fn with_object_types(
        mut schema: Schema,
        rows: &[serde_json::Map<String, Json>],
    ) -> (Self, Vec<(String, String)>) {
        let mut renamed = Vec::new();
        for row in rows {
            let text = |name: &str| row.get(name).and_then(Json::as_str).unwrap_or_default();
            let allows = |name: &str| row.get(name).and_then(Json::as_bool).unwrap_or(true);
            let object_type = described(text("id"), text("name"), allows);
            match with_object_type(&schema, &object_type) {
                Ok((wider, names)) => {
                    schema = wider.unwrap_or(schema);
                    renamed.extend(names);
                }
                Err(error) => tracing::warn!(%error, "an object type gives no entity type"),
            }
        }
        (Self::new(schema), renamed)
    }

    /// What object types that a batch made, renamed or deleted make of these; nothing where it did none of it.
    ///
    /// # Errors
    /// Refuses names that give no entity type.
    pub(crate) fn after(
        &self,
        store: &Store,
        changes: &[Change],
    ) -> Result<Option<Redefined>, RequestError> {
        let Some(info) = store.catalog().find("ObjectType") else {
            return Ok(None);
        };
        let rows = changes.iter().filter_map(|change| match change {
            Change::Row(row) if row.type_id == info.id => Some(*row),
            _ => None,
        });
        let (there, gone): (Vec<RowRef>, Vec<RowRef>) = rows.partition(|row| store.contains(*row));
        let mut schema = if gone.is_empty() {
            None
        } else {
            without_deleted(&self.schema, store)
        };
        let mut renamed = Vec::new();
        for row in there {
            let before = schema.as_ref().unwrap_or(&self.schema);
            let (wider, names) = with_row(before, store, row).map_err(|error| {
                let name = store.named(row, "name").to_text();
                RequestError::validation(format!("the object type {name:?} cannot be: {error}"))
            })?;
            renamed.extend(names);
            schema = wider.or(schema);
        }
        Ok(schema.map(|schema| Redefined {
            definitions: Self::new(schema),
            renamed,
        }))
    }
}

/// A schema without the entity types of object types that are gone; nothing where all are there.
fn without_deleted(schema: &Schema, store: &Store) -> Option<Schema> {
    let is_gone = |id: &&str| store.find_named("ObjectType", &Value::text(id)).is_none();
    let gone = schema.added_object_types().filter(is_gone);
    gone.fold(None, |left, id| {
        left.as_ref().unwrap_or(schema).without_object_type(id)
    })
}

type Renamed = Option<(String, String)>;

/// A schema with the object type of a row, where it has it not already, and the names where one changed.
fn with_row(
    schema: &Schema,
    store: &Store,
    row: RowRef,
) -> Result<(Option<Schema>, Renamed), ObjectTypeError> {
    let id = store.id(row).to_text();
    let name = store.named(row, "name").to_text();
    let allows = |name: &str| {
        let value = store.named(row, name);
        value.is_null() || value.is_true()
    };
    with_object_type(schema, &described(&id, &name, allows))
}

fn with_object_type(
    schema: &Schema,
    object_type: &ObjectType<'_>,
) -> Result<(Option<Schema>, Renamed), ObjectTypeError> {
    let Some(known) = schema.object_type(object_type.id) else {
        return Ok((Some(schema.with_object_type(object_type)?), None));
    };
    let old = known.name.clone();
    let wider = schema.with_renamed_object_type(object_type.id, object_type.name)?;
    match wider.object_type(object_type.id) {
        Some(new) if new.name != old => {
            let names = (old, new.name.clone());
            Ok((Some(wider), Some(names)))
        }
        _ => Ok((None, None)),
    }
}

fn described<'a>(id: &'a str, name: &'a str, allows: impl Fn(&str) -> bool) -> ObjectType<'a> {
    ObjectType {
        is_typeable: allows("is_typeable"),
        is_statusable: allows("is_statusable"),
        is_schedulable: allows("is_schedulable"),
        is_prioritizable: allows("is_prioritizable"),
        ..ObjectType::new(id, name)
    }
}
