//! `ftrack delete`.

use std::process::ExitCode;

use clap::Args;
use ftrack::prelude::*;

use super::changes::carry_out;
use crate::connection::connect;
use crate::failure::Failure;
use crate::options::{Connection, Deletion, Named};
use crate::resolve::{described, resolve_all};

/// Where counting ends.
const MANY: u64 = 1000;

/// Delete entities, and everything below them.
///
/// Asks before it does so. Where nobody can answer, in a script or a pipe, it wants `--yes`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack delete last_lantern/storm/030
  ftrack delete Note:0c1d… --yes

Exit codes: 0, 1 if it failed or the answer was no, 2 for wrong usage and without --yes where nobody can answer, 3 if something named is not there, 4 if the server refused.")]
pub(crate) struct Options {
    /// The entities: TYPE:ID, TYPE:NAME, or paths from the project.
    #[arg(required = true, value_name = "ENTITY")]
    entities: Vec<Named>,
    #[command(flatten)]
    deletion: Deletion,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    let entities = resolve_all(&session, &options.entities, None)?;
    options.deletion.confirm(|| all(&session, &entities))?;
    for entity in &entities {
        // The name is told when it is gone.
        let _ = described(entity);
        entity.delete()?;
    }
    carry_out(&session, &options.deletion.change)
}

/// What is deleted, in words.
fn all(session: &Session, entities: &[Entity]) -> Result<String, Failure> {
    let mut named = Vec::with_capacity(entities.len());
    for entity in entities {
        named.push(match below(session, entity)? {
            0 => described(entity),
            MANY => format!(
                "{} and the {MANY} entities or more below it",
                described(entity)
            ),
            1 => format!("{} and 1 entity below it", described(entity)),
            count => format!("{} and {count} entities below it", described(entity)),
        });
    }
    Ok(format!("delete {}", named.join(", ")))
}

/// How many entities go with this one, up to many.
fn below(session: &Session, entity: &Entity) -> Result<u64, Failure> {
    let has = |name: &str| entity.definition().get(name).is_some();
    let id = entity.id();
    let query = if has("project_schema") {
        Query::from("TypedContext").filter(attr("project_id").is(id))
    } else if has("descendants") {
        Query::from("TypedContext").filter(attr("ancestors").any(attr("id").is(id)))
    } else if has("versions") {
        Query::from("AssetVersion").filter(attr("asset_id").is(id))
    } else {
        return Ok(0);
    };
    let query = query.select(["id"]).limit(MANY);
    let mut count = 0;
    for row in session
        .query(query)
        .records::<serde_json::Map<String, serde_json::Value>>()
    {
        row?;
        count += 1;
    }
    Ok(count)
}
