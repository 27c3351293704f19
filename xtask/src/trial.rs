//! Trying the local server by requests that nobody would send, listeners by everything that can go wrong, and hubs by
//! more events than anybody publishes.

use clap::Args;

use crate::{Outcome, command};

#[derive(Debug, Args)]
pub(crate) struct Soak {
    /// For how many seconds.
    #[arg(default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Listen {
    /// How many changes.
    #[arg(default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    changes: u64,
    /// How often each of the three is killed or cut.
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u64).range(0..=1_000))]
    blows: u64,
    /// What tells the changes and the moments; the same seed gives the same ones. Defaults to a new one.
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct Fuzz {
    /// How many requests.
    #[arg(default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    requests: u64,
    /// What tells the requests; the same seed gives the same ones. Defaults to a new one, which is printed.
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct SoakEvents {
    /// How many.
    #[arg(default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1_000..=100_000_000))]
    events: u64,
}

const CARGO: [&str; 6] = [
    "run",
    "--release",
    "--quiet",
    "--package",
    "ftrack-bench",
    "--",
];

/// Sends the worst requests that are known, and fails when small ones have to wait.
pub(crate) fn soak(options: &Soak) -> Outcome {
    let seconds = options.seconds.to_string();
    command::run(command::cargo(&CARGO).args(["soak", &seconds]))
}

/// Makes changes while a listener, its server and the line are killed and cut, and fails when one is missed or comes
/// again.
pub(crate) fn listen(options: &Listen) -> Outcome {
    let seed = options.seed.unwrap_or_else(|| {
        let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
        u64::from(since.subsec_nanos())
    });
    println!("seed {seed}");
    let mut command = command::cargo(&["run", "--quiet", "--package", "ftrack-tests"]);
    command.args(["--bin", "event-peer", "--", "trial"]);
    command.args([options.changes, options.blows, seed].map(|number| number.to_string()));
    command::run(&mut command)
}

/// Lets events pass through hubs, and fails when they leave something in memory or in a queue.
pub(crate) fn soak_events(options: &SoakEvents) -> Outcome {
    let tests = [
        "test",
        "--release",
        "--package",
        "ftrack-event",
        "--lib",
        "--test",
        "it",
        "--",
        "events_leave_nothing",
    ];
    let mut command = command::cargo(&tests);
    command::run(command.env("SOAK_EVENTS", options.events.to_string()))
}

/// Sends random requests, and fails when a restart or a snapshot changes what the server knows.
pub(crate) fn fuzz(options: &Fuzz) -> Outcome {
    let mut command = command::cargo(&CARGO);
    command.args(["fuzz", &options.requests.to_string()]);
    if let Some(seed) = options.seed {
        command.arg(seed.to_string());
    }
    command::run(&mut command)
}
