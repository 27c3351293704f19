//! `ftrack ls-locations`.

use std::io::Write;
use std::process::ExitCode;

use ftrack::prelude::*;
use serde_json::json;

use crate::arguments::LsLocations;
use crate::connection::connect_with;
use crate::failure::Failure;
use crate::output;
use crate::table::Table;

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

pub(crate) fn run(options: &LsLocations) -> Result<ExitCode, Failure> {
    let session = connect_with(&options.connection, &options.disks)?;
    let rows = rows(&session)?;
    let mut output = output::standard();
    if options.json {
        for row in &rows {
            writeln!(output, "{}", row.json())?;
        }
    } else {
        let mut table = Table::new(["name", "use", "priority", "label", "folder"]);
        for row in rows {
            table.push(row.cells());
        }
        table.write(&mut output)?;
    }
    output.flush()?;
    session.close();
    Ok(ExitCode::SUCCESS)
}

/// The locations, those that can be used first, in the order in which they are picked.
fn rows(session: &Session) -> Result<Vec<Row>> {
    let picked = session.pick_location()?.map(|location| location.id());
    // All that is told of them comes with one request.
    let entities = session.query("select name, label from Location").all()?;
    let mut rows = Vec::with_capacity(entities.len());
    for entity in entities {
        let location = Location::try_from(&entity)?;
        let accessor = location.accessor();
        let folder = accessor.as_ref().and_then(|accessor| {
            let path = accessor.get_filesystem_path("").ok()?;
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

    fn cells(self) -> Vec<String> {
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
            self.name,
            usage.to_owned(),
            priority,
            self.label,
            self.folder,
        ]
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "id": self.id,
            "name": self.name,
            "label": self.label,
            "priority": self.is_usable.then_some(self.priority),
            "usable": self.is_usable,
            "default": self.is_picked,
            "folder": (!self.folder.is_empty()).then_some(&self.folder),
        })
    }
}
