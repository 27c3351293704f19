//! What takes part in trials of events as a process of its own.
//!
//! | arguments | what it does |
//! |---|---|
//! | `listen`, `publish` | our side of a conversation with the official client; see `ftrack_tests::peer` |
//! | `follow FOLDER` | a listener that must miss nothing; see `ftrack_tests::following` |
//! | `serve FOLDER ADDRESS` | its server |
//! | `trial CHANGES BLOWS SEED` | changes, while both are killed |
//!
//! The server and the user of the first three come from the environment.
#![allow(clippy::print_stderr, reason = "a command-line program")]

use std::path::Path;
use std::process::ExitCode;

use ftrack_tests::following::{self, Plan};
use ftrack_tests::peer::{self, Said};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Said {
    match arguments {
        ["listen"] => peer::listen(&peer::session()?),
        ["publish"] => peer::publish(&peer::session()?),
        ["follow", folder] => following::listen(&peer::session()?, Path::new(folder)),
        ["serve", folder, address] => following::serve(Path::new(folder), address),
        ["trial", changes, blows, seed] => {
            let report = following::trial(&Plan {
                program: std::env::current_exe()?,
                changes: changes.parse()?,
                blows: blows.parse()?,
                seed: seed.parse()?,
            })?;
            eprintln!("{report:?}");
            Ok(())
        }
        _ => {
            Err("these arguments are not understood; see the documentation of this program".into())
        }
    }
}
