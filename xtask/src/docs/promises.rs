//! `docs/promises.md` names the tests that hold what the pages promise.
//!
//! Each heading there is a page or a source file, each row a sentence of it and the tests that would fail if it were no
//! longer true. A sentence that is gone, a test that is gone, and a *never* or *always* without a row are faults.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Pages;

const PAGE: &str = "docs/promises.md";

/// The words that make a sentence a promise.
const WORDS: &[&str] = &["never", "always"];

struct Row {
    line: usize,
    page: String,
    sentence: String,
    tests: Vec<String>,
}

/// Compares the table with the pages, with the documentation of modules, and with the tests that there are. `tasks` are
/// the names of what `cargo xtask` does, which hold promises too.
pub(super) fn check(
    pages: &Pages,
    sources: &Pages,
    python: &Pages,
    tasks: &BTreeSet<String>,
) -> Vec<String> {
    let Some(table) = pages.get(PAGE) else {
        return vec![format!("{PAGE} is missing")];
    };
    let rows = rows(table);
    let tests = tests(sources, python);
    let mut faults = Vec::new();
    for row in &rows {
        for test in &row.tests {
            let is_there = match test.strip_prefix("cargo xtask ") {
                Some(task) => tasks.contains(task),
                None => tests.contains(test.as_str()),
            };
            if !is_there {
                faults.push(format!("{PAGE}:{}: there is no test `{test}`", row.line));
            }
        }
        if row.tests.is_empty() {
            faults.push(format!("{PAGE}:{}: no test is named", row.line));
        }
    }
    let mut texts: Pages = sources
        .iter()
        .filter(|(path, _)| path.starts_with("crates/") && path.contains("/src/"))
        .map(|(path, text)| (path.clone(), module_docs(text)))
        .collect();
    for (path, text) in pages.iter().filter(|(path, _)| is_bound(path)) {
        texts.insert(path.clone(), text.clone());
    }
    for row in &rows {
        let text = texts.get(&row.page).map(|text| plain(text));
        if !text.is_some_and(|text| text.contains(&row.sentence)) {
            let (line, page, sentence) = (row.line, &row.page, &row.sentence);
            faults.push(format!("{PAGE}:{line}: {page} does not say \"{sentence}\""));
        }
    }
    for (path, text) in &texts {
        let text = plain(text);
        let held: Vec<Range<usize>> = rows
            .iter()
            .filter(|row| row.page == *path)
            .flat_map(|row| places(&text, &row.sentence))
            .collect();
        for place in promises(&text) {
            if !held.iter().any(|range| range.contains(&place)) {
                let around = around(&text, place);
                faults.push(format!(
                    "{path}: \"{around}\" promises something, and has no row in {PAGE}"
                ));
            }
        }
    }
    faults
}

/// The pages for developers that promise how the code behaves.
fn is_bound(path: &str) -> bool {
    let is_readme = path.starts_with("crates/") && path.ends_with("/README.md");
    path == "docs/architecture.md" || path.starts_with("docs/decisions/") || is_readme
}

fn rows(table: &str) -> Vec<Row> {
    let mut page = String::new();
    let mut rows = Vec::new();
    for (line, text) in (1..).zip(table.lines()) {
        if let Some(title) = text.strip_prefix("## ") {
            title.trim_matches('`').clone_into(&mut page);
        }
        let cells = text
            .strip_prefix("| ")
            .and_then(|text| text.strip_suffix(" |"));
        let Some((sentence, tests)) = cells.and_then(|cells| cells.split_once(" | ")) else {
            continue;
        };
        if page.is_empty() || sentence == "promise" {
            continue;
        }
        rows.push(Row {
            line,
            page: page.clone(),
            sentence: plain(sentence),
            tests: tests
                .split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect(),
        });
    }
    rows
}

