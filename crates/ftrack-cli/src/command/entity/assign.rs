//! `ftrack assign`.

use std::process::ExitCode;

use clap::Args;
use ftrack::prelude::*;

use super::changes::carry_out_told;
use crate::connection::connect;
use crate::failure::Failure;
use crate::options::{Change, Connection, Named, Sentence};
use crate::resolve::{described, path_of, resolve, user_or_group};

/// What an assignment is among the appointments of a task.
const ASSIGNMENT: &str = "assignment";

/// Assign users to a task, or take them off it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack assign last_lantern/storm/010/lighting me
  ftrack assign last_lantern/storm/010/lighting priya mateo
  ftrack assign last_lantern/storm/010/lighting priya --remove

Exit codes: 0, 1 if it failed, 2 for wrong usage, 3 if something named is not there, 4 if the server refused.")]
pub(crate) struct Options {
    /// The task: its path from the project, TYPE:ID, or its id.
    #[arg(value_name = "TASK")]
    task: Named,
    /// The users or groups, by name; `me` is yourself.
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// Take them off the task.
    #[arg(long)]
    remove: bool,
    #[command(flatten)]
    change: Change,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    let task = resolve(&session, &options.task, Some("Task"))?;
    let (mut sentences, mut seen) = (Vec::new(), Vec::new());
    for name in &options.names {
        let resource = user_or_group(&session, name)?;
        if seen.contains(&resource) {
            continue;
        }
        seen.push(resource.clone());
        let known = Query::from("Appointment").filter(
            attr("context_id")
                .is(task.id())
                .and(attr("resource_id").is(resource.id()))
                .and(attr("type").is(ASSIGNMENT)),
        );
        let known = session.query(known).all()?;
        if options.remove {
            for assignment in known {
                assignment.delete()?;
                sentences.push(sentence(options, &resource, &task));
            }
        } else if known.is_empty() {
            let values = values! { "context": &task, "resource": &resource, "type": ASSIGNMENT };
            session.create("Appointment", values)?;
            sentences.push(sentence(options, &resource, &task));
        }
    }
    carry_out_told(&session, &options.change, sentences)
}

fn sentence(options: &Options, resource: &Entity, task: &Entity) -> Sentence {
    let who = path_of(resource).unwrap_or_else(|| resource.id());
    let task = described(task);
    if options.remove {
        return Sentence {
            done: "took",
            planned: "would take",
            what: format!("{who} off the {task}"),
        };
    }
    Sentence {
        done: "assigned",
        planned: "would assign",
        what: format!("{who} to the {task}"),
    }
}
