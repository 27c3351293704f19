//! What mdBook makes of the pages, as far as it can be checked without it; and with it, where it is installed.

use std::process::Command;

use super::{Pages, joined};
use crate::{Outcome, command, root};

/// Faults of included files: mdBook leaves out what it does not find, and only says so.
pub(super) fn check(pages: &Pages) -> Vec<String> {
    check_with(pages, &|path| {
        std::fs::read_to_string(root().join(path)).ok()
    })
}

fn check_with(pages: &Pages, read: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let mut faults = Vec::new();
    for (page, text) in pages {
        for (line, text) in (1..).zip(text.lines()) {
            let Some((_, rest)) = text.split_once("{{#include ") else {
                continue;
            };
            let target = rest.split("}}").next().unwrap_or(rest).trim();
            let (path, anchor) = target.split_once(':').unwrap_or((target, ""));
            let Some(path) = joined(page, path) else {
                faults.push(format!(
                    "{page}:{line}: {target} leads out of the repository"
                ));
                continue;
            };
            match read(&path) {
                None => faults.push(format!("{page}:{line}: there is no {path} to include")),
                Some(content) => {
                    let has = |mark: &str| content.contains(&format!("{mark}: {anchor}\n"));
                    let is_whole = has("ANCHOR") && has("ANCHOR_END");
                    if !anchor.is_empty() && !is_whole {
                        faults.push(format!("{page}:{line}: {path} has no anchor {anchor}"));
                    }
                }
            }
        }
    }
    faults
}

/// Builds the book. A warning is an error: what mdBook warns of is a page that readers miss.
pub(super) fn build() -> Outcome {
    if Command::new("mdbook").arg("--version").output().is_err() {
        println!("book: NOT BUILT, mdbook is not installed (cargo install mdbook)");
        return Ok(());
    }
    let mut mdbook = Command::new("mdbook");
    mdbook.args(["build", "docs"]).current_dir(root());
    let output = mdbook
        .output()
        .map_err(|error| format!("cannot run mdbook: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || said.contains("WARN") || said.contains("ERROR") {
        eprint!("{said}");
        return Err("mdbook build docs: it failed, or warned".into());
    }
    command::run(Command::new("mdbook").arg("--version"))?;
    println!("book: target/doc/book/index.html");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_included_is_there() {
        let pages = |text: &str| Pages::from([("docs/a/b.md".to_owned(), text.to_owned())]);
        let read = |path: &str| {
            (path == "examples/a.rs").then(|| "// ANCHOR: x\n// ANCHOR_END: x\n".to_owned())
        };
        let check = |text: &str| check_with(&pages(text), &read);
        assert_eq!(
            check("{{#include ../../examples/a.rs}}"),
            Vec::<String>::new()
        );
        assert_eq!(
            check("{{#include ../../examples/a.rs:x}}"),
            Vec::<String>::new()
        );
        assert_eq!(check("{{#include ../../examples/a.rs:y}}").len(), 1);
        assert_eq!(check("{{#include ../examples/a.rs}}").len(), 1);
        assert_eq!(check("{{#include ../../../a.rs}}").len(), 1);
    }
}