/// The names of all tests.
fn tests<'s>(sources: &'s Pages, python: &'s Pages) -> BTreeSet<&'s str> {
    let mut tests = BTreeSet::new();
    for text in sources.values() {
        let mut is_test = false;
        for line in text.lines().map(str::trim_start) {
            if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                is_test = true;
            } else if let Some((_, rest)) = line.split_once("fn ")
                && !line.starts_with("//")
            {
                if is_test {
                    tests.extend(rest.split('(').next());
                }
                is_test = false;
            }
        }
    }
    for text in python.values() {
        let named = text.lines().filter_map(|line| line.strip_prefix("def "));
        tests.extend(
            named
                .filter_map(|rest| rest.split('(').next())
                .filter(|name| name.starts_with("test_")),
        );
    }
    tests
}

/// What stands behind `//!`.
fn module_docs(source: &str) -> String {
    let lines = source
        .lines()
        .map(str::trim_start)
        .filter_map(|line| line.strip_prefix("//!"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The text as one line, without marks for code, emphasis and links.
fn plain(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        shown.push_str(before);
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    shown.push_str(rest);
    let shown = shown.replace(['`', '*', '[', ']'], "");
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where `sentence` stands in the text.
fn places(text: &str, sentence: &str) -> Vec<Range<usize>> {
    let found = text.match_indices(sentence);
    found
        .map(|(start, _)| start..start + sentence.len())
        .collect()
}

/// Where the words stand that promise.
fn promises(text: &str) -> Vec<usize> {
    let lower = text.to_ascii_lowercase();
    let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
    let stands_alone = |start: usize, word: &str| {
        let before = start.checked_sub(1).and_then(|at| lower.as_bytes().get(at));
        !is_letter(before) && !is_letter(lower.as_bytes().get(start + word.len()))
    };
    let found = WORDS.iter().flat_map(|word| {
        let found = lower.match_indices(word);
        found.filter_map(|(start, _)| stands_alone(start, word).then_some(start))
    });
    found.collect()
}

/// Some words before and after a place.
fn around(text: &str, place: usize) -> String {
    let (before, after) = text.split_at(place);
    let before: Vec<&str> = before.split(' ').rev().take(5).collect();
    let before: Vec<&str> = before.into_iter().rev().collect();
    let after: Vec<&str> = after.split(' ').take(5).collect();
    before.join(" ") + &after.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(path: &str, text: &str) -> Pages {
        Pages::from([(path.to_owned(), text.to_owned())])
    }

    /// What is found in one page and one source file by this table.
    fn found(page_text: &str, source: &str, rows: &str) -> Vec<String> {
        let table = format!("# Promises\n\n| promise | tests |\n|---|---|\n{rows}");
        let mut pages = page(PAGE, &table);
        pages.insert("docs/architecture.md".into(), page_text.into());
        let sources = page("crates/a/src/lib.rs", source);
        let python = page("crates/a/tests/test_a.py", "def test_snakes(a):\n");
        let tasks = BTreeSet::from(["layers".to_owned()]);
        check(&pages, &sources, &python, &tasks)
    }

    const TEST: &str = "    #[test]\n    #[cfg(unix)]\n    fn holds() {}\n    fn helper() {}\n";

    #[test]
    fn what_a_test_holds_may_be_promised() {
        let rows = "## docs/architecture.md\n| It never fails. | `holds`, `cargo xtask layers`, `test_snakes` |\n\
                    ## crates/a/src/lib.rs\n| Always A. | `holds` |\n";
        let source = format!("//! **Always**\n//! [A](crate::A).\n{TEST}");
        let faults = found("So. It *never*\n  `fails`. Nevertheless.", &source, rows);
        assert_eq!(faults, [""; 0]);
    }

    #[test]
    fn promises_without_a_test_and_tests_without_a_promise_are_named() {
        assert_eq!(found("It never fails.", TEST, "").len(), 1);
        assert_eq!(found("", &format!("//! Always.\n{TEST}"), "").len(), 1);
        for tests in ["`helper`", "`cargo xtask nothing`", "", "`test_nothing`"] {
            let rows = format!("## docs/architecture.md\n| It never fails. | {tests} |\n");
            assert_eq!(found("It never fails.", TEST, &rows).len(), 1, "{tests}");
        }
        let rows = "## docs/architecture.md\n| It never fails. | `holds` |\n";
        assert_eq!(found("It fails.", TEST, rows).len(), 1);
        assert_eq!(found("It never fails. Never.", TEST, rows).len(), 1);
    }
}
