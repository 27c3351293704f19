//! `ftrack component drop`.

use std::process::ExitCode;

use clap::Args;
use ftrack::RemoveOptions;
use ftrack::location::sequence::Indexes;
use serde_json::json;

use super::find;
use crate::connection::connect_with;
use crate::failure::Failure;
use crate::options::{Connection, Deletion, Disks, Named, Sentence};
use crate::resolve::described;

/// Take frames out of a sequence: their files from every location, and their components.
///
/// A frame may be in a location that cannot be reached from here. Then nothing is done, unless `--forget` says that
/// files stay where they are. Asks before it does anything.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack component drop last_lantern/storm/010/plate/v002/plate 1099
  ftrack component drop last_lantern/storm/010/plate/v002/plate 1001-1003,1010 --yes

Exit codes: 0, 1 if it failed or the answer was no, 2 for wrong usage and without --yes where nobody can answer, 3 if something named is not there, 4 if the server refused.")]
pub(crate) struct Options {
    /// The sequence: its path from the project on, or its id.
    #[arg(value_name = "COMPONENT")]
    pub(crate) component: Named,
    /// The frames, such as `1099` or `1001-1003,1010`.
    #[arg(value_name = "FRAMES", allow_hyphen_values = true)]
    pub(crate) frames: Indexes,
    /// Leave the files where they are.
    #[arg(long)]
    pub(crate) forget: bool,
    #[command(flatten)]
    pub(crate) disks: Disks,
    #[command(flatten)]
    pub(crate) deletion: Deletion,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let session = connect_with(&options.connection, &options.disks)?;
    let sequence = find(&session, &options.component)?;
    let (frames, change) = (&options.frames, &options.deletion.change);
    let removing = RemoveOptions::new()
        .forget(options.forget)
        .dry_run(change.dry_run);
    let what = format!(
        "{} frame(s) of {}: {frames}",
        frames.len(),
        described(&sequence)
    );
    let files = if options.forget {
        ""
    } else {
        ", with their files"
    };
    options
        .deletion
        .confirm(|| Ok(format!("drop {what}{files}")))?;
    session.drop_frames(&sequence, frames.iter(), &removing)?;
    let sentence = Sentence {
        done: "dropped",
        planned: "would drop",
        what,
    };
    let numbers: Vec<i64> = frames.iter().collect();
    let report = json!({
        "component": sequence.id(),
        "frames": numbers,
        "files_stay": options.forget,
    });
    change.tell(&sentence, report)?;
    session.close();
    Ok(ExitCode::SUCCESS)
}
