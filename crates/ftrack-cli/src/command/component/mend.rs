//! `ftrack component mend`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use ftrack::AddOptions;
use ftrack::prelude::*;
use serde_json::{Value as Json, json};

use super::find;
use crate::connection::connect_with;
use crate::failure::Failure;
use crate::options::{Change, Connection, Disks, Named, Sentence};
use crate::resolve::described;
use crate::terminal::interruption;
use crate::terminal::progress::Display;

/// Publish the file of a component anew in its place, or frames of a sequence.
///
/// PATH is a file, or for a sequence the frames that changed, such as `'plate.%04d.exr [1010-1012]'` or a single frame.
/// Frames belong together by their numbers; those that the sequence does not have are added to it, and all others stay.
/// The old files are kept until all new ones are in place, and brought back if anything fails. Other locations get what
/// changed by `ftrack location sync`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack component mend last_lantern/storm/010/plate/v002/plate 'plate.%04d.exr [1010-1012]'
  ftrack component mend last_lantern/storm/010/plate/v002/plate plate.1010.exr --dry-run
  ftrack component mend c410eb8a-… scene.ma --location studio.disk

Exit codes: 0, 1 if it failed, 2 for wrong usage, 3 if something named is not there, 4 if the server refused, 130 if it was interrupted.")]
pub(crate) struct Options {
    /// The component: its path from the project on, or its id.
    #[arg(value_name = "COMPONENT")]
    pub(crate) component: Named,
    /// The new file, or the new frames.
    #[arg(value_name = "PATH")]
    pub(crate) path: PathBuf,
    /// The location, by name or id; otherwise the first that has the component.
    #[arg(long, value_name = "NAME")]
    pub(crate) location: Option<String>,
    #[command(flatten)]
    pub(crate) disks: Disks,
    #[command(flatten)]
    pub(crate) change: Change,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let cancellation = interruption::cancellation()?;
    let session = connect_with(&options.connection, &options.disks)?;
    let component = find(&session, &options.component)?;
    let location = super::location(&session, &component, options.location.as_deref())?;
    if options.change.dry_run {
        let plan = session.plan_mending(&component, &options.path, &location)?;
        let frames: Vec<i64> = plan.added.iter().collect();
        let added = ("frames_to_add", json!(frames), frames.len());
        return tell(options, &component, &location, &plan.replaced, added);
    }
    let what = format!("mending {} in {}", described(&component), location.name()?);
    let display = Display::start(&what, options.change.report.is_for_programs());
    let adding = AddOptions::new().transfer(display.options(&cancellation));
    let outcome = session.mend_component_with(&component, &options.path, &location, &adding);
    drop(display);
    let mended =
        outcome.map_err(|error| interruption::or_cancelled(error, "everything is as it was"))?;
    let added = ("added", json!(ids(&mended.added)), mended.added.len());
    let code = tell(options, &component, &location, &mended.replaced, added)?;
    session.close();
    Ok(code)
}

/// Says what was done, or would be. What is added has its name among the keys of the report, its value, and its count.
fn tell(
    options: &Options,
    component: &Entity,
    location: &Location,
    replaced: &[Entity],
    (key, added, added_count): (&str, Json, usize),
) -> Result<ExitCode, Failure> {
    let name = location.name()?;
    let replaced_count = replaced.len();
    let count = replaced_count + added_count;
    let sentence = Sentence {
        done: "published",
        planned: "would publish",
        what: format!(
            "{count} file(s) anew in {name}: {replaced_count} replaced, {added_count} added"
        ),
    };
    let mut report = json!({
        "component": component.id(),
        "location": {"id": location.id(), "name": name},
        "replaced": ids(replaced),
    });
    report[key] = added;
    options.change.tell(&sentence, report)?;
    Ok(ExitCode::SUCCESS)
}

fn ids(components: &[Entity]) -> Vec<String> {
    components.iter().map(Entity::id).collect()
}
