//! The steps of the tutorial.

use std::io::Write;

use ftrack::Trace;
use ftrack::prelude::*;
use ftrack_server::RunningServer;

use super::{Tour, connect, expect, tree};
use crate::failure::Failure;

/// The shots of the new sequence, and the tasks of each shot.
const SHOTS: usize = 3;
const TASKS: [&str; 2] = ["animation", "lighting"];

pub(super) fn tell<W: Write>(tour: &mut Tour<W>, server: &RunningServer) -> Result<(), Failure> {
    let trace = Trace::new();
    let session = connect(server, &trace)?;
    entity_types(tour, &session, &trace)?;
    let project = projects(tour, &session)?;
    narrowed_query(tour, &session, &project)?;
    attributes_on_access(tour, &session, &project)?;
    let sequence = create(tour, &session, &project)?;
    update(tour, &session, &sequence)?;
    delete(tour, &session, &sequence)?;
    session.close();
    read_back(tour, server, sequence.identity(), project.identity())
}

fn entity_types<W: Write>(
    tour: &mut Tour<W>,
    session: &Session,
    trace: &Trace,
) -> Result<(), Failure> {
    tour.step("The entity types of this server")?;
    let mut types: Vec<&str> = session.types().collect();
    types.sort_unstable();
    tour.say(&format!(
        "{} types: {}, …",
        types.len(),
        types.get(..6).unwrap_or(&types).join(", ")
    ))?;
    expect(types.contains(&"Task"), "the server has no type Task")?;
    tour.sent(trace)
}

fn projects<W: Write>(tour: &mut Tour<W>, session: &Session) -> Result<Entity, Failure> {
    tour.step("Projects")?;
    let trace = session.trace();
    let projects = session
        .query("select name, full_name, status from Project order by name")
        .all()?;
    for project in &projects {
        let (name, full_name): (String, Option<String>) =
            (project.get("name")?, project.get("full_name")?);
        tour.say(&format!("{name:<16} {}", full_name.unwrap_or_default()))?;
    }
    tour.sent(&trace)?;
    let largest = session.query("select parent.id from Sequence").all()?;
    let parent = largest
        .first()
        .map(|sequence| sequence.get::<Entity>("parent"))
        .transpose()?;
    parent
        .or_else(|| projects.first().cloned())
        .ok_or_else(|| Failure::Demo("there is no project".to_owned()))
}

fn narrowed_query<W: Write>(
    tour: &mut Tour<W>,
    session: &Session,
    project: &Entity,
) -> Result<(), Failure> {
    tour.step("A narrowed query")?;
    let trace = session.trace();
    let query = Query::from("Task")
        .select(["name", "parent.name", "status.name", "status.state.short"])
        .filter(attr("project.id").is(project.id()) & attr("status.state.short").is("IN_PROGRESS"))
        .order_by("parent.name")
        .limit(5);
    tour.say(
        &query
            .clone()
            .build()
            .map_err(ftrack::Error::from)?
            .to_string(),
    )?;
    for task in session.query(query) {
        let task = task?;
        let (name, parent, status): (String, String, String) = (
            task.get("name")?,
            task.get("parent.name")?,
            task.get("status.name")?,
        );
        tour.say(&format!("{parent}/{name}: {status}"))?;
        expect(
            task.get::<String>("status.state.short")? == "IN_PROGRESS",
            "a task of another state was found",
        )?;
    }
    tour.sent(&trace)
}

fn attributes_on_access<W: Write>(
    tour: &mut Tour<W>,
    session: &Session,
    project: &Entity,
) -> Result<(), Failure> {
    tour.step("Attributes are loaded when they are read, for all entities of an answer at once")?;
    let tasks = session
        .query(format!(
            "select id from Task where project.id is \"{}\"",
            project.id()
        ))
        .all()?;
    let trace = session.trace();
    let mut statuses = std::collections::BTreeMap::<String, usize>::new();
    for task in &tasks {
        *statuses.entry(task.get("status.name")?).or_default() += 1;
    }
    let counts: Vec<String> = statuses
        .iter()
        .map(|(status, count)| format!("{count} {status}"))
        .collect();
    tour.say(&format!("{} tasks: {}", tasks.len(), counts.join(", ")))?;
    expect(
        trace.request_count() <= 1,
        "reading one attribute of every task took more than one request",
    )?;
    tour.sent(&trace)
}

