//! A recipe: a report of what was bid and what was logged in a project, as tab-separated text.
//!
//! `cargo run -p ftrack --example report` runs it against a local server of its own.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use std::io::{self, Write};

use ftrack::prelude::*;
use serde::Deserialize;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, start};

/// Durations are in seconds, everywhere in ftrack.
const HOUR: f64 = 3600.0;

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// A row of the answer: fields are called as attributes are.
#[derive(Deserialize)]
struct Task {
    name: String,
    bid: Option<f64>,
    time_logged: Option<f64>,
    parent: Named,
    status: Named,
}

/// Writes a line for each task. Rows are read as they arrive, so a project may be as large as it likes.
fn report(
    session: &Session,
    project: &str,
    out: &mut impl Write,
) -> Result<f64, Box<dyn std::error::Error>> {
    let tasks = Query::from("Task")
        .select(["name", "bid", "time_logged", "parent.name", "status.name"])
        .filter(attr("project.name").is(project))
        .order_by("parent.name")
        .order_by("name");
    let mut total = 0.0;
    writeln!(out, "shot\ttask\tstatus\tbid h\tlogged h")?;
    for task in session.query(tasks).records::<Task>() {
        let task = task?;
        let (bid, logged) = (task.bid.unwrap_or(0.0), task.time_logged.unwrap_or(0.0));
        let (shot, name, status) = (task.parent.name, task.name, task.status.name);
        writeln!(
            out,
            "{shot}\t{name}\t{status}\t{:.1}\t{:.1}",
            bid / HOUR,
            logged / HOUR
        )?;
        total += bid;
    }
    Ok(total)
}

/// The sums alone are cheaper: the server adds up.
fn total(session: &Session, project: &str) -> Result<f64, Box<dyn std::error::Error>> {
    #[derive(Deserialize)]
    struct Sum {
        sum_bid: Option<f64>,
    }
    let project = session
        .query(Query::from("Project").filter(attr("name").is(project)))
        .one()?;
    let text = format!(
        "select sum(bid) from Task where project_id is \"{}\" group by project_id",
        project.id()
    );
    let sum = session.query(text).records::<Sum>().next().transpose()?;
    Ok(sum.and_then(|sum| sum.sum_bid).unwrap_or(0.0))
}

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let session = connect(&server)?;
    let listed = report(&session, "last_lantern", &mut io::stdout().lock())?;
    assert!(listed > 0.0);
    assert!((listed - total(&session, "last_lantern")?).abs() < 1.0);
    Ok(())
}
