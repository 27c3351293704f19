//! What docs/architecture.md says is absent from a crate: files, clocks, networks and unsafe code.

use std::path::Path;

use super::Finding;

/// What a crate must not reach for, in its sources; its tests may.
const ABSENT: &[(&str, &[&str])] = &[
    ("ftrack-query", OUTSIDE),
    ("ftrack-expression", OUTSIDE),
    ("ftrack-entity", OUTSIDE),
];

/// The world outside of a computation.
const OUTSIDE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "Instant::now",
    "SystemTime::now",
    "Utc::now",
    "Local::now",
];

/// The crate with all unsafe code, and that with macros which expand to it.
const UNSAFE: &[&str] = &["ftrack-plugin-abi", "ftrack-python"];

/// What is in a file that must not be there.
pub(super) fn check(path: &Path, content: &str) -> Vec<Finding> {
    let parts: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
    let ["crates", name, "src", rest @ ..] = &parts[..] else {
        return Vec::new();
    };
    let shown = path.display();
    let mut findings = Vec::new();
    let is_root = matches!(rest, ["lib.rs" | "main.rs"]);
    if is_root && !UNSAFE.contains(name) && !content.contains("#![forbid(unsafe_code)]") {
        findings.push(Finding::Fault(format!(
            "{shown}: does not forbid unsafe code, which is for ftrack-plugin-abi only"
        )));
    }
    let absent = ABSENT.iter().find(|(krate, _)| krate == name);
    let is_source = path.extension().is_some_and(|extension| extension == "rs");
    let code = content.split("#[cfg(test)]").next().unwrap_or_default();
    for (_, words) in absent
        .iter()
        .filter(|_| is_source && !rest.contains(&"tests.rs"))
    {
        for (number, line) in (1..).zip(code.lines()) {
            let is_comment = line.trim_start().starts_with("//");
            for word in words
                .iter()
                .filter(|word| !is_comment && line.contains(**word))
            {
                findings.push(Finding::Fault(format!(
                    "{shown}:{number}: {name} has nothing to do with {word}"
                )));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, content: &str) -> usize {
        check(Path::new(path), content).len()
    }

    #[test]
    fn crates_that_compute_reach_for_nothing_outside() {
        let clock = "let now = Instant::now();\n";
        assert_eq!(found("crates/ftrack-entity/src/a.rs", clock), 1);
        assert_eq!(found("crates/ftrack-session/src/a.rs", clock), 0);
        let in_test = format!("fn a() {{}}\n#[cfg(test)]\nmod tests {{ {clock} }}\n");
        assert_eq!(found("crates/ftrack-entity/src/a.rs", &in_test), 0);
        assert_eq!(found("crates/ftrack-entity/tests/it/a.rs", clock), 0);
    }

    #[test]
    fn unsafe_code_is_forbidden_in_all_crates_but_one() {
        assert_eq!(found("crates/a/src/lib.rs", "//! A.\n"), 1);
        assert_eq!(found("crates/a/src/lib.rs", "#![forbid(unsafe_code)]\n"), 0);
        assert_eq!(found("crates/ftrack-plugin-abi/src/lib.rs", "//! A.\n"), 0);
        assert_eq!(found("crates/a/src/b.rs", "//! A.\n"), 0);
    }
}
