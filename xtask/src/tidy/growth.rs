//! Whether public types can grow without breaking the programs that use them.

use std::path::Path;

use super::Finding;

/// Enums that programs may match without a wildcard, and why they do not grow.
const COMPLETE: &[(&str, &str)] = &[
    ("Action", "an operation creates, updates or deletes"),
    (
        "Change",
        "of the seam for crates of the workspace, which have to know every change",
    ),
    ("EntityState", "the product documents these states"),
    ("ValueSide", "a value is the server's or a local one"),
];

/// The crates whose types programs use. What crosses to plugins has a version, and the other crates are programs.
const CRATES: &[&str] = &[
    "ftrack",
    "ftrack-cache",
    "ftrack-entity",
    "ftrack-event",
    "ftrack-expression",
    "ftrack-location",
    "ftrack-plugin",
    "ftrack-query",
    "ftrack-session",
    "ftrack-transport",
];

/// What in a file could not grow.
pub(super) fn check(path: &Path, content: &str) -> Vec<Finding> {
    let is_of_interest = CRATES
        .iter()
        .any(|name| path.starts_with(format!("crates/{name}/src")));
    if !is_of_interest {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut is_open = false;
    // The options whose fields are being read.
    let mut options: Option<String> = None;
    for (number, line) in (1..).zip(content.lines()) {
        let place = format!("{}:{number}", path.display());
        if line == "#[non_exhaustive]" {
            is_open = true;
        } else if let Some(name) = defined(line, "pub enum ") {
            let is_complete = COMPLETE.iter().any(|(known, _)| *known == name);
            if !is_open && !is_complete {
                findings.push(Finding::Fault(format!(
                    "{place}: {name} is public and cannot grow: make it #[non_exhaustive], or say in xtask/src/tidy/growth.rs why it need not"
                )));
            }
            is_open = false;
        } else if let Some(name) = defined(line, "pub struct ") {
            let is_closed = !is_open && name.ends_with("Options");
            options = is_closed.then(|| name.to_owned());
            is_open = false;
        } else if line == "}" {
            options = None;
        } else if let Some(name) = options.as_ref().filter(|_| line.starts_with("    pub ")) {
            findings.push(Finding::Fault(format!(
                "{place}: {name} has public fields and cannot grow: make it #[non_exhaustive], or the fields private"
            )));
        }
    }
    findings
}

fn defined<'a>(line: &'a str, keyword: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(keyword)?;
    rest.split(['<', ' ', '(', ';']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(content: &str) -> usize {
        check(Path::new("crates/ftrack-query/src/a.rs"), content).len()
    }

    #[test]
    fn public_enums_are_open_or_complete_for_a_reason() {
        assert_eq!(found("pub enum Kind {\n    A,\n}\n"), 1);
        assert_eq!(
            found("#[non_exhaustive]\npub enum Kind<'a> {\n    A,\n}\n"),
            0
        );
        assert_eq!(found("pub enum ValueSide {\n    Local,\n}\n"), 0);
        assert_eq!(found("pub(crate) enum Kind {\n    A,\n}\n"), 0);
    }

    #[test]
    fn options_are_open_or_have_no_public_fields() {
        let options = "pub struct NoteOptions {\n    pub author: String,\n}\n";
        assert_eq!(found(options), 1);
        assert_eq!(found(&format!("#[non_exhaustive]\n{options}")), 0);
        assert_eq!(
            found("pub struct NoteOptions {\n    author: String,\n}\n"),
            0
        );
        assert_eq!(found("pub struct Note {\n    pub author: String,\n}\n"), 0);
    }
}
