//! 10,000 tasks: querying and reading them.

use ftrack_session::{Entity, Session};
use serde::Deserialize;

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
    records(&connect(&arguments.url)?, &mut stub)
}

/// A row as a program's own type; what it has no field for is left out.
#[derive(Deserialize)]
struct Row {
    name: String,
    description: String,
    start_date: String,
    end_date: String,
    bid: f64,
    time_logged: f64,
    status: Named,
    r#type: Named,
    parent: Named,
    project: Named,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

impl Row {
    /// Whether everything has arrived.
    fn is_whole(&self) -> bool {
        let related = [&self.status, &self.r#type, &self.parent, &self.project];
        let names = related.map(|named| &named.name);
        let texts = [
            &self.name,
            &self.description,
            &self.start_date,
            &self.end_date,
        ];
        self.time_logged >= 0.0 && !texts.iter().chain(&names).any(|text| text.is_empty())
    }
}

/// Ours alone: the same rows as a program's own type, a page at a time, with no entities.
fn records(session: &Session, stub: &mut Stub) -> Outcome {
    let ((rows, bids), sample) = measure(Some(stub), || {
        let (mut rows, mut bids) = (0, 0.0);
        for row in session.query(query_text()).page_size(PAGE).records::<Row>() {
            let row = row?;
            rows += usize::from(row.is_whole());
            bids += row.bid;
        }
        Ok((rows, bids))
    })?;
    sample.print("B2.records10k", rows, whole(bids)?)
}

fn query_text() -> String {
    let (plain, behind) = (PLAIN.join(", "), BEHIND.join(", "));
    format!("select {plain}, {behind} from Task")
}

fn query(session: &Session, stub: &mut Stub, scenario: &str) -> Outcome<Vec<Entity>> {
    let (tasks, sample) = measure(Some(stub), || {
        Ok(session.query(query_text()).page_size(PAGE).all()?)
    })?;
    sample.print(scenario, tasks.len(), sum_of_bids(&tasks)?)?;
    Ok(tasks)
}

fn sum_of_bids(tasks: &[Entity]) -> Outcome<usize> {
    let bids: Result<Vec<f64>, _> = tasks.iter().map(|task| task.get("bid")).collect();
    whole(bids?.iter().sum())
}

/// Exact, since bids are whole numbers.
fn whole(number: f64) -> Outcome<usize> {
    Ok(format!("{number:.0}").parse()?)
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
