//! Moments of a batch at which tests let the server fail.

/// A moment between two steps of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Point {
    /// A large batch is made, and waits for its turn to be kept.
    Prepared,
    /// Others changed what it goes by, so that it has to be made once more.
    MadeAgain,
    /// It is known what is to be stored; nothing is.
    Planned,
    /// It is stored, and seen by everybody.
    Published,
    /// The files of what it deleted are gone.
    FilesRemoved,
    /// Its events are noted.
    EventsRecorded,
}

/// Says that a moment has come.
#[cfg(not(test))]
pub(crate) fn reach(_point: Point) {}

#[cfg(test)]
pub(crate) use self::armed::{arm, at, reach};

#[cfg(test)]
mod armed {
    use std::cell::RefCell;

    use super::Point;

    type Hook = (Point, Box<dyn FnOnce()>);

    thread_local! {
        static HOOKS: RefCell<Vec<Hook>> = const { RefCell::new(Vec::new()) };
    }

    /// Lets this thread panic when it reaches a moment, once.
    pub(crate) fn arm(point: Point) {
        at(point, move || {
            panic!("a test lets the server fail at {point:?}")
        });
    }

    /// Lets this thread do something when it reaches a moment, once.
    pub(crate) fn at(point: Point, work: impl FnOnce() + 'static) {
        HOOKS.with_borrow_mut(|hooks| hooks.push((point, Box::new(work))));
    }

    pub(crate) fn reach(point: Point) {
        let hook = HOOKS.with_borrow_mut(|hooks| {
            let found = hooks.iter().position(|(armed, _)| *armed == point)?;
            Some(hooks.remove(found).1)
        });
        if let Some(work) = hook {
            work();
        }
    }
}
