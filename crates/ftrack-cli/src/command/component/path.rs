//! `ftrack component path`.

use std::io::Write;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use ftrack::location::sequence::{Notation, SequencePath};
use serde_json::json;

use super::find;
use crate::connection::connect_with;
use crate::failure::Failure;
use crate::options::{Connection, Disks, Named, Report};
use crate::terminal::output;

/// Print the path of a component's file or sequence on this machine.
///
/// The path is what the location says; `ftrack component verify` looks whether the files are there.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack component path last_lantern/storm/010/plate/latest/plate
  ftrack component path last_lantern/storm/010/plate/v002/plate --notation houdini --disk studio=/mnt/studio

Exit codes: 0, 1 if it is in no location with paths, 2 for wrong usage, 3 if something named is not there, 4 if the server refused.")]
pub(crate) struct Options {
    /// The component: its path from the project on (`latest` is the newest version), or its id.
    #[arg(value_name = "COMPONENT")]
    component: Named,
    /// The location, by name or id; otherwise the first that has the component.
    #[arg(long, value_name = "NAME")]
    location: Option<String>,
    /// How to write the number of a frame into the path of a sequence.
    #[arg(
        long,
        value_name = "NOTATION",
        value_enum,
        default_value = "printf",
        help_heading = "Output"
    )]
    notation: NumberNotation,
    #[command(flatten)]
    report: Report,
    #[command(flatten)]
    disks: Disks,
    #[command(flatten)]
    connection: Connection,
}

/// How the number of a frame is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NumberNotation {
    /// `%04d`, as ftrack, Nuke and FFmpeg write it.
    Printf,
    /// `####`, as Nuke and RV write it.
    Hash,
    /// `@@@@`, as RV and Shake write it.
    At,
    /// `$F4`, as Houdini writes it.
    Houdini,
    /// `<UDIM>`, for tiles of textures.
    Udim,
}

impl From<NumberNotation> for Notation {
    fn from(notation: NumberNotation) -> Self {
        match notation {
            NumberNotation::Printf => Self::Printf,
            NumberNotation::Hash => Self::Hash,
            NumberNotation::At => Self::At,
            NumberNotation::Houdini => Self::Houdini,
            NumberNotation::Udim => Self::Udim,
        }
    }
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let session = connect_with(&options.connection, &options.disks)?;
    let component = find(&session, &options.component)?;
    let location = super::location(&session, &component, options.location.as_deref())?;
    let path = location.filesystem_path(&component)?;
    let mut path = path.to_string_lossy().into_owned();
    // The name of a file may look like that of a sequence.
    if component.entity_type() == "SequenceComponent"
        && let Ok(sequence) = path.parse::<SequencePath>()
    {
        path = Notation::from(options.notation).write(sequence.pattern());
    }
    let mut output = output::standard();
    if options.report.is_for_programs() {
        let report = json!({
            "component": component.id(),
            "location": {"id": location.id(), "name": location.name()?},
            "path": path,
        });
        writeln!(output, "{report}")?;
    } else {
        writeln!(output, "{path}")?;
    }
    output.flush()?;
    session.close();
    Ok(ExitCode::SUCCESS)
}
