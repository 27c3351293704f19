//! What people download: the wheel, the command, and what says that they are whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Report;
use crate::metadata::Metadata;
use crate::{Outcome, command, python};

/// The wheel and the command, as they are released.
pub(super) fn build(metadata: &Metadata, report: &mut Report) -> Vec<PathBuf> {
    let mut files = Vec::new();
    match python::build_wheel(true) {
        Ok(wheel) => files.push(wheel),
        Err(error) => report.fault(format!("the wheel was not built: {error}")),
    }
    let arguments = [
        "build",
        "--release",
        "--locked",
        "--package",
        "ftrack-cli",
        "--config",
        "profile.release.strip=\"symbols\"",
        // Takes its time, so only what people download is built with it.
        "--config",
        "profile.release.lto=\"thin\"",
    ];
    match command::run(&mut command::cargo(&arguments)) {
        Ok(()) => {
            let name = format!("ftrack{}", std::env::consts::EXE_SUFFIX);
            files.push(
                Path::new(metadata.target_directory())
                    .join("release")
                    .join(name),
            );
        }
        Err(error) => report.fault(format!("the command was not built: {error}")),
    }
    files
}

/// Copies everything into one folder, with the checksums beside it.
pub(super) fn collect(files: &[PathBuf], folder: &Path, report: &mut Report) -> Outcome {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let mut names = Vec::new();
    for file in files {
        let name = file.file_name().ok_or("an artefact has no name")?;
        fs::copy(file, folder.join(name))?;
        names.push(name.to_owned());
    }
    names.sort();
    // One of them is there on every system that this is done on.
    for (program, arguments) in [("sha256sum", &[][..]), ("shasum", &["-a", "256"][..])] {
        let mut sum = Command::new(program);
        sum.args(arguments).args(&names).current_dir(folder);
        if let Ok(output) = sum.output()
            && output.status.success()
        {
            fs::write(folder.join("SHA256SUMS"), &output.stdout)?;
            report.note(format!(
                "{} files and their checksums: {}",
                names.len(),
                folder.display()
            ));
            return Ok(());
        }
    }
    report.fault("no checksums: neither sha256sum nor shasum is installed");
    Ok(())
}

/// The list of everything that is built in, where there is a tool that makes it.
pub(super) fn bill_of_materials(folder: &Path, report: &mut Report) {
    let mut tool = command::cargo(&["cyclonedx", "--version"]);
    if !tool.output().is_ok_and(|output| output.status.success()) {
        report.note("no bill of materials: cargo-cyclonedx is not installed");
        return;
    }
    let arguments = [
        "cyclonedx",
        "--format",
        "json",
        "--override-filename",
        "bill-of-materials",
        "--manifest-path",
        "crates/ftrack-cli/Cargo.toml",
    ];
    let made = command::run(&mut command::cargo(&arguments)).and_then(|()| {
        let file = crate::root().join("crates/ftrack-cli/bill-of-materials.json");
        fs::rename(file, folder.join("bill-of-materials.json"))?;
        Ok(())
    });
    match made {
        Ok(()) => report.note("a bill of materials"),
        Err(error) => report.fault(format!("no bill of materials: {error}")),
    }
}
