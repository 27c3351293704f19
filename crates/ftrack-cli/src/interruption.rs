//! Ending early, but with everything tidied up.

use ftrack::location::transfer::CancellationToken;

use crate::failure::Failure;

/// The exit code of a command that was interrupted, as shells have it.
pub(crate) const INTERRUPTED: u8 = 130;

/// A token that SIGINT or SIGTERM cancels. A second signal ends the process where it stands.
pub(crate) fn cancellation() -> Result<CancellationToken, Failure> {
    let token = CancellationToken::new();
    let on_signal = token.clone();
    let handler = move || {
        if on_signal.is_cancelled() {
            std::process::exit(i32::from(INTERRUPTED));
        }
        on_signal.cancel();
    };
    ctrlc::set_handler(handler).map_err(Failure::Signals)?;
    Ok(token)
}
