//! What the pipeline does. Nothing here knows which server it is done on.

use ftrack::prelude::*;

/// The steps of every shot, with their bids in hours.
pub const STEPS: [(&str, f64); 3] = [("Layout", 8.0), ("Animation", 24.0), ("Lighting", 16.0)];

/// Makes the shot `name` of a sequence with its tasks, unless it is there, and gives it back.
///
/// # Errors
///
/// Those of the session; nothing is made then.
pub fn ensure_shot(session: &Session, sequence: &Entity, name: &str) -> Result<Entity> {
    let unit = session.begin();
    let sequence = unit.attach(sequence)?;
    let known =
        Query::from("Shot").filter(attr("name").is(name) & attr("parent_id").is(sequence.id()));
    if let Some(shot) = unit.query(known).first()? {
        return session.attach(&shot);
    }
    let shot = unit.create("Shot", values! { "name": name, "parent": &sequence })?;
    for (step, hours) in STEPS {
        let kind = unit
            .query(Query::from("Type").filter(attr("name").is(step)))
            .one()?;
        let seconds = hours * 3600.0;
        let values = values! { "name": step, "parent": &shot, "type": &kind, "bid": seconds };
        unit.create("Task", values)?;
    }
    unit.commit()?;
    session.attach(&shot)
}

/// The names of a shot's tasks that nobody is assigned to.
///
/// # Errors
///
/// Those of the session.
pub fn unassigned(session: &Session, shot: &Entity) -> Result<Vec<String>> {
    let tasks = Query::from("Task")
        .select(["name"])
        .filter(attr("parent_id").is(shot.id()) & attr("assignments").is_empty())
        .order_by("name");
    session
        .query(tasks)
        .into_iter()
        .map(|task| task?.get("name"))
        .collect()
}
