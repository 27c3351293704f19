//! Plugins built as shared libraries, as their authors would.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

use tempfile::TempDir;

/// How a library is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// As this program is.
    Same,
    /// Optimised, without assertions and checks for overflow: another layout and other code than this program's.
    Optimised,
}

/// The crates that are part of both sides. They are built anew for another profile, what is below them is not.
const SHARED: &[&str] = &[
    "ftrack",
    "ftrack-plugin",
    "ftrack-plugin-abi",
    "ftrack-session",
    "ftrack-event",
    "ftrack-transport",
    "ftrack-entity",
    "ftrack-example-plugin",
    "ftrack-trial-plugin",
];

/// A folder with this plugin in it.
pub(crate) fn folder_with(package: &str, profile: Profile) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_into(folder.path(), package, profile);
    folder
}

/// Puts the plugin into a folder; where it is.
pub(crate) fn copy_into(folder: &Path, package: &str, profile: Profile) -> PathBuf {
    let built = built(profile).join(file_name(package));
    let path = folder.join(file_name(package));
    fs::copy(built, &path).unwrap();
    path
}

pub(crate) fn file_name(package: &str) -> String {
    let name = package.replace('-', "_");
    format!(
        "{}{name}{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    )
}

/// Where the plugins are that were built so. They are built once for all tests.
fn built(profile: Profile) -> &'static Path {
    static SAME: OnceLock<TempDir> = OnceLock::new();
    static OPTIMISED: OnceLock<TempDir> = OnceLock::new();
    // Both come out of cargo at the same place, so one is copied away before the other is built.
    static BUILDING: Mutex<()> = Mutex::new(());
    let folder = match profile {
        Profile::Same => &SAME,
        Profile::Optimised => &OPTIMISED,
    };
    let build = || {
        let _building = BUILDING.lock().unwrap();
        build(profile)
    };
    folder.get_or_init(build).path()
}

fn build(profile: Profile) -> TempDir {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = target_folder();
    let mut command = Command::new(cargo);
    command
        .args(["build", "--locked", "--offline", "--quiet"])
        .args(["-p", "ftrack-example-plugin", "-p", "ftrack-trial-plugin"])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    if profile == Profile::Optimised {
        for package in SHARED {
            for setting in [
                "opt-level=2",
                "debug-assertions=false",
                "overflow-checks=false",
            ] {
                command
                    .arg("--config")
                    .arg(format!("profile.dev.package.{package}.{setting}"));
            }
        }
    }
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let folder = tempfile::tempdir().unwrap();
    for package in ["ftrack-example-plugin", "ftrack-trial-plugin"] {
        let name = file_name(package);
        fs::copy(target.join("debug").join(&name), folder.path().join(&name)).unwrap();
    }
    folder
}

/// The folder that this program was built into.
fn target_folder() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let folder = program.ancestors().nth(3).unwrap();
    folder.to_owned()
}
