//! Running other programs.

use std::process::{Command, Stdio};

use crate::{Outcome, root};

/// A cargo command in the folder of the workspace.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Runs it with our output as its own; anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let name = shown(command);
    let status = command
        .status()
        .map_err(|error| format!("cannot run {name}: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("{name} failed ({status})").into())
}

/// Runs it and gives back what it printed; its messages go where ours go.
pub(crate) fn output(command: &mut Command) -> Outcome<Vec<u8>> {
    let name = shown(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run {name}: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(format!("{name} failed ({})", output.status).into())
}

fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}
