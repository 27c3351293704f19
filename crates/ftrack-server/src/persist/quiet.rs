//! Panics of the database, as errors.
//!
//! The database checks its own assumptions by assertions. A damaged file breaks them, and that is an error of the file,
//! to be reported as one.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use super::error::DiskError;

thread_local! {
    /// Whether panics of this thread are caught and told by whoever catches them.
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// Runs what works with the database; a panic in it becomes an error.
pub(super) fn guard<T>(work: impl FnOnce() -> Result<T, DiskError>) -> Result<T, DiskError> {
    HOOK.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !IS_CAUGHT.get() {
                report(panic);
            }
        }));
    });
    let before = IS_CAUGHT.replace(true);
    // What the work changed is thrown away: the database is closed after a panic.
    let outcome = catch_unwind(AssertUnwindSafe(work));
    IS_CAUGHT.set(before);
    outcome.unwrap_or_else(|panic| Err(DiskError::Panicked(message(panic.as_ref()))))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error() {
        let outcome: Result<(), DiskError> = guard(|| panic!("page {} is not there", 7));
        let Err(DiskError::Panicked(message)) = outcome else {
            panic!("it was not caught: {outcome:?}");
        };
        assert_eq!(message, "page 7 is not there");
        assert!(matches!(guard(|| Ok(3)), Ok(3)));
    }
}
