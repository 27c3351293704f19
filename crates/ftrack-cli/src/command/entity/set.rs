//! `ftrack set`.

use std::process::ExitCode;

use clap::Args;

use super::assignment::{Assignment, Target, Values};
use super::changes::carry_out;
use crate::connection::connect;
use crate::failure::Failure;
use crate::options::{Change, Connection, Named};
use crate::resolve::resolve;

/// Change values of an entity.
///
/// Values are written as for `ftrack create`: what an attribute refers to is named. An empty value is none.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack set last_lantern/storm/010/lighting status=Approved
  ftrack set Shot:f7a9… 'custom_attributes[fstart]=1001' description='Rain, at night'
  ftrack set last_lantern/storm/010 parent=last_lantern/harbour --dry-run
  ftrack set last_lantern/storm/010 --unset 'custom_attributes[fstart]'

Exit codes: 0, 1 if it failed, 2 for wrong usage, 3 if something named is not there, 4 if the server refused.")]
pub(crate) struct Options {
    /// The entity: TYPE:ID, TYPE:NAME, or its path from the project.
    #[arg(value_name = "ENTITY")]
    entity: Named,
    /// The values that it gets; `ftrack schema --type TYPE` lists the attributes.
    #[arg(required_unless_present = "unset", value_name = "NAME=VALUE")]
    values: Vec<Assignment>,
    /// Take a value away; may be repeated.
    ///
    /// A custom attribute has its default again, or what it inherits. A key of the metadata goes. An attribute has no
    /// value.
    #[arg(long, value_name = "NAME")]
    unset: Vec<Target>,
    #[command(flatten)]
    change: Change,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    let entity = resolve(&session, &options.entity, None)?;
    let values = Values::new(&session, entity.definition(), &options.values)?;
    // The values before are told as well.
    let names: Vec<&str> = values
        .attributes
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    if !names.is_empty() {
        entity.populate(names)?;
    }
    for (name, value) in &values.attributes {
        if entity.value(name)? != *value {
            entity.set(name, value)?;
        }
    }
    values.set_keyed(&entity)?;
    for target in &options.unset {
        target.unset(&entity)?;
    }
    carry_out(&session, &options.change)
}
