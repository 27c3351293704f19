//! Threads that wait for each other for ever. `cargo xtask deadlocks` turns this on, for it has its price.

use std::process::Command;
use std::sync::{Arc, Barrier, Once};
use std::thread;
use std::time::Duration;

use parking_lot::{Mutex, deadlock};

const CHILD: &str = "FTRACK_TEST_DEADLOCK";

/// Looks for deadlocks as long as the process lives, and ends it if there is one. What many tests begin with calls it.
pub(crate) fn watch() {
    static WATCHING: Once = Once::new();
    WATCHING.call_once(|| drop(thread::spawn(look)));
}

fn look() {
    loop {
        thread::sleep(Duration::from_millis(200));
        let found = deadlock::check_deadlock();
        for (number, threads) in found.iter().enumerate() {
            for waiting in threads {
                let (id, stack) = (waiting.thread_id(), waiting.backtrace());
                eprintln!("deadlock {number}: thread {id:?} waits at\n{stack:?}");
            }
        }
        if !found.is_empty() {
            std::process::abort();
        }
    }
}

#[test]
fn a_deadlock_ends_the_process_and_shows_where_its_threads_wait() {
    watch();
    if std::env::var_os(CHILD).is_some() {
        wait_for_each_other();
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--nocapture", "a_deadlock_ends_the_process"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    assert!(!child.status.success());
    let said = String::from_utf8_lossy(&child.stderr);
    assert_eq!(said.matches("deadlock 0: thread").count(), 2, "{said}");
}

fn wait_for_each_other() {
    let (first, second) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(())));
    let both = Arc::new(Barrier::new(2));
    let take = |first: &Arc<Mutex<()>>, second: &Arc<Mutex<()>>| {
        let (first, second, both) = (Arc::clone(first), Arc::clone(second), Arc::clone(&both));
        thread::spawn(move || {
            let _first = first.lock();
            both.wait();
            let _second = second.lock();
        })
    };
    let threads = [take(&first, &second), take(&second, &first)];
    for thread in threads {
        thread.join().unwrap();
    }
}
