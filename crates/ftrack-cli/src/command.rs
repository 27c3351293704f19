//! The commands: a file for each verb, and a folder for each noun.

mod action;
mod attributes;
mod check;
mod component;
mod demo;
mod entity;
mod event;
mod location;
mod login;
mod query;
mod schema;
mod serve;
mod shell;
mod version;

use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;

/// What to do: a verb, or a noun with verbs of its own.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Login(login::Options),
    Query(query::Options),
    #[command(flatten)]
    Entity(entity::Command),
    Attributes(attributes::Options),
    Schema(schema::Options),
    Check(check::Options),
    /// Listen to events, follow them without missing one, or publish one.
    #[command(subcommand)]
    Event(event::Command),
    /// List the actions that are offered for entities, or launch one.
    #[command(subcommand)]
    Action(action::Command),
    /// Publish versions of assets.
    #[command(subcommand)]
    Version(version::Command),
    /// Copy the files of components, and look whether they are where they are said to be.
    #[command(subcommand)]
    Component(component::Command),
    /// See where files are kept.
    #[command(subcommand)]
    Location(location::Command),
    Serve(serve::Options),
    Demo(demo::Options),
    Completions(shell::Completions),
    Man(shell::Manual),
}

impl Command {
    /// Does it. `whole` is all that can be said on the command line, for shells and manuals.
    pub(crate) fn run(&self, whole: fn() -> clap::Command) -> Result<ExitCode, Failure> {
        match self {
            Self::Login(options) => login::run(options),
            Self::Query(options) => query::run(options),
            Self::Entity(command) => entity::run(command),
            Self::Attributes(options) => attributes::run(options),
            Self::Schema(options) => schema::run(options),
            Self::Check(options) => check::run(options),
            Self::Event(command) => event::run(command),
            Self::Action(command) => action::run(command),
            Self::Version(command) => version::run(command),
            Self::Component(command) => component::run(command),
            Self::Location(command) => location::run(command),
            Self::Serve(options) => serve::run(options),
            Self::Demo(options) => demo::run(options),
            Self::Completions(options) => shell::completions(options, &mut whole()),
            Self::Man(options) => shell::manual(options, whole()),
        }
    }
}
