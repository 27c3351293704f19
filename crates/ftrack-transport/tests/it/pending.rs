//! Answers that are still to come.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use ftrack_transport::{Canceller, Error, Pending};

#[test]
fn a_waiting_thread_is_woken() {
    let (completer, pending) = Pending::channel();
    let waiting = thread::spawn(move || pending.wait());
    completer.complete(Ok("done"));
    assert_eq!(waiting.join().unwrap().unwrap(), "done");
}

#[test]
fn a_lost_completer_interrupts() {
    let (completer, pending) = Pending::<()>::channel();
    drop(completer);
    assert!(matches!(pending.wait(), Err(Error::Interrupted)));
}

#[test]
fn the_answer_is_given_out_once() {
    let mut pending = Pending::ready(Ok(1));
    assert_eq!(pending.wait_timeout(Duration::ZERO).unwrap(), Some(1));
    assert!(matches!(
        pending.wait_timeout(Duration::MAX),
        Err(Error::Interrupted)
    ));
}

#[test]
fn cancelling_runs_the_hook_once_and_keeps_an_answer() {
    let runs = Arc::new(AtomicUsize::new(0));
    let hook = |runs: &Arc<AtomicUsize>| {
        let runs = Arc::clone(runs);
        move || {
            runs.fetch_add(1, Ordering::SeqCst);
        }
    };
    let (completer, pending) = Pending::<()>::channel();
    completer.on_cancel(hook(&runs));
    pending.cancel();
    pending.cancel();
    completer.on_cancel(hook(&runs));
    assert!(completer.is_cancelled());
    drop(pending);
    assert_eq!(runs.load(Ordering::SeqCst), 2);

    let (completer, pending) = Pending::channel();
    completer.on_cancel(hook(&runs));
    completer.complete(Ok(3));
    pending.cancel();
    assert_eq!(pending.wait().unwrap(), 3);
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

#[test]
fn dropping_cancels() {
    let (completer, pending) = Pending::<()>::channel();
    drop(pending);
    assert!(completer.is_cancelled());
}

/// No lock is held while foreign code runs: wakers, hooks and what an answer holds may all look
/// at the answer that they belong to.
#[test]
fn foreign_code_may_look_at_the_answer() {
    struct Looking(Canceller);
    impl Drop for Looking {
        fn drop(&mut self) {
            self.0.cancel();
        }
    }
    impl std::task::Wake for Looking {
        fn wake(self: Arc<Self>) {
            self.0.cancel();
        }
    }
    let (completer, mut pending) = Pending::<Looking>::channel();
    let canceller = pending.canceller();
    for _ in 0..2 {
        // The second waker takes the place of the first, which is dropped.
        let waker = Waker::from(Arc::new(Looking(pending.canceller())));
        let polled = Pin::new(&mut pending).poll(&mut Context::from_waker(&waker));
        assert!(polled.is_pending());
    }
    let hooked = pending.canceller();
    completer.on_cancel(move || hooked.cancel());
    let hooked = Looking(pending.canceller());
    completer.on_cancel(move || drop(hooked));
    completer.complete(Ok(Looking(canceller)));
    drop(pending);
}

#[test]
fn it_can_be_awaited() {
    let (completer, pending) = Pending::channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    thread::spawn(move || completer.complete(Ok(5)));
    assert_eq!(runtime.block_on(pending).unwrap(), 5);
}
