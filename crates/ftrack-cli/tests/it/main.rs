//! The command as people and scripts use it: real processes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests fail by panicking"
)]

mod actions;
mod attributes;
mod chapter;
mod check;
mod demo;
mod entities;
mod events;
mod files;
#[cfg(unix)]
mod follow;
mod login;
mod query;
mod serve;
mod snapshots;
#[cfg(unix)]
mod terminal;
mod trying;
mod uploads;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What a finished command said.
struct Said {
    status: ExitStatus,
    output: String,
    error: String,
}

impl Said {
    fn code(&self) -> Option<i32> {
        self.status.code()
    }
}

/// The command, with none of the environment's credentials.
fn ftrack() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ftrack"));
    for name in [
        "FTRACK_SERVER",
        "FTRACK_API_USER",
        "FTRACK_API_KEY",
        "FTRACK_APIKEY",
        "FTRACK_SERVER_API_KEY",
        "FTRACK_PROFILE",
        "RUST_LOG",
        "COLUMNS",
    ] {
        command.env_remove(name);
    }
    command
        .env("FTRACK_API_SCHEMA_CACHE_PATH", env!("CARGO_TARGET_TMPDIR"))
        // Nobody's profiles.
        .env("XDG_CONFIG_HOME", "/nowhere")
        .env("NO_COLOR", "1");
    command
}

fn run(arguments: &[&str]) -> Said {
    let output = ftrack().args(arguments).output().unwrap();
    Said {
        status: output.status,
        output: String::from_utf8(output.stdout).unwrap(),
        error: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A running `ftrack serve`, stopped at the end of the test whatever happens.
struct Serving {
    process: Child,
    ready: String,
}

impl Serving {
    fn start(arguments: &[&str]) -> Self {
        Self::start_with(ftrack(), arguments)
    }

    /// As `start`, with an environment of its own.
    fn start_with(mut command: Command, arguments: &[&str]) -> Self {
        let mut process = command
            .arg("serve")
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut ready)
            .unwrap();
        Self {
            process,
            ready: ready.trim_end().to_owned(),
        }
    }

    /// The command as the user `admin` with the key `k` of this server, whose ready line must be JSON.
    fn command(&self) -> Command {
        let mut command = ftrack();
        command
            .env("FTRACK_SERVER", self.url())
            .env("FTRACK_API_USER", "admin")
            .env("FTRACK_API_KEY", "k");
        command
    }

    fn url(&self) -> String {
        let ready: serde_json::Value = serde_json::from_str(&self.ready).unwrap();
        ready["url"].as_str().unwrap().to_owned()
    }

    /// Sends the signal and waits for the end.
    fn stop(mut self, signal: &str) -> ExitStatus {
        stop(&mut self.process, signal)
    }
}

/// Sends a signal to a process and waits for its end.
fn stop(process: &mut Child, signal: &str) -> ExitStatus {
    let sent = Command::new("kill")
        .args([signal, &process.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        if let Some(status) = process.try_wait().unwrap() {
            return status;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("the process did not end");
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
