//! `ftrack demo`: the product's tutorial, against a local server of its own.

mod story;
mod tree;

use clap::Args;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use ftrack::Trace;
use ftrack::prelude::*;
use ftrack_server::{RunningServer, Server};

use crate::failure::Failure;
use crate::terminal::output::{self, FAINT, STRONG, Screen};

/// Walk through the product's tutorial, against a local server of its own.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  ftrack demo --data studio")]
pub(crate) struct Options {
    /// Keep the server's data in this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let start = Instant::now();
    let mut builder = Server::builder().demo(true);
    if let Some(folder) = &options.data {
        builder = builder.data_dir(folder);
    }
    let server = builder.start()?;
    let mut tour = Tour {
        output: output::standard(),
        steps: 0,
        total: Sent::default(),
    };
    writeln!(
        tour.output,
        "A local ftrack server runs at {} with a small production in it ({} ms).\n",
        server.url(),
        start.elapsed().as_millis()
    )?;
    story::tell(&mut tour, &server)?;
    tour.output.styled(STRONG, "Sent in all")?;
    writeln!(tour.output, ": {}.", tour.total.describe())?;
    if let Some(folder) = &options.data {
        writeln!(
            tour.output,
            "The data is in {}; `ftrack serve --data` serves it.",
            folder.display()
        )?;
    }
    tour.output.flush()?;
    server.stop();
    Ok(ExitCode::SUCCESS)
}

/// A new session with the server, over real HTTP.
fn connect(server: &RunningServer, trace: &Trace) -> ftrack::Result<Session> {
    Session::builder()
        .trace(trace)
        .server_url(server.url())
        .api_user(server.user())
        .api_key(server.api_key())
        .schema_cache(ftrack::SchemaCache::Disabled)
        .connect()
}

/// What is told, step by step.
struct Tour<W: Write> {
    output: Screen<W>,
    steps: usize,
    total: Sent,
}

/// How much went over the wire.
#[derive(Debug, Clone, Copy, Default)]
struct Sent {
    requests: usize,
    actions: usize,
    bytes_out: usize,
    bytes_in: usize,
    milliseconds: f64,
}

impl Sent {
    fn from_trace(trace: &Trace) -> Self {
        let duration: Duration = trace
            .requests()
            .iter()
            .map(|request| request.duration)
            .sum();
        Self {
            requests: trace.request_count(),
            actions: trace.action_count(),
            bytes_out: trace.bytes_sent(),
            bytes_in: trace.bytes_received(),
            milliseconds: duration.as_secs_f64() * 1e3,
        }
    }

    fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.actions += other.actions;
        self.bytes_out += other.bytes_out;
        self.bytes_in += other.bytes_in;
        self.milliseconds += other.milliseconds;
    }

    fn describe(&self) -> String {
        let Self {
            requests,
            actions,
            bytes_out,
            bytes_in,
            milliseconds,
        } = self;
        let plural = if *requests == 1 { "" } else { "s" };
        format!(
            "{requests} request{plural} with {actions} action(s), {bytes_out} bytes out, {bytes_in} bytes in, \
             {milliseconds:.1} ms"
        )
    }
}

impl<W: Write> Tour<W> {
    /// Begins a step.
    fn step(&mut self, title: &str) -> Result<(), Failure> {
        self.steps += 1;
        self.output
            .styled_line(STRONG, format_args!("{}. {title}", self.steps))?;
        Ok(())
    }

    /// Says one thing within a step.
    fn say(&mut self, text: &str) -> Result<(), Failure> {
        writeln!(self.output, "   {text}")?;
        Ok(())
    }

    /// Ends a step with what it sent.
    fn sent(&mut self, trace: &Trace) -> Result<(), Failure> {
        let sent = Sent::from_trace(trace);
        self.total.add(sent);
        write!(self.output, "   ")?;
        self.output.styled_line(FAINT, sent.describe())?;
        writeln!(self.output)?;
        Ok(())
    }
}

/// The demo checks what it shows: it fails rather than tell a story that is not true.
fn expect(holds: bool, what: &str) -> Result<(), Failure> {
    if holds {
        Ok(())
    } else {
        Err(Failure::Demo(what.to_owned()))
    }
}
