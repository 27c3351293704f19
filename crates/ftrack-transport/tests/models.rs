//! Every order in which threads can meet at a [`Pending`], one after the other.
//!
//! `loom` runs each test with all interleavings of its threads. It needs locks of its own, so the
//! module is compiled here a second time, with those in place of the usual ones.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    dead_code,
    unreachable_pub,
    reason = "tests fail by panicking, and use a part of what the module offers"
)]

#[path = "../src/pending.rs"]
mod pending;

#[path = "models/sync.rs"]
mod sync;

/// As much of the errors as the module uses.
mod error {
    #[derive(Debug, PartialEq, Eq)]
    pub enum Error {
        Cancelled,
        Interrupted,
    }

    pub type Result<T> = std::result::Result<T, Error>;
}

/// Nothing interrupts a model.
mod interruption {
    use std::rc::Rc;
    use std::time::Duration;

    pub(crate) const LOOK: Duration = Duration::from_millis(50);

    pub(crate) fn check() -> Option<Rc<dyn Fn() -> bool>> {
        None
    }
}

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use self::error::Error;
use self::pending::Pending;

/// Counts how often it is called.
fn counting(count: &Arc<AtomicUsize>) -> impl FnOnce() + Send + 'static {
    let count = Arc::clone(count);
    move || {
        count.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn whoever_waits_is_woken_by_an_answer_or_by_its_loss() {
    for is_lost in [false, true] {
        loom::model(move || {
            let (completer, pending) = Pending::channel();
            let other = thread::spawn(move || {
                if is_lost {
                    drop(completer);
                } else {
                    completer.complete(Ok(5));
                }
            });
            let expected = if is_lost {
                Err(Error::Interrupted)
            } else {
                Ok(5)
            };
            assert_eq!(pending.wait(), expected);
            other.join().unwrap();
        });
    }
}

#[test]
fn an_answer_and_a_cancellation_that_meet_leave_one_of_them_and_the_hook_fits_it() {
    loom::model(|| {
        let (completer, pending) = Pending::channel();
        let hooks = Arc::new(AtomicUsize::new(0));
        completer.on_cancel(counting(&hooks));
        let canceller = pending.canceller();
        let cancelling = thread::spawn(move || canceller.cancel());
        let completing = thread::spawn(move || completer.complete(Ok(5)));
        let result = pending.wait();
        cancelling.join().unwrap();
        completing.join().unwrap();
        let expected = match result {
            Ok(5) => 0,
            Err(Error::Cancelled) => 1,
            other => panic!("{other:?}"),
        };
        assert_eq!(hooks.load(Ordering::SeqCst), expected);
    });
}

#[test]
fn a_hook_that_comes_while_somebody_cancels_runs_once() {
    loom::model(|| {
        let (completer, pending) = Pending::<u8>::channel();
        let hooks = Arc::new(AtomicUsize::new(0));
        let cancelling = thread::spawn(move || drop(pending));
        completer.on_cancel(counting(&hooks));
        cancelling.join().unwrap();
        assert_eq!(hooks.load(Ordering::SeqCst), 1);
        assert!(completer.is_cancelled());
    });
}

#[test]
fn whoever_awaits_is_woken() {
    loom::model(|| {
        let (completer, pending) = Pending::channel();
        let other = thread::spawn(move || completer.complete(Ok(5)));
        assert_eq!(loom::future::block_on(pending), Ok(5));
        other.join().unwrap();
    });
}
