//! `test_data/ok/*.expression` with the tree beside it, and
//! `test_data/err/*.expression` with the rendered message.
//!
//! Set `UPDATE_EXPECTATIONS=1` to write what the crate answers now, and read the
//! difference before committing it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use ftrack_expression::{Condition, Expression, Kind, Test};

#[test]
fn texts_that_are_expressions() {
    let failures = run("ok", "tree", |text| {
        let expression = Expression::parse(text).map_err(|error| error.render())?;
        let canonical = expression.to_string();
        assert_eq!(
            Expression::parse(&canonical).as_ref(),
            Ok(&expression),
            "{canonical}"
        );
        let mut tree = format!("{canonical}\n\n");
        draw(&mut tree, &expression, 0);
        Ok(tree)
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn texts_that_are_not_expressions() {
    let failures = run("err", "message", |text| match Expression::parse(text) {
        Ok(expression) => Err(format!("parsed as {expression}\n")),
        Err(error) => Ok(error.render()),
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn draw(tree: &mut String, expression: &Expression, depth: usize) {
    let margin = "  ".repeat(depth);
    let members = match expression.kind() {
        Kind::Condition(condition) => {
            writeln!(tree, "{margin}{} {}", condition.field(), test_of(condition)).unwrap();
            return;
        }
        Kind::Not(operand) => {
            writeln!(tree, "{margin}not").unwrap();
            return draw(tree, operand, depth + 1);
        }
        Kind::All(members) => {
            writeln!(tree, "{margin}all").unwrap();
            members
        }
        Kind::Any(members) => {
            writeln!(tree, "{margin}any").unwrap();
            members
        }
        other => unreachable!("{other:?}"),
    };
    for member in members {
        draw(tree, member, depth + 1);
    }
}

fn test_of(condition: &Condition) -> String {
    match condition.test() {
        Test::Exists => "exists".to_owned(),
        Test::Is(text) => format!("is {text:?}"),
        Test::StartsWith(text) => format!("starts with {text:?}"),
        Test::IsNot(text) => format!("is not {text:?}"),
        Test::Less(text) => format!("is less than {text:?}"),
        Test::LessOrEqual(text) => format!("is at most {text:?}"),
        Test::Greater(text) => format!("is greater than {text:?}"),
        Test::GreaterOrEqual(text) => format!("is at least {text:?}"),
        other => unreachable!("{other:?}"),
    }
}

/// Compares the answer to each case of `folder` with the file beside it, and
/// returns what is wrong. The line break at the end of a case is not part of it.
fn run(
    folder: &str,
    extension: &str,
    answer: impl Fn(&str) -> Result<String, String>,
) -> Vec<String> {
    let update = std::env::var_os("UPDATE_EXPECTATIONS").is_some();
    let mut failures = Vec::new();
    for case in cases(folder) {
        let text = fs::read_to_string(&case).unwrap();
        let name = case.display();
        let beside = case.with_extension(extension);
        match answer(text.strip_suffix('\n').unwrap_or(&text)) {
            Err(problem) => failures.push(format!("{name}: {problem}")),
            Ok(answer) if update => fs::write(&beside, answer).unwrap(),
            Ok(answer) => {
                let expected = fs::read_to_string(&beside).unwrap_or_default();
                if answer != expected {
                    failures.push(format!("{name}:\n{answer}instead of\n{expected}"));
                }
            }
        }
    }
    failures
}

fn cases(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("test_data")
        .join(folder);
    let mut cases: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "expression")
        })
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    cases
}
