//! What is looked for in the text of a file.

use std::path::Path;

use super::Finding;

/// Lines above which a file is worth a thought, and above which it must be split.
const LONG: usize = 600;
const TOO_LONG: usize = 800;

/// How wide a line with a comment and a line of a page is at the most, in characters. rustfmt looks at neither.
const WIDTH: usize = 120;

/// What must not be in Rust sources, and why. Put together, so that this file does not find itself.
const LEFTOVERS: &[(&str, &str)] = &[
    (
        concat!("#[", "ignore"),
        "a test that does not run proves nothing",
    ),
    (concat!("todo", "!("), "unfinished code"),
    (concat!("unimplemented", "!("), "unfinished code"),
    (concat!("dbg", "!("), "a leftover of debugging"),
    (
        concat!("unless told ", "otherwise"),
        "readers look for 'Defaults to …'",
    ),
];

/// What only a program may set. Put together, so that this file does not find itself.
const ALLOCATOR: &str = concat!("#[", "global_allocator]");

/// Folders of one machine, which mean nothing on another.
const MACHINE_PATHS: &[&str] = &[
    concat!("/ro", "ot/"),
    concat!("/var/", "tmp/"),
    concat!("/wo", "rk/"),
    concat!("/Us", "ers/"),
];

/// What is wrong with the text of a file.
pub(super) fn check(path: &Path, content: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    check_text(path, content, &mut findings);
    if path.extension().is_some_and(|extension| extension == "rs") {
        check_rust(path, content, &mut findings);
        check_comments(path, content, &mut findings);
    }
    if is_page(path) {
        check_page(path, content, &mut findings);
    }
    findings
}

fn check_text(path: &Path, content: &str, findings: &mut Vec<Finding>) {
    for (number, line) in (1..).zip(content.lines()) {
        let place = || format!("{}:{number}", path.display());
        if line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") {
            findings.push(Finding::Fault(format!(
                "{}: a merge that was not finished",
                place()
            )));
        }
        if let Some(found) = MACHINE_PATHS.iter().find(|found| line.contains(**found)) {
            let place = place();
            findings.push(Finding::Fault(format!(
                "{place}: {found:?} is a folder of one machine"
            )));
        }
    }
    if !content.is_empty() && !content.ends_with('\n') {
        findings.push(Finding::Fault(format!(
            "{}: the last line has no end",
            path.display()
        )));
    }
}

fn check_rust(path: &Path, content: &str, findings: &mut Vec<Finding>) {
    let shown = path.display();
    let lines = content.lines().count();
    if lines > TOO_LONG {
        findings.push(Finding::Fault(format!(
            "{shown}: {lines} lines; split it below {LONG}"
        )));
    } else if lines > LONG {
        findings.push(Finding::Warning(format!(
            "{shown}: {lines} lines; split it below {LONG}"
        )));
    }
    if !is_test_module(path) && !content.starts_with("//!") {
        findings.push(Finding::Fault(format!(
            "{shown}: does not begin with what the module is for (//!)"
        )));
    }
    let is_program = path.file_name().is_some_and(|name| name == "main.rs");
    for (number, line) in (1..).zip(content.lines()) {
        if !is_program && line.starts_with(ALLOCATOR) {
            findings.push(Finding::Fault(format!(
                "{shown}:{number}: the allocator is for a program to choose"
            )));
        }
        for (leftover, reason) in LEFTOVERS {
            if line.contains(leftover) {
                findings.push(Finding::Fault(format!(
                    "{shown}:{number}: {leftover} is {reason}"
                )));
            }
        }
    }
}

/// Refuses comments that are too wide. Rows of tables, and code in them, cannot be broken.
fn check_comments(path: &Path, content: &str, findings: &mut Vec<Finding>) {
    let mut is_code = false;
    for (number, line) in (1..).zip(content.lines()) {
        let Some(comment) = line.trim_start().strip_prefix("//") else {
            is_code = false;
            continue;
        };
        let text = comment.trim_start_matches(['/', '!']).trim_start();
        if text.starts_with("```") {
            is_code = !is_code;
        }
        let width = line.chars().count();
        if width > WIDTH && !is_code && !text.starts_with('|') {
            findings.push(Finding::Fault(format!(
                "{}:{number}: a comment of {width} characters; break it at {WIDTH}",
                path.display()
            )));
        }
    }
}

