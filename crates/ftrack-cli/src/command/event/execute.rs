//! A program that is run for each event.

use std::io::Write;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use ftrack::Session;
use ftrack::follow::{BoxError, FollowStopper, Followed};

use crate::failure::{Failure, INTERRUPTED};
use crate::options::seconds;

/// How often the command checks whether a program has ended: often at first, and less often when it takes longer.
const SOONEST: Duration = Duration::from_millis(1);
const LATEST: Duration = Duration::from_millis(20);

/// What is run for an event.
#[derive(Debug, Clone, Args)]
pub(crate) struct Execution {
    /// Run this for each event, by the shell, with the event as JSON on its standard input.
    ///
    /// Exit code 0 says that the event is handled; any other that it is to be tried again. What the program prints goes
    /// where the output of this command goes.
    #[arg(long = "exec", value_name = "COMMAND")]
    command: String,
    /// Kill the command when it takes longer, and try again.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,
}

/// Runs programs, and ends them when the time has come.
#[derive(Debug, Clone)]
pub(super) struct Executor {
    execution: Execution,
    server: String,
    user: String,
    /// The profile that has their key, if one was named.
    profile: String,
    /// What says that the command is to end, and how long programs may take then.
    stop: Option<(FollowStopper, Duration)>,
    /// Whether nothing is waited for any more.
    at_once: Arc<AtomicBool>,
}

/// Why a program is not waited for any more.
enum Cut {
    Timeout(Duration),
    Stop,
}

impl Executor {
    pub(super) fn new(execution: &Execution) -> Self {
        Self {
            execution: execution.clone(),
            server: String::new(),
            user: String::new(),
            profile: String::new(),
            stop: None,
            at_once: Arc::default(),
        }
    }

    /// Lets programs know the server, so that they can have a session of their own.
    pub(super) fn with_session(mut self, session: &Session, profile: Option<&str>) -> Self {
        session.server_url().clone_into(&mut self.server);
        session.api_user().clone_into(&mut self.user);
        profile.unwrap_or_default().clone_into(&mut self.profile);
        self
    }

    /// Gives programs so long once the command is to end.
    pub(super) fn stopped_by(mut self, stopper: FollowStopper, within: Duration) -> Self {
        self.stop = Some((stopper, within));
        self
    }

    /// From here on the first SIGINT or SIGTERM says that the command is to end, the second kills what runs at once,
    /// and the third ends the process where it stands.
    pub(super) fn stop_on_signals(&self) -> Result<(), Failure> {
        let stopper = self.stop.as_ref().map(|(stopper, _)| stopper.clone());
        let (at_once, signals) = (Arc::clone(&self.at_once), AtomicU32::new(0));
        let handle = move || match (signals.fetch_add(1, Ordering::AcqRel), &stopper) {
            (0, Some(stopper)) => stopper.stop(),
            (1, Some(_)) => at_once.store(true, Ordering::Release),
            _ => std::process::exit(i32::from(INTERRUPTED)),
        };
        ctrlc::set_handler(handle).map_err(Failure::Signals)
    }

    /// Runs the program for an event.
    pub(super) fn run(&self, followed: &Followed) -> Result<(), BoxError> {
        let command = &self.execution.command;
        let mut child = self
            .command()
            .spawn()
            .map_err(|error| format!("cannot run {command:?}: {error}"))?;
        let text = format!("{}\n", followed.to_json());
        let status = thread::scope(|scope| {
            let input = child.stdin.take();
            scope.spawn(move || {
                // A program need not read what it does not want.
                let _ = input.map(|mut input| input.write_all(text.as_bytes()));
            });
            self.wait(&mut child)
        })?;
        if status.success() {
            return Ok(());
        }
        Err(format!("{command:?} ended with {status}").into())
    }

    fn command(&self) -> Command {
        let mut command = shell(&self.execution.command);
        command.stdin(Stdio::piped());
        for (name, value) in [
            ("FTRACK_SERVER", &self.server),
            ("FTRACK_API_USER", &self.user),
            ("FTRACK_PROFILE", &self.profile),
        ] {
            if !value.is_empty() {
                command.env(name, value);
            }
        }
        command
    }

    fn wait(&self, child: &mut Child) -> Result<ExitStatus, BoxError> {
        let started = Instant::now();
        let mut stopped = None;
        let mut pause = SOONEST;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            if let Some(cut) = self.cut(started, &mut stopped) {
                kill(child);
                child.wait()?;
                let command = &self.execution.command;
                return Err(match cut {
                    Cut::Timeout(limit) => {
                        format!(
                            "{command:?} took longer than {} s and was killed",
                            limit.as_secs_f64()
                        )
                    }
                    Cut::Stop => format!("{command:?} was killed, for the listener has to end"),
                }
                .into());
            }
            thread::sleep(pause);
            pause = (pause * 2).min(LATEST);
        }
    }

    /// Whether a program that has run since a moment has had its time. When the command was to end is noted.
    fn cut(&self, started: Instant, stopped: &mut Option<Instant>) -> Option<Cut> {
        if let Some(limit) = self.execution.timeout
            && started.elapsed() >= limit
        {
            return Some(Cut::Timeout(limit));
        }
        let (stopper, within) = self.stop.as_ref()?;
        if !stopper.is_stopped() {
            return None;
        }
        let since = stopped.get_or_insert_with(Instant::now);
        let is_over = since.elapsed() >= *within || self.at_once.load(Ordering::Acquire);
        is_over.then_some(Cut::Stop)
    }
}

/// In a group of its own: an interrupt from the keyboard is for us, and killing it kills what it has started.
#[cfg(unix)]
fn shell(text: &str) -> Command {
    use std::os::unix::process::CommandExt;

    let mut command = Command::new("sh");
    command.args(["-c", text]).process_group(0);
    command
}

#[cfg(not(unix))]
fn shell(text: &str) -> Command {
    let mut command = Command::new("cmd");
    command.args(["/C", text]);
    command
}

#[cfg(unix)]
fn kill(child: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process_group};

    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let killed = group.map(|group| kill_process_group(group, Signal::KILL));
    if !matches!(killed, Some(Ok(()))) {
        // It may have ended by itself.
        let _ = child.kill();
    }
}

#[cfg(not(unix))]
fn kill(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
}
