//! The listener: it writes down what it handles.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::thread;
use std::time::Duration;

use ftrack_follow::FollowEvents;
use ftrack_session::Session;

use super::WORD;
use crate::peer::Said;

/// Follows updates with four threads until there is a file `stop` in the folder. What is handled is appended to the
/// file `handled` there; each fiftieth change fails the first time.
///
/// # Errors
///
/// Whatever keeps it from following.
pub fn listen(session: &Session, folder: &Path) -> Said {
    let handled = OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("handled"))?;
    let follow = session
        .follow("topic=ftrack.update")
        .position_file(folder.join("position"))?
        .dead_letter_file(folder.join("dead-letters"))?
        .health_file(folder.join("health"))
        .backoff(Duration::from_millis(20), Duration::from_millis(200))
        .concurrency(4);
    let (stopper, stop) = (follow.stopper(), folder.join("stop"));
    thread::spawn(move || {
        while !stop.exists() {
            thread::sleep(Duration::from_millis(20));
        }
        stopper.stop();
    });
    follow.run(move |followed| {
        let new = followed
            .entity()
            .and_then(|entity| entity["changes"]["description"]["new"].as_str());
        let Some(number) = new.and_then(|text| text.strip_prefix(WORD)) else {
            return Ok(());
        };
        if number.ends_with("49") && followed.attempt() == 1 {
            return Err("it fails the first time".into());
        }
        let line = format!("{} {number} {}\n", followed.key(), followed.origin());
        // One piece, so that no two lines mix.
        Ok((&handled).write_all(line.as_bytes())?)
    })?;
    Ok(())
}
