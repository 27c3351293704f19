//! 10,000 tasks: querying and reading them.

use ftrack_session::{Entity, Session};

use super::sample::measure;
use super::stub::Stub;
use super::{Arguments, Outcome, connect};

/// Plain attributes of a task that are asked for.
const PLAIN: [&str; 18] = [
    "id",
    "name",
    "description",
    "start_date",
    "end_date",
    "created_at",
    "bid",
    "sort",
    "time_logged",
    "context_type",
    "object_type_id",
    "priority_id",
    "status_id",
    "type_id",
    "parent_id",
    "project_id",
    "created_by_id",
    "thumbnail_id",
];

/// How many of these are read.
const PLAIN_READ: usize = 15;

/// Attributes of what a task refers to that are asked for.
const BEHIND: [&str; 10] = [
    "status.name",
    "status.color",
    "status.sort",
    "type.name",
    "type.color",
    "priority.name",
    "priority.value",
    "parent.name",
    "project.name",
    "project.full_name",
];

/// The references that are read.
const REFERENCES: [&str; 5] = ["status", "type", "priority", "parent", "project"];

const PAGE: u64 = 500;

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let session = connect(&arguments.url)?;
    let mut stub = Stub::connect(&arguments.url)?;
    let tasks = query(&session, &mut stub, "B2.query10k.first")?;
    read(&tasks, &mut stub, "B3.read20.first")?;
    read(&tasks, &mut stub, "B3.read20.again")?;
    drop(tasks);
    query(&session, &mut stub, "B2.query10k.again")?;
    Ok(())
}

fn query(session: &Session, stub: &mut Stub, scenario: &str) -> Outcome<Vec<Entity>> {
    let text = format!(
        "select {}, {} from Task",
        PLAIN.join(", "),
        BEHIND.join(", ")
    );
    let (tasks, sample) = measure(Some(stub), || {
        Ok(session.query(text.as_str()).page_size(PAGE).all()?)
    })?;
    sample.print(scenario, tasks.len(), sum_of_bids(&tasks)?)?;
    Ok(tasks)
}

fn sum_of_bids(tasks: &[Entity]) -> Outcome<usize> {
    let bids: Result<Vec<f64>, _> = tasks.iter().map(|task| task.get("bid")).collect();
    let sum: f64 = bids?.iter().sum();
    // Exact: bids are whole numbers, and this way of reading them knows no other.
    Ok(format!("{sum:.0}").parse()?)
}

fn read(tasks: &[Entity], stub: &mut Stub, scenario: &str) -> Outcome {
    let (present, sample) = measure(Some(stub), || {
        let mut present = 0;
        for task in tasks {
            for name in &PLAIN[..PLAIN_READ] {
                present += usize::from(!task.value(name)?.is_null());
            }
            for name in REFERENCES {
                present += usize::from(task.get::<Option<Entity>>(name)?.is_some());
            }
        }
        Ok(present)
    })?;
    let reads = tasks.len() * (PLAIN_READ + REFERENCES.len());
    sample.print(scenario, reads, present)
}
