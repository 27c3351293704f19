//! 1,000 tasks created and updated, and the commit of that.

use ftrack_session::{Entity, Session, values};

use super::sample::measure;
use super::stub::Stub;
use super::{Arguments, Outcome, connect};

const TASKS: u32 = 1_000;

/// What is recorded: a create and an update for each.
const RECORDED: usize = 2_000;

/// Each task is updated right after it is created.
pub(super) fn each(arguments: &Arguments) -> Outcome {
    run(arguments, "B4.each", |session, related| {
        for number in 0..TASKS {
            let task = create(session, related, number)?;
            task.set("description", format!("Updated {number}"))?;
        }
        Ok(())
    })
}

/// All tasks are created, then all are updated.
pub(super) fn after(arguments: &Arguments) -> Outcome {
    run(arguments, "B4.after", |session, related| {
        let created: Outcome<Vec<_>> = (0..TASKS)
            .map(|number| create(session, related, number))
            .collect();
        for (number, task) in created?.iter().enumerate() {
            task.set("description", format!("Updated {number}"))?;
        }
        Ok(())
    })
}

/// The ids of what new tasks refer to.
struct Related {
    status: String,
    r#type: String,
    parent: String,
    project: String,
}

fn run(
    arguments: &Arguments,
    scenario: &str,
    record: impl FnOnce(&Session, &Related) -> Outcome,
) -> Outcome {
    let session = connect(&arguments.url)?;
    let related = Related {
        status: any_id(&session, "Status")?,
        r#type: any_id(&session, "Type")?,
        parent: any_id(&session, "Shot")?,
        project: any_id(&session, "Project")?,
    };
    let mut stub = Stub::connect(&arguments.url)?;
    let ((), sample) = measure(Some(&mut stub), || record(&session, &related))?;
    sample.print(&format!("{scenario}.record"), RECORDED, None)?;
    let (_, sample) = measure(Some(&mut stub), || Ok(session.commit()?))?;
    let left = session.recorded_operations().len();
    sample.print(&format!("{scenario}.commit"), RECORDED, left)
}

fn any_id(session: &Session, entity_type: &str) -> Outcome<String> {
    let first = session
        .query(format!("select id from {entity_type}"))
        .first()?;
    Ok(first
        .ok_or_else(|| format!("there is no {entity_type}"))?
        .id())
}

fn create(session: &Session, related: &Related, number: u32) -> Outcome<Entity> {
    let values = values! {
        "name": format!("new_{number:04}"),
        "description": "Created by the benchmark",
        "bid": 3600.0,
        "sort": f64::from(number),
        "status_id": related.status.as_str(),
        "type_id": related.r#type.as_str(),
        "parent_id": related.parent.as_str(),
        "project_id": related.project.as_str(),
    };
    Ok(session.create("Task", values)?)
}
