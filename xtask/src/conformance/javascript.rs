//! Node with the official JavaScript client.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, command};

/// The oldest Node that the client runs on, outside a browser.
const OLDEST: u32 = 20;

/// What says which packages are installed, in the folder of the scripts. The second has the versions of all of them.
const MANIFESTS: [&str; 2] = ["package.json", "package-lock.json"];

/// A folder under `target` with the client and its packages, made if it is not there or not complete, and with copies
/// of the scripts: Node looks for packages beside what imports them.
pub(crate) fn environment(target: &Path, scripts: &Path) -> Outcome<PathBuf> {
    check_node()?;
    let folder = target.join("conformance-javascript");
    // Written last, so that an environment that was left half-made is made again.
    let complete = folder.join("complete");
    let wanted = fs::read_to_string(scripts.join(MANIFESTS[1]))?;
    if !fs::read_to_string(&complete).is_ok_and(|installed| installed == wanted) {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        install(&folder, scripts)?;
        fs::write(&complete, wanted)?;
    }
    copy_scripts(&folder, scripts)?;
    Ok(folder)
}

/// A command that runs a script with Node.
pub(crate) fn node(script: &Path) -> Command {
    let mut command = Command::new("node");
    command.arg(script);
    command
}

fn check_node() -> Outcome {
    let needed = format!("the conformance suite needs Node {OLDEST} or later, and npm");
    let printed = command::output(Command::new("node").arg("--version"))
        .map_err(|error| format!("{needed}: {error}"))?;
    let version = String::from_utf8_lossy(&printed).trim().to_owned();
    let major = version.trim_start_matches('v').split('.').next();
    let major: Option<u32> = major.and_then(|major| major.parse().ok());
    if major.is_none_or(|major| major < OLDEST) {
        return Err(format!("{needed}; this one is {version:?}").into());
    }
    Ok(())
}

fn install(folder: &Path, scripts: &Path) -> Outcome {
    for name in MANIFESTS {
        fs::copy(scripts.join(name), folder.join(name))?;
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let mut command = Command::new(npm);
    command.current_dir(folder).args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]);
    command::output(&mut command).map_err(|error| {
        format!("cannot install the official JavaScript client with npm from its index: {error}")
    })?;
    Ok(())
}

/// Replaces the scripts of an earlier run.
fn copy_scripts(folder: &Path, scripts: &Path) -> Outcome {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if is_script(&path) {
            fs::remove_file(path)?;
        }
    }
    for entry in fs::read_dir(scripts)? {
        let entry = entry?;
        if is_script(&entry.path()) {
            fs::copy(entry.path(), folder.join(entry.file_name()))?;
        }
    }
    Ok(())
}

fn is_script(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("mjs"))
}
