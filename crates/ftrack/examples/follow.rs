//! A listener that misses nothing: what happens while it does not run is told when it runs again.
//!
//! `cargo run -p ftrack --example follow` runs it against a local server of its own: one session is the listener, the
//! other one an artist.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use ftrack::Update;
use ftrack::follow::{BoxError, DeadLetters, FollowEnded, Followed, Health, ListenerState};
use ftrack::prelude::*;

#[path = "support/mod.rs"]
pub(crate) mod support;

use support::{Outcome, connect, folder, start};

/// What was told: the new name of a task, and whether it was caught up.
type Told = Arc<Mutex<Vec<(String, bool)>>>;

/// Tells of each task that is renamed. An error is tried again, and ends in the list of dead letters.
fn on_event(
    session: &Session,
    followed: &Followed,
    told: &Told,
) -> std::result::Result<(), BoxError> {
    for task in Update::from_event(session.schema(), followed.event())?.changes_of("Task") {
        if let Some(change) = task.attribute("name") {
            let name = change.after().as_str().unwrap_or_default().to_owned();
            let when = if followed.is_caught_up() {
                "meanwhile"
            } else {
                "now"
            };
            println!("{when}: {} is called {name}", task.entity_id());
            let told = told.lock();
            told.unwrap_or_else(PoisonError::into_inner)
                .push((name, followed.is_caught_up()));
        }
    }
    Ok(())
}

/// Listens until something was told; calls `on_live` once everything until now is known.
fn listen(
    session: &Session,
    folder: &Path,
    on_live: impl Fn() + Send + 'static,
) -> std::result::Result<Vec<(String, bool)>, Box<dyn std::error::Error>> {
    let told = Told::default();
    let was_live = std::sync::Once::new();
    let follow = session
        .follow("topic=ftrack.update")
        .position_file(folder.join("position"))?
        .dead_letter_file(folder.join("dead-letters.jsonl"))?
        .health_file(folder.join("health.json"))
        .concurrency(4)
        .on_health(move |health| {
            if health.state == ListenerState::Live {
                was_live.call_once(&on_live);
            }
        });
    // A service gives this to its handler of signals.
    let stopper = follow.stopper();
    let (own, in_handler) = (session.downgrade(), Arc::clone(&told));
    let ended = follow.run(move |followed| {
        let session = own.upgrade().ok_or("the session is closed")?;
        on_event(&session, followed, &in_handler)?;
        if !in_handler
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_empty()
        {
            stopper.stop();
        }
        Ok(())
    })?;
    assert_eq!(ended, FollowEnded::Stopped);
    let told = told.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(told.clone())
}

pub(crate) fn main() -> Outcome {
    let server = start()?;
    let (listener, artist) = (connect(&server)?, connect(&server)?);
    let (files, _) = folder()?;
    let task = artist.query("Task").first()?.ok_or("there is no task")?;

    // Somebody renames a task while we listen.
    let (unit, renamed) = (artist.begin(), task.identity().clone());
    let told = listen(&listener, files.path(), move || {
        let unit = unit.clone();
        let renamed = renamed.clone();
        thread::spawn(move || {
            let task = unit.entity(&renamed)?;
            task.set("name", "animation")?;
            unit.commit()
        });
    })?;
    assert_eq!(told, [("animation".to_owned(), false)]);

    // Somebody does while nobody listens, and the next start tells it.
    task.set("name", "layout")?;
    artist.commit()?;
    let told = listen(&listener, files.path(), || {})?;
    assert_eq!(told, [("layout".to_owned(), true)]);

    // What a service manager reads, and what could not be handled.
    let health = Health::read(files.path().join("health.json"))?;
    assert_eq!(
        (health.state, health.handled > 0),
        (ListenerState::Stopped, true)
    );
    let letters = DeadLetters::open(files.path().join("dead-letters.jsonl"))?;
    assert!(letters.is_empty()?);
    Ok(())
}
