//! A recipe: a service that watches the statuses of tasks, and sets that of the shot when all of them are done.
//!
//! `cargo run -p ftrack --example service` runs it against a local server of its own: one session is the service, the
//! other one an artist.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use std::sync::mpsc;
use std::time::Duration;

use ftrack::event::{Event, HandlerResult, Workers};
use ftrack::prelude::*;
use ftrack::{Retention, Update};

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, builder, connect, start};

/// What is done for one event. An error is logged with the event, and the service goes on.
fn on_update(session: &Session, event: &Event) -> HandlerResult {
    let mut shots = Vec::new();
    for task in Update::from_event(session.schema(), event)?.changes_of("Task") {
        if task.attribute("status_id").is_some() {
            // Units of work are cheap. With one for each change, nothing half done is committed by another handler.
            shots.extend(complete(&session.begin(), task.entity_id())?);
        }
    }
    Ok((!shots.is_empty()).then(|| shots.into()))
}

/// Sets the status of the task's shot if all tasks of the shot are done. Doing it twice does no harm.
fn complete(unit: &Session, task: &str) -> Result<Option<String>> {
    let query = Query::from("Shot").filter(attr("children").any(attr("id").is(task)));
    let Some(shot) = unit.query(query).first()? else {
        return Ok(None);
    };
    let open = Query::from("Task")
        .filter(attr("parent_id").is(shot.id()) & attr("status.state.short").is_not("DONE"));
    if unit.query(open).first()?.is_some() {
        return Ok(None);
    }
    let done = unit.query("Status where name is Completed").one()?;
    shot.set("status", &done)?;
    unit.commit()?;
    shot.get("name").map(Some)
}

/// Starts the service on two threads of its own. `hub.wait(None)` would run it on this one.
fn serve(
    session: &Session,
    told: mpsc::Sender<String>,
) -> Result<Workers, Box<dyn std::error::Error>> {
    let hub = session.event_hub();
    // Handlers hold the session weakly: a session that its own hub holds is never dropped.
    let weak = session.downgrade();
    hub.subscribe("topic=ftrack.update", move |event| {
        let session = weak.upgrade().ok_or("the session is closed")?;
        let completed = on_update(&session, event)?;
        if let Some(shots) = &completed {
            told.send(shots.to_string())?;
        }
        Ok(completed)
    })?;
    hub.connect()?;
    Ok(hub.run_workers(2)?)
}

pub(crate) fn main() -> Outcome {
    let server = start()?;
    // Entities are kept only as long as somebody holds them: this program is to run for months.
    let service = builder(&server).retention(Retention::Held).connect()?;
    let (told, completed) = mpsc::channel();
    let workers = serve(&service, told)?;

    let artist = connect(&server)?;
    let shot = artist
        .query("Shot where name is 040 and parent.name is harbour")
        .one()?;
    let done = artist.query("Status where name is Approved").one()?;
    for task in shot.collection("children")?.entities()? {
        task.set("status", &done)?;
    }
    artist.commit()?;
    println!(
        "completed: {}",
        completed.recv_timeout(Duration::from_secs(30))?
    );

    let shot = connect(&server)?
        .get("Shot", shot.id())?
        .ok_or("the shot is gone")?;
    assert_eq!(shot.get::<String>("status.name")?, "Completed");
    drop(workers);
    service.close();
    Ok(())
}
