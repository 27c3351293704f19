//! The status names of 500 tasks, asked for and not asked for.

use ftrack_session::Entity;

use super::sample::measure;
use super::stub::Stub;
use super::{Arguments, Outcome, connect};

const TASKS: usize = 500;

/// A way: its name, the query, and how the name of a task's status is read.
type Way = (&'static str, &'static str, fn(&Entity) -> Outcome<String>);

const WAYS: [Way; 3] = [
    ("lazy", "select id, name from Task limit 500", by_entity),
    (
        "projected",
        "select id, name, status.name from Task limit 500",
        by_entity,
    ),
    // Ours alone: a path is read in one go, and so is what it needs.
    ("lazy_path", "select id, name from Task limit 500", by_path),
];

pub(super) fn run(arguments: &Arguments) -> Outcome {
    for (latency, url) in [("0ms", &arguments.url), ("5ms", &arguments.url_slow)] {
        for (way, query, name_of_status) in WAYS {
            let session = connect(url)?;
            let mut stub = Stub::connect(url)?;
            let (letters, sample) = measure(Some(&mut stub), || {
                let mut letters = 0;
                for task in session.query(query) {
                    letters += name_of_status(&task?)?.chars().count();
                }
                Ok(letters)
            })?;
            sample.print(&format!("B5.{way}.{latency}"), TASKS, letters)?;
        }
    }
    Ok(())
}

fn by_entity(task: &Entity) -> Outcome<String> {
    Ok(task.get::<Entity>("status")?.get("name")?)
}

fn by_path(task: &Entity) -> Outcome<String> {
    Ok(task.get("status.name")?)
}
