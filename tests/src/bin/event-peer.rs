//! Our side of a conversation about events with the official client; see `ftrack_tests::peer`.
//!
//! Argument: `listen` or `publish`. The server and the user come from the environment.
#![allow(clippy::print_stderr, reason = "a command-line program")]

use std::process::ExitCode;

use ftrack_tests::peer;

fn main() -> ExitCode {
    let direction = std::env::args().nth(1).unwrap_or_default();
    let outcome =
        peer::session()
            .map_err(Into::into)
            .and_then(|session| match direction.as_str() {
                "listen" => peer::listen(&session),
                "publish" => peer::publish(&session),
                _ => Err("the argument is neither listen nor publish".into()),
            });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
