//! `ftrack component`.

mod download;
mod drop;
mod ls;
mod mend;
mod path;
mod verify;

use std::process::ExitCode;

use clap::Subcommand;
use ftrack::prelude::*;

use crate::connection::unreachable_from_here;
use crate::failure::Failure;
use crate::options::Named;
use crate::resolve::resolve;

/// What to do with components and their files.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Ls(ls::Options),
    Path(path::Options),
    Download(download::Options),
    Drop(drop::Options),
    Mend(mend::Options),
    Verify(verify::Options),
}

pub(crate) fn run(command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Ls(options) => ls::run(options),
        Command::Path(options) => path::run(options),
        Command::Download(options) => download::run(options),
        Command::Drop(options) => drop::run(options),
        Command::Mend(options) => mend::run(options),
        Command::Verify(options) => verify::run(options),
    }
}

/// The component that is named by its path or id.
pub(crate) fn find(session: &Session, named: &Named) -> Result<Entity, Failure> {
    resolve(session, named, Some("Component"))
}

/// The location of this name or id, which has to be reachable, or the best that the component can be taken from.
fn location(
    session: &Session,
    component: &Entity,
    name: Option<&str>,
) -> Result<Location, Failure> {
    if let Some(name) = name {
        let location = session.location(name)?;
        return match location.accessor() {
            Some(_) => Ok(location),
            None => Err(unreachable_from_here(&location)?),
        };
    }
    session.pick_location_for(component)?.ok_or_else(|| {
        let id = component.id();
        Failure::Unusable(format!(
            "the component {id} is in no location that can be reached from here"
        ))
        .hint("if it is in one with a folder, say where with --disk NAME=DIR")
    })
}
