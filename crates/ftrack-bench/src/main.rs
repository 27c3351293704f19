//! Measures this workspace against a floor in the same run, and beside other clients.
//!
//! `ftrack-bench scenarios [NAME…]` prints one JSON line per scenario: what ours takes, what the floor takes for the
//! same work, and the ratio of the two. Both are timed in turn and the best of the rounds counts, so that a slow
//! spell of the machine falls on both.
//!
//! `ftrack-bench server [ENTITIES]` starts the local server with a million entities, or as many as are asked for, and
//! prints what starting, answering and remembering them take, beside what they may take.
//!
//! `ftrack-bench soak [SECONDS]` sends the local server the worst requests that are known, and fails when small ones
//! have to wait. `ftrack-bench fuzz [REQUESTS [SEED]]` sends it random ones, and fails when what it knows then is not
//! the same after a restart or in a snapshot.
//!
//! `ftrack-bench --child GROUP --url URL --url-slow URL --work DIR --work-ram DIR` runs one group of scenarios against
//! a stand-in for a server, for a driver that has several clients do the same in turn. It prints one JSON line per
//! scenario: wall and CPU time, highest resident memory, requests, and a figure that all clients must agree on.
#![forbid(unsafe_code)]

mod child;
mod fixture;
mod http;
mod process;
mod scenario;
mod scenarios;
mod server;
mod usage;

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use usage::USAGE;

/// That of the `ftrack` command, whose server is measured here.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.first().map(String::as_str) {
        Some("scenarios") => run_scenarios(&arguments[1..]),
        Some("server") => server::run(&arguments[1..]),
        Some("soak") => server::soak::run(&arguments[1..]),
        Some("fuzz") => server::fuzz::run(&arguments[1..]),
        // What that starts.
        Some("serve") => server::serve(&arguments[1..]),
        Some(_) => child::run(&arguments),
        None => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing helps if even this cannot be written.
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn run_scenarios(wanted: &[String]) -> Result<(), Box<dyn Error>> {
    let known = |name: &String| scenarios::ALL.iter().any(|(known, _)| known == name);
    if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
        return Err(format!("there is no scenario {unknown}").into());
    }
    for (name, run) in scenarios::ALL {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            let measured = run().map_err(|error| format!("{name}: {error}"))?;
            writeln!(std::io::stdout(), "{}", measured.to_json(name))?;
        }
    }
    Ok(())
}
