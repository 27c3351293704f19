//! `ftrack component download`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use ftrack::prelude::*;
use ftrack::{DownloadOptions, Downloaded};
use serde_json::json;

use super::find;
use crate::connection::connect_with;
use crate::failure::Failure;
use crate::options::{Change, Connection, Disks, Named, Sentence};
use crate::resolve::described;
use crate::terminal::interruption;
use crate::terminal::progress::{Display, bytes};

/// Copy the files of a component to a folder.
///
/// A file gets the name of the component and its extension, the files of a sequence the number besides, and a container
/// becomes a folder. Files that exist are never replaced. If the copy fails, or on Ctrl-C, nothing of it remains; a
/// second Ctrl-C ends at once.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack component download last_lantern/storm/010/light/v003/shot --to /tmp/review
  ftrack component download c410eb8a-… --location ftrack.server --dry-run

Exit codes: 0, 1 if it failed, 2 for wrong usage, 3 if something named is not there, 4 if the server refused, 130 if it was interrupted.")]
pub(crate) struct Options {
    /// The component: its path from the project on (`latest` is the newest version), or its id.
    #[arg(value_name = "COMPONENT")]
    pub(crate) component: Named,
    /// The folder to copy to; it is made if it is missing.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) to: PathBuf,
    /// The location to copy from, by name or id; otherwise the first that has the component.
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
    let what = format!(
        "copying {} from {}",
        described(&component),
        location.name()?
    );
    let (dry_run, report) = (options.change.dry_run, &options.change.report);
    let display = Display::start(&what, dry_run || report.is_for_programs());
    let copying = DownloadOptions::new()
        .location(&location)
        .dry_run(dry_run)
        .transfer(display.options(&cancellation));
    let outcome = session.download_with(&component, &options.to, &copying);
    drop(display);
    let downloaded =
        outcome.map_err(|error| interruption::or_cancelled(error, "nothing was copied"))?;
    tell(&options.change, &component.id(), &downloaded)?;
    session.close();
    Ok(ExitCode::SUCCESS)
}

fn tell(change: &Change, component: &str, downloaded: &Downloaded) -> Result<(), Failure> {
    let name = downloaded.location.name()?;
    let path = downloaded.path.to_string_lossy();
    let (files, size) = (downloaded.files, bytes(downloaded.bytes));
    let sentence = Sentence {
        done: "copied",
        planned: "would copy",
        what: format!("{files} file(s), {size}, from {name} to {path}"),
    };
    let report = json!({
        "component": component,
        "location": {"id": downloaded.location.id(), "name": name},
        "path": path,
        "files": downloaded.files,
        "bytes": downloaded.bytes,
    });
    change.tell(&sentence, report)
}
