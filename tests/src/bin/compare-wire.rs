//! Lets the official client and ours tell the same story, and compares what they sent.
//!
//! Arguments: the Python with the official client, its story, and the file of differences that are meant to be.
//! A difference that is not listed is a failure, and so is a listed one that did not occur.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program"
)]

use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::process::{Command, ExitCode};

use ftrack_server::{RunningServer, Server};
use ftrack_tests::wire::{Batch, Exceptions, Recorder, differences, normalise, story};

fn main() -> ExitCode {
    match compare() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn compare() -> Result<bool, Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let mut next = |what: &str| {
        arguments
            .next()
            .ok_or(format!("the argument {what} is missing"))
    };
    let (python, script, list) = (next("PYTHON")?, next("STORY")?, next("EXCEPTIONS")?);
    let exceptions = Exceptions::parse(&fs::read_to_string(list)?)?;

    let mut official =
        record(|server, recorder| told_by_python(&python, &script, server, recorder))?;
    let mut ours = record(|server, recorder| {
        story::tell(&recorder.url(), server.user(), server.api_key(), |step| {
            recorder.step(step);
        })?;
        Ok(())
    })?;
    println!(
        "requests: {} of the official client, {} of ours",
        official.len(),
        ours.len()
    );
    normalise(&mut official);
    normalise(&mut ours);
    let found = differences(&official, &ours);
    let (unlisted, stale) = exceptions.judge(&found);
    for difference in &unlisted {
        println!("a difference that is not listed:\n\n{difference}");
    }
    for difference in &stale {
        println!("a listed difference that did not occur:\n\n{difference}");
    }
    println!(
        "differences: {}, of which listed: {}",
        found.len(),
        found.len() - unlisted.len()
    );
    Ok(unlisted.is_empty() && stale.is_empty())
}

/// What is sent while the story is told to a fresh server.
fn record(
    tell: impl Fn(&RunningServer, &Recorder) -> Result<(), Box<dyn Error>>,
) -> Result<Vec<Batch>, Box<dyn Error>> {
    let server = Server::builder().demo(true).start()?;
    let recorder = Recorder::start(server.address().to_string())?;
    tell(&server, &recorder)
        .map_err(|error| format!("in the step {:?}: {error}", recorder.current_step()))?;
    Ok(recorder.batches())
}

fn told_by_python(
    python: &OsString,
    script: &OsString,
    server: &RunningServer,
    recorder: &Recorder,
) -> Result<(), Box<dyn Error>> {
    let status = Command::new(python)
        .arg(script)
        .env("FTRACK_SERVER", recorder.url())
        .env("FTRACK_API_USER", server.user())
        .env("FTRACK_API_KEY", server.api_key())
        .status()?;
    if status.success() {
        return Ok(());
    }
    Err(format!("the story of the official client failed ({status})").into())
}
