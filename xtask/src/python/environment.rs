//! Virtual environments.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, command};

/// What building and testing the package needs.
const TOOLS: [&str; 5] = [
    "maturin>=1.9,<2",
    "arrow>=1.2",
    "pytest>=8",
    "mypy>=1.15",
    "future",
];

/// Programs for the official client, which are tried with ours. They would bring the official one along.
const OTHERS: [&str; 2] = ["ftrack-query==2.0.0", "ftrack-action-handler==0.3.1"];

/// The Python of the environment in `folder`, which is made by `base` if it is not there or not complete.
pub(super) fn python(folder: &Path, base: &Path) -> Outcome<PathBuf> {
    let python = folder.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    // Written last, so that an environment that was left half-made is made again.
    let complete = folder.join("complete");
    let wanted = [TOOLS.join("\n"), OTHERS.join("\n")].join("\n");
    if fs::read_to_string(&complete).is_ok_and(|made| made == wanted) && python.is_file() {
        return Ok(python);
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    command::run(Command::new(base).args(["-m", "venv"]).arg(folder)).map_err(|error| {
        format!(
            "the Python package needs Python 3.9 or later with the modules venv and pip: {error}"
        )
    })?;
    command::run(pip(&python).args(TOOLS))
        .map_err(|error| format!("cannot install {}: {error}", TOOLS.join(", ")))?;
    command::run(pip(&python).arg("--no-deps").args(OTHERS))
        .map_err(|error| format!("cannot install {}: {error}", OTHERS.join(", ")))?;
    fs::write(&complete, wanted)?;
    Ok(python)
}

/// Installs the wheel in the place of any before.
pub(super) fn install(python: &Path, wheel: &Path) -> Outcome {
    command::run(
        pip(python)
            .args(["--no-deps", "--force-reinstall"])
            .arg(wheel),
    )
}

fn pip(python: &Path) -> Command {
    let mut pip = Command::new(python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]);
    pip
}