/// Refuses lines of a page that are too wide, but for rows of tables, code, and lines with an address.
fn check_page(path: &Path, content: &str, findings: &mut Vec<Finding>) {
    let mut is_code = false;
    for (number, line) in (1..).zip(content.lines()) {
        let text = line.trim_start();
        if text.starts_with("```") {
            is_code = !is_code;
        }
        let width = line.chars().count();
        let is_whole = text.starts_with('|') || line.contains("](") || line.contains("://");
        if width > WIDTH && !is_code && !is_whole {
            findings.push(Finding::Fault(format!(
                "{}:{number}: {width} characters; break the line at {WIDTH}",
                path.display()
            )));
        }
    }
}

/// A page for people. Those below `tests` are read by the tests, a line each.
fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md") && !path.starts_with("tests")
}

/// A module of tests says by its name what it is for.
fn is_test_module(path: &Path) -> bool {
    let in_tests = path.iter().skip(1).any(|folder| folder == "tests");
    in_tests || path.file_stem().is_some_and(|name| name == "tests")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, content: &str) -> usize {
        check(Path::new(path), content)
            .iter()
            .filter(|finding| matches!(finding, Finding::Fault(_)))
            .count()
    }

    #[test]
    fn a_tidy_file_is_fine() {
        assert_eq!(check(Path::new("src/a.rs"), "//! A.\nfn a() {}\n"), []);
        assert_eq!(check(Path::new("README.md"), "# A\n"), []);
    }

    #[test]
    fn modules_say_what_they_are_for() {
        assert_eq!(faults("src/a.rs", "fn a() {}\n"), 1);
        for path in ["src/a/tests.rs", "crates/a/tests/it/b.rs"] {
            assert_eq!(faults(path, "fn a() {}\n"), 0, "{path}");
        }
        assert_eq!(faults("tests/src/a.rs", "fn a() {}\n"), 1);
    }

    #[test]
    fn only_programs_set_an_allocator() {
        let content = format!("//! A.\n{ALLOCATOR}\nstatic A: B = B;\n");
        assert_eq!(faults("crates/a/src/main.rs", &content), 0);
        assert_eq!(faults("crates/a/src/lib.rs", &content), 1);
    }

    #[test]
    fn long_files_are_warned_of_and_then_refused() {
        let lines = |count| format!("//! A.\n{}", "\n".repeat(count - 1));
        assert_eq!(check(Path::new("a.rs"), &lines(LONG)), []);
        assert!(matches!(
            check(Path::new("a.rs"), &lines(LONG + 1))[..],
            [Finding::Warning(_)]
        ));
        assert!(matches!(
            check(Path::new("a.rs"), &lines(TOO_LONG + 1))[..],
            [Finding::Fault(_)]
        ));
    }

    #[test]
    fn wide_comments_are_refused_where_they_can_be_broken() {
        let wide = "é ".repeat(60);
        for (line, expected) in [
            (format!("/// {wide}"), 1),
            (format!("    // {wide}"), 1),
            (format!("/// | {wide}|"), 0),
            (format!("/// ```\n/// {wide}\n/// ```"), 0),
            (format!("/// ```\n/// ```\n/// {wide}"), 1),
            (format!("// {}", "é".repeat(117)), 0),
            (format!("let wide = \"{wide}\";"), 0),
        ] {
            assert_eq!(
                faults("src/a.rs", &format!("//! A.\n{line}\n")),
                expected,
                "{line}"
            );
        }
    }

    #[test]
    fn wide_lines_of_pages_are_refused_where_they_can_be_broken() {
        let wide = "é ".repeat(61);
        for (line, expected) in [
            (wide.clone(), 1),
            (format!("  - {wide}"), 1),
            (format!("{}\n{}", "é".repeat(120), "é".repeat(120)), 0),
            (format!("| {wide}|"), 0),
            (format!("```sh\n{wide}\n```"), 0),
            (format!("```sh\n```\n{wide}"), 1),
            (format!("[{wide}](page.md)"), 0),
            (format!("<https://example.com/> {wide}"), 0),
        ] {
            let page = format!("# A\n\n{line}\n");
            assert_eq!(faults("docs/a.md", &page), expected, "{line}");
            assert_eq!(faults("tests/a.md", &page), 0, "{line}");
        }
    }

    #[test]
    fn leftovers_are_found() {
        for (leftover, _) in LEFTOVERS {
            assert_eq!(
                faults("a.rs", &format!("//! A.\n    {leftover}\n")),
                1,
                "{leftover}"
            );
            assert_eq!(faults("a.md", &format!("{leftover}\n")), 0, "{leftover}");
        }
        for path in MACHINE_PATHS {
            assert_eq!(faults("a.md", &format!("see {path}x\n")), 1, "{path}");
        }
        assert_eq!(faults("a.md", "<<<<<<< ours\n"), 1);
        assert_eq!(faults("a.md", "no end"), 1);
    }
}
