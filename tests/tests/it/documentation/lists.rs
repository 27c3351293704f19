//! Lists in the book of what is in the code: environment variables, details of errors.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ftrack_session::ErrorKind;

use super::page;

/// The code of the crates, without their tests.
fn code(folder: &str) -> String {
    let mut code = String::new();
    read(
        &PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(folder),
        &mut code,
    );
    assert!(!code.is_empty(), "{folder}");
    code
}

fn read(folder: &Path, code: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "tests" {
                read(&path, code);
            }
        } else if path.extension().is_some_and(|kind| kind == "rs") && name != "tests.rs" {
            let text = fs::read_to_string(&path).unwrap();
            code.push_str(
                text.split("#[cfg(test)]\nmod tests")
                    .next()
                    .unwrap_or_default(),
            );
        }
    }
}

/// What stands in the first column of all tables of a page that have one of these headings.
fn listed(page: &str, heading: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut is_inside = false;
    for line in page.lines() {
        if line.starts_with("| ") && line.contains(heading) {
            is_inside = true;
        } else if !line.starts_with('|') {
            is_inside = false;
        }
        if is_inside && line.starts_with("| `") {
            let first = line
                .trim_start_matches("| ")
                .split(" |")
                .next()
                .unwrap_or_default();
            names.extend(first.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    names
}

/// The texts between quotes that follow each `start`.
fn texts<'code>(code: &'code str, start: &str) -> impl Iterator<Item = &'code str> {
    let parts: Vec<&str> = code.split(start).skip(1).collect();
    parts.into_iter().filter_map(|part| {
        let text = part.trim_start().strip_prefix('"')?;
        text.split('"').next()
    })
}

fn literals(code: &str) -> impl Iterator<Item = &str> {
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split('"').skip(1).step_by(2))
}

#[test]
fn every_detail_of_an_error_is_in_the_list_and_no_other() {
    let session = code("crates/ftrack-session/src");
    let plugin = code("crates/ftrack-plugin/src");
    let mut told: BTreeSet<String> = texts(&session, "with_detail(").map(str::to_owned).collect();
    told.extend(texts(&plugin, "with_detail(").map(str::to_owned));
    let convert = fs::read_to_string(
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../crates/ftrack-session/src/error/convert.rs"),
    );
    let convert = convert.unwrap();
    let (_, details) = convert.split_once("fn details(").unwrap();
    let (details, _) = details.split_once("\n}\n").unwrap();
    told.extend(texts(details, "(").map(str::to_owned));
    let listed = listed(&page("errors.md"), "| detail |");
    assert!(told.len() > 40, "{told:?}");
    assert_eq!(told, listed);
}

#[test]
fn every_detail_is_said_to_come_with_kinds_that_there_are() {
    let page = page("errors.md");
    let (_, table) = page.split_once("| detail |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| !line.is_empty());
    let mut count = 0;
    for row in rows {
        let with = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        // Names in small letters are those of methods.
        let named = with.split('`').skip(1).step_by(2);
        for kind in named.filter(|name| name.starts_with(char::is_uppercase)) {
            let is_known = ErrorKind::ALL
                .iter()
                .any(|known| format!("{known:?}") == kind);
            assert!(is_known, "there is no {kind}: {row}");
            count += 1;
        }
    }
    assert!(count > 40, "{count}");
}

#[test]
fn every_environment_variable_is_in_the_list_and_no_other() {
    let mut code_of_all = String::new();
    for krate in [
        "ftrack-cli",
        "ftrack-event",
        "ftrack-location",
        "ftrack-plugin",
        "ftrack-python",
        "ftrack-server",
        "ftrack-session",
        "ftrack-transport",
    ] {
        code_of_all.push_str(&code(&format!("crates/{krate}/src")));
    }
    // Names that look like variables and are none: a header, and a symbol of libraries.
    let others = ["FTRACK_VERSION", "FTRACK_PLUGIN"];
    let is_variable = |text: &str| {
        let is_name = text.starts_with(|letter: char| letter.is_ascii_uppercase())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        let is_known = text.starts_with("FTRACK_")
            || text.ends_with("_PROXY")
            || text.ends_with("_BUNDLE")
            || text.ends_with("_COLOR")
            || text.starts_with("SSL_CERT_");
        is_name && is_known && !others.contains(&text)
    };
    let listed = listed(&page("environment.md"), "| variable |");
    let mut told: BTreeSet<&str> = literals(&code_of_all)
        .filter(|text| is_variable(text))
        .collect();
    for start in ["env::var(", "env::var_os(", "env = "] {
        told.extend(texts(&code_of_all, start));
    }
    for name in &told {
        assert!(
            listed.contains(*name),
            "{name} is not in docs/environment.md"
        );
    }
    let all: BTreeSet<&str> = literals(&code_of_all).collect();
    for name in &listed {
        // The library that logs reads this one by itself.
        let is_read = all.contains(name.as_str()) || name == "RUST_LOG";
        assert!(
            is_read,
            "{name} is in docs/environment.md, and nobody reads it"
        );
    }
}
