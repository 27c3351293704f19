//! What neither compiler nor clippy look at.

mod absent;
mod growth;
mod text;
mod words;

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::metadata::Metadata;
use crate::{Outcome, command, root};

/// The licence of every crate.
const LICENCE: &str = "MIT OR Apache-2.0";

/// Their texts.
const LICENCES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];

/// Something that is wrong, or only nearly so.
#[derive(Debug, PartialEq, Eq)]
enum Finding {
    Fault(String),
    Warning(String),
}

/// Checks every file that is under version control or about to be.
pub(crate) fn run() -> Outcome {
    let metadata = Metadata::load()?;
    let mut findings = crates(&metadata);
    findings.extend(licences(&metadata));
    for licence in LICENCES {
        if !root().join(licence).is_file() {
            findings.push(Finding::Fault(format!("{licence} is missing")));
        }
    }
    let paths = paths()?;
    for path in &paths {
        // Pictures and the like are not text; files that are deleted and not committed yet are still listed.
        if let Ok(content) = fs::read_to_string(root().join(path)) {
            let path = Path::new(path);
            findings.extend(text::check(path, &content));
            findings.extend(words::check(path, &content));
            findings.extend(growth::check(path, &content));
            findings.extend(absent::check(path, &content));
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

/// What a crate has to say of itself before it is published.
const SAID: [&str; 7] = [
    "authors",
    "categories",
    "documentation",
    "keywords",
    "readme",
    "rust_version",
    "version",
];

/// Licence files that differ from those of the workspace, or are missing: each package brings its own.
fn licences(metadata: &Metadata) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in metadata
        .members()
        .filter(|package| package.is_publishable())
    {
        for licence in LICENCES {
            let own = fs::read(package.folder().join(licence)).ok();
            if own.is_none() || own != fs::read(root().join(licence)).ok() {
                findings.push(Finding::Fault(format!(
                    "{}: {licence} is not that of the workspace: copy it",
                    package.name()
                )));
            }
        }
    }
    findings
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
        if !package.is_publishable() {
            continue;
        }
        if package.description().is_none_or(str::is_empty) {
            findings.push(Finding::Fault(format!("{name}: it has no description")));
        }
        for key in SAID.into_iter().filter(|key| !package.says(key)) {
            findings.push(Finding::Fault(format!(
                "{name}: its manifest says nothing for {}",
                key.replace('_', "-")
            )));
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
            let mut package = json!({
                "id": "a", "name": "a", "license": LICENCE, "description": "A.", "publish": null,
                "authors": ["A"], "categories": ["caching"], "documentation": "https://docs.rs/a",
                "keywords": ["a"], "readme": "README.md", "rust_version": "1.90", "version": "1.0.0",
            });
            for (key, value) in more.as_object().into_iter().flatten() {
                package[key] = value.clone();
            }
            crates(&Metadata::from_json(
                json!({"workspace_members": ["a"], "packages": [package]}),
            ))
        };
        assert_eq!(package(json!({})), []);
        assert_eq!(package(json!({"license": "MIT"})).len(), 1);
        assert_eq!(package(json!({"description": null})).len(), 1);
        assert_eq!(package(json!({"description": null, "publish": []})), []);
        assert_eq!(package(json!({"keywords": []})).len(), 1);
        assert_eq!(package(json!({"readme": null, "categories": []})).len(), 2);
    }
}
