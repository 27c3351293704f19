//! Ending early, but with everything tidied up.

use std::sync::atomic::{AtomicBool, Ordering};

use ftrack::location::transfer::CancellationToken;
use ftrack::{ErrorKind, Session};

use crate::failure::{Failure, INTERRUPTED};

/// Whether a signal has closed the session of this command, so that what fails afterwards failed for that.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// A token that SIGINT or SIGTERM cancels. A second signal ends the process where it stands.
pub(crate) fn cancellation() -> Result<CancellationToken, ctrlc::Error> {
    let token = CancellationToken::new();
    let on_signal = token.clone();
    let handler = move || {
        if on_signal.is_cancelled() {
            std::process::exit(i32::from(INTERRUPTED));
        }
        on_signal.cancel();
    };
    ctrlc::set_handler(handler)?;
    Ok(token)
}

/// Closes the session when the command is interrupted, so that whatever it waits for ends.
pub(crate) fn close_when_interrupted(session: &Session) -> Result<(), Failure> {
    let session = session.downgrade();
    let close = move || {
        CLOSED.store(true, Ordering::SeqCst);
        if let Some(session) = session.upgrade() {
            session.close();
        }
    };
    Ok(ctrlc::set_handler(close)?)
}

/// The failure, or the interruption that led to it.
pub(crate) fn or_interrupted(failure: Failure) -> Failure {
    if CLOSED.load(Ordering::SeqCst) {
        Failure::Interrupted("nobody waits for an answer any more")
    } else {
        failure
    }
}

/// The failure of a transfer, or that it was cancelled, with what has become of it.
pub(crate) fn or_cancelled(error: ftrack::Error, left: &'static str) -> Failure {
    if error.is(ErrorKind::Cancelled) {
        Failure::Interrupted(left)
    } else {
        error.into()
    }
}
