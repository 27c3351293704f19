//! Waiting that the caller's thread can interrupt.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// How often a thread that waits looks whether it is to stop.
pub(crate) const LOOK: Duration = Duration::from_millis(50);

type Check = Rc<dyn Fn() -> bool>;

thread_local! {
    static CHECK: RefCell<Option<Check>> = const { RefCell::new(None) };
}

/// Does `work`, and meanwhile lets waiting on this thread be interrupted: every 50 ms that the thread waits for an
/// answer it calls `is_interrupted`, and as soon as that says `true` the request is cancelled and waiting answers
/// [`Error::Cancelled`](crate::Error::Cancelled).
///
/// This is for programs in which something has to be looked at on the thread itself, such as the signals of an
/// interpreter. No lock is held while `is_interrupted` runs. Interruptions can be nested: the innermost counts.
///
/// ```
/// use ftrack_transport::{Error, Pending, interruptible};
///
/// let (_completer, pending) = Pending::<()>::channel();
/// let answer = interruptible(|| true, || pending.wait());
/// assert!(matches!(answer, Err(Error::Cancelled)));
/// ```
pub fn interruptible<R>(
    is_interrupted: impl Fn() -> bool + 'static,
    work: impl FnOnce() -> R,
) -> R {
    let before = CHECK.replace(Some(Rc::new(is_interrupted)));
    let _restored = Restore(before);
    work()
}

/// Puts the check before back, also when the work panics.
struct Restore(Option<Check>);

impl Drop for Restore {
    fn drop(&mut self) {
        CHECK.set(self.0.take());
    }
}

/// What to ask while this thread waits, if there is anything.
pub(crate) fn check() -> Option<Check> {
    CHECK.with_borrow(Clone::clone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::pending::Pending;

    #[test]
    fn an_interruption_ends_with_its_work() {
        interruptible(|| true, || assert!(check().is_some()));
        assert!(check().is_none());
    }

    #[test]
    fn an_answer_that_is_there_is_not_interrupted() {
        let pending = Pending::ready(Ok(7));
        assert_eq!(interruptible(|| true, || pending.wait()).unwrap(), 7);
    }

    #[test]
    fn waiting_ends_only_when_the_check_says_so() {
        let (completer, pending) = Pending::channel();
        let asked = Rc::new(std::cell::Cell::new(0));
        let count = Rc::clone(&asked);
        let answer = interruptible(
            move || {
                count.set(count.get() + 1);
                count.get() == 3
            },
            || pending.wait(),
        );
        assert!(matches!(answer, Err(Error::Cancelled)));
        assert_eq!(asked.get(), 3);
        completer.complete(Ok(()));
    }
}
