//! `ftrack component ls`.

use std::collections::HashMap;
use std::process::ExitCode;

use clap::Args;
use ftrack::prelude::*;
use serde_json::{Map, Value as Json, json};

use crate::connection::connect;
use crate::failure::Failure;
use crate::options::{Connection, Format, Named};
use crate::resolve::{described, resolve};
use crate::rows;
use crate::terminal::output;
use crate::terminal::progress::bytes;

/// List components, and the locations that they are in.
///
/// Of a version its components, of an asset those of its newest version, of a task or shot those of the newest version
/// of each asset, and of a container or sequence what is in it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack component ls last_lantern/storm/010/light/v003
  ftrack component ls last_lantern/storm/010/light --json

Exit codes: 0, 1 if it failed, 2 for wrong usage, 3 if something named is not there, 4 if the server refused.")]
pub(crate) struct Options {
    /// The version, asset, context or container: its path from the project, or TYPE:ID.
    #[arg(value_name = "ENTITY")]
    entity: Named,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    let entity = resolve(&session, &options.entity, None)?;
    let components = components(&session, &entity)?;
    let places = places(&session, &components)?;
    let titles = ["name", "type", "size", "locations", "version", "id"];
    let mut rows = rows::begin(&options.format, titles.map(str::to_owned).into())?;
    for component in &components {
        let row = Row::new(component, &places)?;
        rows.push(|| row.cells(), || row.object())?;
    }
    if rows.finish()? == 0 && !options.format.is_for_programs() {
        output::note(&format!(
            "there are no components in the {}",
            described(&entity)
        ));
    }
    session.close();
    Ok(ExitCode::SUCCESS)
}

fn components(session: &Session, entity: &Entity) -> Result<Vec<Entity>, Failure> {
    let id = entity.id();
    let filter = match entity.entity_type() {
        "AssetVersion" => attr("version_id").is(id),
        "ContainerComponent" | "SequenceComponent" => attr("container_id").is(id),
        "FileComponent" => attr("id").is(id),
        "Asset" => attr("version.asset_id")
            .is(id)
            .and(attr("version.is_latest_version").is(true)),
        _ if entity.definition().get("assets").is_some() => attr("version.asset.context_id")
            .is(id)
            .and(attr("version.is_latest_version").is(true)),
        kind => {
            let message = format!("a {kind} has no components");
            return Err(Failure::Usage(message));
        }
    };
    let query = Query::from("Component")
        .select([
            "name",
            "file_type",
            "size",
            "version.version",
            "version.asset.name",
        ])
        .filter(filter)
        .order_by("version.asset.name")
        .order_by("name");
    Ok(session.query(query).all()?)
}

/// The names of the locations of each component, by its id.
fn places(
    session: &Session,
    components: &[Entity],
) -> Result<HashMap<String, Vec<String>>, Failure> {
    let mut places: HashMap<String, Vec<String>> = HashMap::new();
    for some in components.chunks(200) {
        let ids: Vec<String> = some.iter().map(Entity::id).collect();
        let query = Query::from("ComponentLocation")
            .select(["component_id", "location.name"])
            .filter(attr("component_id").is_in(&ids));
        for row in session.query(query).records::<Map<String, Json>>() {
            let row = Json::Object(row?);
            if let (Some(id), Some(name)) = (
                row["component_id"].as_str(),
                row["location"]["name"].as_str(),
            ) {
                places
                    .entry(id.to_owned())
                    .or_default()
                    .push(name.to_owned());
            }
        }
    }
    Ok(places)
}

struct Row {
    id: String,
    kind: &'static str,
    name: String,
    file_type: String,
    size: u64,
    locations: Vec<String>,
    version: String,
}

impl Row {
    fn new(component: &Entity, places: &HashMap<String, Vec<String>>) -> Result<Self, Failure> {
        let asset: Option<String> = component.get("version.asset.name")?;
        let number: Option<i64> = component.get("version.version")?;
        let version = match (asset, number) {
            (Some(asset), Some(number)) => format!("{asset} v{number:03}"),
            _ => String::new(),
        };
        let id = component.id();
        Ok(Self {
            locations: places.get(&id).cloned().unwrap_or_default(),
            id,
            kind: component.entity_type(),
            name: component.get("name")?,
            file_type: component
                .get::<Option<String>>("file_type")?
                .unwrap_or_default(),
            size: component.get::<Option<u64>>("size")?.unwrap_or_default(),
            version,
        })
    }

    fn cells(&self) -> Vec<String> {
        let kind = match self.kind {
            "SequenceComponent" => "sequence",
            "ContainerComponent" => "container",
            _ => "file",
        };
        vec![
            self.name.clone(),
            format!("{kind} {}", self.file_type).trim_end().to_owned(),
            bytes(self.size),
            self.locations.join(", "),
            self.version.clone(),
            self.id.clone(),
        ]
    }

    fn object(&self) -> Map<String, Json> {
        let values = [
            ("__entity_type__", json!(self.kind)),
            ("id", json!(self.id)),
            ("name", json!(self.name)),
            ("file_type", json!(self.file_type)),
            ("size", json!(self.size)),
            ("locations", json!(self.locations)),
            ("version", json!(self.version)),
        ];
        values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}
