//! A Python with the official client.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, command};

/// The client that judges, by name and version in the package index.
const CLIENT: &str = "ftrack-python-api==3.1.0";

/// The Python of a virtual environment under `target`, made if it is not there or not complete.
pub(crate) fn environment(target: &Path) -> Outcome<PathBuf> {
    let folder = target.join("conformance-python");
    let python = folder.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    // Written last, so that an environment that was left half-made is made again.
    let complete = folder.join("complete");
    if fs::read_to_string(&complete).is_ok_and(|client| client == CLIENT) && python.is_file() {
        return Ok(python);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let base = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    command::run(Command::new(base).args(["-m", "venv"]).arg(&folder)).map_err(|error| {
        format!("the conformance suite needs Python 3 with the modules venv and pip: {error}")
    })?;
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        CLIENT,
    ];
    command::run(Command::new(&python).args(pip))
        .map_err(|error| format!("cannot install {CLIENT} from the package index: {error}"))?;
    fs::write(&complete, CLIENT)?;
    Ok(python)
}
