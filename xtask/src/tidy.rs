//! What neither compiler nor clippy look at.

mod text;

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::metadata::Metadata;
use crate::{Outcome, command, root};

/// The licence of every crate.
const LICENCE: &str = "MIT OR Apache-2.0";

/// Something that is wrong, or only nearly so.
#[derive(Debug, PartialEq, Eq)]
enum Finding {
    Fault(String),
    Warning(String),
}

/// Checks every file that is under version control or about to be.
pub(crate) fn run() -> Outcome {
    let mut findings = crates(&Metadata::load()?);
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        if !root().join(licence).is_file() {
            findings.push(Finding::Fault(format!("{licence} is missing")));
        }
    }
    let paths = paths()?;
    for path in &paths {
        // Pictures and the like are no text; files that are deleted and not committed yet are still listed.
        if let Ok(content) = fs::read_to_string(root().join(path)) {
            findings.extend(text::check(Path::new(path), &content));
        }
    }
    report(&findings, paths.len())
}

fn report(findings: &[Finding], files: usize) -> Outcome {
    let mut faults = 0;
    for finding in findings {
        match finding {
            Finding::Warning(warning) => eprintln!("warning: {warning}"),
            Finding::Fault(fault) => {
                eprintln!("{fault}");
                faults += 1;
            }
        }
    }
    if faults > 0 {
        return Err(format!("{faults} untidy place(s)").into());
    }
    println!("tidy: {files} files");
    Ok(())
}

/// The files of the repository, relative to its folder.
fn paths() -> Outcome<Vec<String>> {
    let arguments = [
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
    ];
    let list = command::output(Command::new("git").args(arguments).current_dir(root()))?;
    let list = String::from_utf8(list)?;
    Ok(list.split_terminator('\0').map(str::to_owned).collect())
}

fn crates(metadata: &Metadata) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in metadata.members() {
        let name = package.name();
        if package.licence() != Some(LICENCE) {
            findings.push(Finding::Fault(format!(
                "{name}: its licence is not {LICENCE:?}"
            )));
        }
        if package.is_publishable() && package.description().is_none_or(str::is_empty) {
            findings.push(Finding::Fault(format!("{name}: it has no description")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn crates_need_a_licence_and_published_ones_a_description() {
        let package = |more: serde_json::Value| {
            let mut package = json!({"id": "a", "name": "a", "license": LICENCE, "description": "A.", "publish": null});
            for (key, value) in more.as_object().into_iter().flatten() {
                package[key] = value.clone();
            }
            crates(&Metadata::of(
                json!({"workspace_members": ["a"], "packages": [package]}),
            ))
        };
        assert_eq!(package(json!({})), []);
        assert_eq!(package(json!({"license": "MIT"})).len(), 1);
        assert_eq!(package(json!({"description": null})).len(), 1);
        assert_eq!(package(json!({"description": null, "publish": []})), []);
    }
}
