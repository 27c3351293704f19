//! Running one script with a time limit.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::Outcome;

/// How long a script may take.
const LIMIT: Duration = Duration::from_secs(180);

/// What became of a check.
pub(crate) enum Verdict {
    Passed,
    /// With why it could not be run on this machine.
    Skipped(String),
    /// With what it printed.
    Failed(String),
}

/// By which a script says that this machine lacks what it needs, and that nothing is wrong with the server.
const SKIPPED: i32 = 77;

/// Keeps what the person at this machine has set up away from the script.
pub(crate) fn isolate(command: &mut Command, folder: &Path) -> Outcome {
    fs::create_dir_all(folder)?;
    for variable in [
        "FTRACK_EVENT_PLUGIN_PATH",
        "http_proxy",
        "HTTP_PROXY",
        "NODE_OPTIONS",
        "NODE_PATH",
        "PYTHONPATH",
    ] {
        command.env_remove(variable);
    }
    command
        .env("FTRACK_API_SCHEMA_CACHE_PATH", folder)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(folder);
    Ok(())
}

/// Runs `command`; what it prints goes into `log`, a file that cannot fill up as a pipe does.
pub(crate) fn run(command: &mut Command, log: &Path) -> Outcome<Verdict> {
    let output = File::create(log)?;
    let mut child = command.stdout(output.try_clone()?).stderr(output).spawn()?;
    let start = Instant::now();
    let ended = loop {
        if let Some(status) = child.try_wait()? {
            if status.code() == Some(SKIPPED) {
                let printed = fs::read(log)?;
                let reason = String::from_utf8_lossy(&printed).trim_end().to_owned();
                return Ok(Verdict::Skipped(reason));
            }
            break status.success().then_some(()).ok_or(format!("({status})"));
        }
        if start.elapsed() > LIMIT {
            child.kill()?;
            child.wait()?;
            break Err(format!("(stopped after {} s)", LIMIT.as_secs()));
        }
        thread::sleep(Duration::from_millis(20));
    };
    Ok(match ended {
        Ok(()) => Verdict::Passed,
        Err(end) => {
            let printed = fs::read(log)?;
            Verdict::Failed(format!(
                "{}\n{end}",
                String::from_utf8_lossy(&printed).trim_end()
            ))
        }
    })
}
