//! Threads of the library.

use std::thread;
use std::time::Duration;

use ftrack::event::{Event, HandlerResult};
use ftrack::{Result, Session};
use serde_json::json;

/// Uses the session from several threads at once, and counts what came of it.
pub(crate) fn hammer(session: &Session, event: &Event) -> HandlerResult {
    let threads = event.data["threads"].as_u64().unwrap_or(1);
    let rounds = event.data["rounds"].as_u64().unwrap_or(1);
    let workers: Vec<_> = (0..threads)
        .map(|_| {
            let session = session.clone();
            thread::spawn(move || work(&session, rounds))
        })
        .collect();
    let mut answers = 0;
    for worker in workers {
        answers += worker.join().map_err(|_| "a thread panicked")??;
    }
    Ok(Some(json!({"answers": answers})))
}

/// Queries, subscribes, publishes and unsubscribes; how many answers there were.
fn work(session: &Session, rounds: u64) -> Result<usize> {
    let hub = session.event_hub();
    let mut answers = 0;
    for round in 0..rounds {
        let id = hub.subscribe("topic=trial.tick", move |_| Ok(Some(json!(round))))?;
        answers += hub.publish_synchronously(Event::new("trial.tock"))?.len();
        answers += session
            .query("select username from User")
            .all()?
            .len()
            .min(1);
        tracing::trace!(round, "a round is over");
        hub.unsubscribe(&id)?;
    }
    Ok(answers)
}

/// Starts a thread that uses the session until that fails, and then writes down why.
pub(crate) fn linger(session: &Session, event: &Event) -> HandlerResult {
    let path = event.data["path"].as_str().unwrap_or_default().to_owned();
    let session = session.clone();
    let linger = move || {
        let end = loop {
            let outcome = session.query("select username from User").all();
            let published = session
                .event_hub()
                .publish_synchronously(Event::new("trial.tick"));
            if let Err(error) = outcome {
                break format!("{:?} {}", error.kind(), published.is_err());
            }
            thread::sleep(Duration::from_millis(1));
        };
        drop(session);
        if let Err(error) = std::fs::write(&path, end) {
            tracing::error!(%error, path, "cannot write");
        }
    };
    thread::Builder::new()
        .name("lingering".to_owned())
        .spawn(linger)?;
    Ok(None)
}
