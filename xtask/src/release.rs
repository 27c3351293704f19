//! What a release takes, done up to the point where something would be published.

mod artefacts;
mod changelog;
mod packages;
mod public_interface;

use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::metadata::Metadata;
use crate::{Outcome, command, root};

/// What `cargo xtask release` can be told.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The version to release, such as 0.2.0
    version: String,
    /// Does and checks everything but publishing, and prints what would be done. There is no other way so far:
    /// publishing is done by hand, with the commands that are printed
    #[arg(long, required = true)]
    dry_run: bool,
    /// Leaves out the checks of .ci/run, which take a quarter of an hour
    #[arg(long)]
    without_checks: bool,
    /// Leaves out building the wheel and the command
    #[arg(long)]
    without_artefacts: bool,
    /// Packages these crates only
    #[arg(long, value_name = "CRATE")]
    package: Vec<String>,
}

/// What was found: faults stop a release, notes are for whoever does it.
#[derive(Debug, Default)]
pub(super) struct Report {
    faults: Vec<String>,
    notes: Vec<String>,
}

impl Report {
    fn fault(&mut self, text: impl Into<String>) {
        let text = text.into();
        println!("  FAULT: {text}");
        self.faults.push(text);
    }

    fn note(&mut self, text: impl Into<String>) {
        let text = text.into();
        println!("  {text}");
        self.notes.push(text);
    }
}

/// Goes through all steps, also after one that found a fault: whoever releases wants to know all of them.
pub(crate) fn run(options: &Options) -> Outcome {
    // Clap has asked for it already.
    debug_assert!(options.dry_run);
    check_version(&options.version)?;
    let metadata = Metadata::load()?;
    let folder = PathBuf::from(metadata.target_directory()).join("release-of");
    let folder = folder.join(&options.version);
    let mut report = Report::default();

    heading("versions");
    versions(&metadata, &options.version, &mut report);
    heading("changelog");
    let text = std::fs::read_to_string(root().join("CHANGELOG.md"))?;
    changelog::check(&text, &options.version, &mut report);
    heading("repository");
    repository(&metadata, &options.version, &mut report)?;
    heading("public interface");
    public_interface::compare(&mut report)?;
    heading("checks");
    if options.without_checks {
        report.note("left out: bash .ci/run");
    } else if let Err(error) = command::run(Command::new("bash").arg(".ci/run").current_dir(root()))
    {
        report.fault(error.to_string());
    }
    heading("packages");
    let order = packages::order(&metadata);
    let wanted: Vec<&str> = order
        .iter()
        .copied()
        .filter(|name| options.package.is_empty() || options.package.iter().any(|one| one == name))
        .collect();
    let mut files = packages::build(&metadata, &wanted, &mut report)?;
    heading("artefacts");
    if options.without_artefacts {
        report.note("left out: the wheel and the command");
    } else {
        files.extend(artefacts::build(&metadata, &mut report));
    }
    artefacts::collect(&files, &folder, &mut report)?;
    artefacts::bill_of_materials(&folder, &mut report);
    conclude(&options.version, &order, &report)
}

fn heading(name: &str) {
    println!("\n{name}");
}

/// Three numbers, and maybe what makes it a preview.
fn check_version(version: &str) -> Outcome {
    let (numbers, preview) = version.split_once('-').unwrap_or((version, "x"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if numbers.split('.').count() == 3 && numbers.split('.').all(is_number) && !preview.is_empty() {
        return Ok(());
    }
    Err(format!("{version:?} is not a version: it takes three numbers, such as 0.2.0").into())
}

/// All crates have one version, and ask for each other in that version.
fn versions(metadata: &Metadata, version: &str, report: &mut Report) {
    let mut members: Vec<_> = metadata.members().collect();
    members.sort_unstable_by_key(|package| package.name());
    let first = members.first().map_or("", |package| package.version());
    for package in &members {
        if package.version() != first {
            report.fault(format!(
                "{} has version {}, and others have {first}",
                package.name(),
                package.version()
            ));
        }
    }
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap_or_default();
    for line in manifest
        .lines()
        .filter(|line| line.contains("path = \"crates/"))
    {
        if !line.contains(&format!("version = \"{first}\"")) {
            report.fault(format!(
                "a crate is not asked for in version {first}: {line}"
            ));
        }
    }
    if first == version {
        report.note(format!("{} crates have version {version}", members.len()));
    } else {
        report.note(format!(
            "would set version {version} in place of {first}, in Cargo.toml: once for the workspace, and in each line of \
             its dependencies that has a path"
        ));
    }
}

/// What is released is what is committed, under a tag that is free, from a place that is known.
fn repository(metadata: &Metadata, version: &str, report: &mut Report) -> Outcome {
    let git = |arguments: &[&str]| {
        command::output(Command::new("git").args(arguments).current_dir(root()))
    };
    if !git(&["status", "--porcelain"])?.is_empty() {
        report.fault("there are changes that are not committed");
    }
    let tag = format!("v{version}");
    if !git(&["tag", "--list", &tag])?.is_empty() {
        report.fault(format!("the tag {tag} is there already"));
    }
    let mut published = metadata
        .members()
        .filter(|package| package.is_publishable());
    if published.any(|package| !package.says("repository")) {
        report.fault(
            "no address of the source is set: write `repository = \"…\"` into [workspace.package], and \
             `repository.workspace = true` into each crate",
        );
    }
    Ok(())
}

fn conclude(version: &str, order: &[&str], report: &Report) -> Outcome {
    println!("\nwhat would be done");
    println!("  git tag --annotate v{version} --message 'Version {version}'");
    for name in order {
        println!("  cargo publish --locked --package {name}");
    }
    println!("  twine upload target/release-of/{version}/*.whl");
    println!("  git push origin v{version}");
    if report.faults.is_empty() {
        println!("\nversion {version} could be released; nothing was published");
        return Ok(());
    }
    Err(format!(
        "version {version} cannot be released yet:\n  {}",
        report.faults.join("\n  ")
    )
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_three_numbers() {
        for version in ["0.1.0", "1.22.333", "1.0.0-rc.1"] {
            assert!(check_version(version).is_ok(), "{version}");
        }
        for version in ["", "1.0", "v1.0.0", "1.0.x", "1.0.0-", "1.0.0.0"] {
            assert!(check_version(version).is_err(), "{version}");
        }
    }
}
