//! Reading what is known, again and again: the floor is a row of one's own, behind a lock since threads share it.

use std::collections::HashMap;

use ftrack_session::{Entity, Session, values};

use super::Outcome;
use crate::scenario::Measured;
use crate::server::Child;

const TASKS: usize = 1_000;

/// How often each task is read in a round.
const TIMES: usize = 100;

/// A row of one's own, with as many attributes as tasks have here.
type Row = std::sync::RwLock<HashMap<&'static str, serde_json::Value>>;

/// A number, by an attribute that was looked up before.
pub(super) fn by_handle() -> Outcome {
    let (_server, session) = studio()?;
    let bid = session.schema().attribute("Task", "bid")?;
    measure(&session, |task| task.read(&bid).unwrap_or(f64::NAN))
}

/// A number, by its name.
pub(super) fn by_name() -> Outcome {
    let (_server, session) = studio()?;
    measure(&session, |task| task.get("bid").unwrap_or(f64::NAN))
}

fn measure(session: &Session, read: impl Fn(&Entity) -> f64) -> Outcome {
    let tasks = session
        .query("select name, bid, status_id, type_id from Task")
        .all()?;
    let rows: Vec<Row> = tasks.iter().map(row).collect();
    let read_row = |row: &Row| {
        let values = row.read().ok()?;
        values.get("bid")?.as_f64()
    };
    let sum: f64 = tasks.iter().map(&read).sum();
    if tasks.len() != TASKS
        || sum.to_bits() != rows.iter().filter_map(read_row).sum::<f64>().to_bits()
    {
        return Err("the tasks could not be read".into());
    }
    let rounds = 0..TIMES;
    let steps = u32::try_from(TASKS * TIMES)?;
    Ok(Measured::new(
        || (),
        |()| -> f64 {
            let round = |_| tasks.iter().map(&read).sum::<f64>();
            rounds.clone().map(round).sum()
        },
        |()| -> f64 {
            let round = |_| rows.iter().filter_map(read_row).sum::<f64>();
            rounds.clone().map(round).sum()
        },
    )
    .counting(steps))
}

fn row(task: &Entity) -> Row {
    let value = |name| (name, task.get(name).unwrap_or_default());
    let names = ["id", "name", "bid", "status_id", "type_id"];
    Row::new(names.into_iter().map(value).collect())
}

/// A server with a project of tasks, and a session.
fn studio() -> Result<(Child, Session), Box<dyn std::error::Error>> {
    let server = Child::start(&[])?;
    let session = server.session()?;
    let project = session.create("Project", values! { "name": "reading" })?;
    for number in 0..TASKS {
        let name = format!("task_{number:04}");
        let bid = i64::try_from(number)?;
        session.create(
            "Task",
            values! { "name": name, "parent": &project, "bid": bid },
        )?;
    }
    session.commit()?;
    session.reset();
    Ok((server, session))
}
