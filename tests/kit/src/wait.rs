//! Waiting for what should happen, and not for ever.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// After so long nothing happens any more.
const LONG: Duration = Duration::from_secs(60);

/// Waits until something is so.
#[track_caller]
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < LONG, "in vain: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Does `work` on a thread of its own, and fails if it does not come to its end.
#[track_caller]
pub fn ends<T: Send + 'static>(what: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, end) = mpsc::channel();
    let thread = thread::spawn(move || {
        let outcome = work();
        let _ = sender.send(());
        outcome
    });
    match end.recv_timeout(LONG) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it does not end: {what}"),
        // It is done, or has failed and said why.
        Ok(()) | Err(mpsc::RecvTimeoutError::Disconnected) => thread.join().unwrap(),
    }
}