fn create<W: Write>(
    tour: &mut Tour<W>,
    session: &Session,
    project: &Entity,
) -> Result<Entity, Failure> {
    tour.step("A new sequence with shots and tasks, committed in one transaction")?;
    let name = free_name(session, project)?;
    let trace = session.trace();
    let sequence = session.create("Sequence", values! { "name": name, "parent": project })?;
    for shot_number in 1..=SHOTS {
        let shot_name = format!("{:03}", shot_number * 10);
        let shot = session.create("Shot", values! { "name": shot_name, "parent": &sequence })?;
        for task_name in TASKS {
            session.create("Task", values! { "name": task_name, "parent": &shot })?;
        }
    }
    let committed = session.commit()?;
    expect(
        committed.operations == 1 + SHOTS * (1 + TASKS.len()),
        "not every new entity was sent",
    )?;
    expect(trace.request_count() == 1, "the commit was not one request")?;
    tour.sent(&trace)?;
    tree::print(tour, session, &sequence)?;
    Ok(sequence)
}

/// A name that no sequence of the project has: with `--data`, earlier demos have left theirs.
fn free_name(session: &Session, project: &Entity) -> ftrack::Result<String> {
    let query = Query::from("Sequence")
        .select(["name"])
        .filter(attr("parent.id").is(project.id()));
    let mut taken = std::collections::HashSet::new();
    for sequence in session.query(query) {
        taken.insert(sequence?.get::<String>("name")?);
    }
    let mut names = (1_u64..)
        .map(|number| format!("demo_{:03}", number * 10))
        .skip_while(|name| taken.contains(name));
    Ok(names.next().unwrap_or_default())
}

fn update<W: Write>(
    tour: &mut Tour<W>,
    session: &Session,
    sequence: &Entity,
) -> Result<(), Failure> {
    tour.step("An update")?;
    let trace = session.trace();
    sequence.set("description", "First hero character reveal.")?;
    for operation in session.recorded_operations() {
        tour.say(&format!("{operation:?}"))?;
    }
    session.commit()?;
    expect(
        session.recorded_operations().is_empty(),
        "the operation log is not empty after the commit",
    )?;
    tour.sent(&trace)
}

fn delete<W: Write>(
    tour: &mut Tour<W>,
    session: &Session,
    sequence: &Entity,
) -> Result<(), Failure> {
    tour.step("A delete: the server deletes what belongs to the entity as well")?;
    let shots = sequence.collection("children")?.entities()?;
    let trace = session.trace();
    let last = shots
        .last()
        .ok_or_else(|| Failure::Demo("the new sequence has no shots".to_owned()))?;
    session.delete(last)?;
    session.commit()?;
    tour.say(&format!("{last:?} is gone"))?;
    tour.sent(&trace)
}

fn read_back<W: Write>(
    tour: &mut Tour<W>,
    server: &RunningServer,
    sequence: &Identity,
    project: &Identity,
) -> Result<(), Failure> {
    tour.step("A second session reads back what was persisted")?;
    let trace = Trace::new();
    let session = connect(server, &trace)?;
    let query = Query::from("Sequence")
        .select(["name", "description", "children", "project.id"])
        .filter(attr("id").is(sequence.key().to_string()));
    let sequence = session.query(query).one()?;
    tree::print(tour, &session, &sequence)?;
    let description: String = sequence.get("description")?;
    tour.say(&format!("description: {description}"))?;
    expect(
        description == "First hero character reveal.",
        "the update is not on the server",
    )?;
    expect(
        sequence.collection("children")?.len() == SHOTS - 1,
        "the deleted shot is still on the server",
    )?;
    let tasks = format!(
        "select id from Task where parent.parent.id is \"{}\"",
        sequence.id()
    );
    expect(
        session.query(tasks).all()?.len() == (SHOTS - 1) * TASKS.len(),
        "not every task is on the server",
    )?;
    expect(
        sequence.get::<Identity>("project")? == *project,
        "the sequence belongs to another project",
    )?;
    tour.sent(&trace)?;
    session.close();
    Ok(())
}
