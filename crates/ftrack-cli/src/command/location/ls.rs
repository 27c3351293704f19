//! `ftrack location ls`.

use clap::Args;
use std::process::ExitCode;

use ftrack::prelude::*;
use serde_json::{Map, Value as Json, json};

use crate::connection::connect_with;
use crate::failure::Failure;
use crate::options::{Connection, Disks, Format};
use crate::rows;

/// What is told of a location.
struct Row {
    name: String,
    id: String,
    label: String,
    priority: i32,
    is_usable: bool,
    is_picked: bool,
    folder: String,
}

/// Print the locations, and which of them can be used from here.
///
/// Those that can be used come first, by priority: files are published to the first one unless another is named. A
/// location is configured by the storage scenario of the server, by plugins, or by `--disk`; the built-in ones always
/// are.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack location ls
  ftrack location ls --disk studio.disk=/mnt/studio

Exit codes: 0, 1 if it failed, 2 for wrong usage, 4 if the server refused.")]
pub(crate) struct Options {
    #[command(flatten)]
    disks: Disks,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let session = connect_with(&options.connection, &options.disks)?;
    let locations = locations(&session)?;
    let titles = ["name", "use", "priority", "label", "folder"];
    let mut rows = rows::begin(&options.format, titles.map(str::to_owned).into())?;
    for location in locations {
        rows.push(|| location.cells(), || location.object())?;
    }
    rows.finish()?;
    session.close();
    Ok(ExitCode::SUCCESS)
}

/// The locations, those that can be used first, in the order in which they are picked.
fn locations(session: &Session) -> Result<Vec<Row>> {
    let picked = session.pick_location()?.map(|location| location.id());
    // All that is told of them comes with one request.
    let entities = session.query("select name, label from Location").all()?;
    let mut rows = Vec::with_capacity(entities.len());
    for entity in entities {
        let location = Location::try_from(&entity)?;
        let accessor = location.accessor();
        let folder = accessor.as_ref().and_then(|accessor| {
            let path = accessor.filesystem_path("").ok()?;
            Some(path.display().to_string())
        });
        rows.push(Row {
            name: location.name()?,
            id: location.id(),
            label: entity.get::<Option<String>>("label")?.unwrap_or_default(),
            priority: location.priority(),
            is_usable: accessor.is_some(),
            is_picked: picked.as_deref() == Some(&location.id()),
            folder: folder.unwrap_or_default(),
        });
    }
    rows.sort_by(|left, right| left.order().cmp(&right.order()));
    Ok(rows)
}

impl Row {
    fn order(&self) -> (bool, bool, i32, &str) {
        (!self.is_picked, !self.is_usable, self.priority, &self.name)
    }

    fn cells(&self) -> Vec<String> {
        let usage = match (self.is_picked, self.is_usable) {
            (true, _) => "default",
            (false, true) => "yes",
            (false, false) => "no",
        };
        let priority = if self.is_usable {
            self.priority.to_string()
        } else {
            String::new()
        };
        vec![
            self.name.clone(),
            usage.to_owned(),
            priority,
            self.label.clone(),
            self.folder.clone(),
        ]
    }

    fn object(&self) -> Map<String, Json> {
        let folder = (!self.folder.is_empty()).then_some(&self.folder);
        let values = [
            ("id", json!(self.id)),
            ("name", json!(self.name)),
            ("label", json!(self.label)),
            ("priority", json!(self.is_usable.then_some(self.priority))),
            ("usable", json!(self.is_usable)),
            ("default", json!(self.is_picked)),
            ("folder", json!(folder)),
        ];
        values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}
