//! `ftrack create`.

use std::process::ExitCode;

use clap::Args;

use super::assignment::{Assignment, Values};
use super::changes::carry_out;
use crate::connection::connect;
use crate::failure::Failure;
use crate::options::{Change, Connection};

/// Create an entity.
///
/// Values are written as the attribute takes them: text, numbers, yes or no, days as 2026-11-30. What an attribute
/// refers to is named: by its path for what is in a project, else by its name, or as `TYPE:ID`. An empty value is none.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack create Shot name=030 parent=last_lantern/storm 'custom_attributes[fstart]=1001'
  ftrack create Task name=light parent=last_lantern/storm/030 type=Lighting status='Not started'
  ftrack create Task name=fx parent=last_lantern/storm/030 type=FX --dry-run

Exit codes: 0, 1 if it failed, 2 for wrong usage, 3 if something named is not there, 4 if the server refused.")]
pub(crate) struct Options {
    /// The type, such as `Shot`; `ftrack schema` lists them.
    #[arg(value_name = "TYPE")]
    entity_type: String,
    /// The values that it gets; `ftrack schema --type TYPE` lists the attributes.
    #[arg(value_name = "NAME=VALUE")]
    values: Vec<Assignment>,
    #[command(flatten)]
    change: Change,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    let entity_type = session.schema().entity_type(&options.entity_type);
    let entity_type = entity_type.map_err(ftrack::Error::from)?.clone();
    let mut values = Values::new(&session, &entity_type, &options.values)?;
    let attributes = std::mem::take(&mut values.attributes);
    let entity = session.create(&options.entity_type, attributes)?;
    values.set_keyed(&entity)?;
    carry_out(&session, &options.change)
}
