//! What stands in `docs/command.md` is true: its boxes are run, one after the other, against one server.
//!
//! A box has commands after `$`, and below each what it prints: lines of standard output, lines of standard error after
//! `!`, and the exit code after `=` where it is not 0. `…` in a line stands for any text, and a line that is only `…`
//! for any lines.

use std::path::Path;
use std::process::Command;

use crate::Serving;

struct Step {
    command: String,
    output: Vec<String>,
    errors: Vec<String>,
    code: i32,
}

fn steps(chapter: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut is_box = false;
    for line in chapter.lines() {
        if line.starts_with("```") {
            is_box = line == "```console";
        } else if !is_box {
        } else if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step {
                command: command.to_owned(),
                output: Vec::new(),
                errors: Vec::new(),
                code: 0,
            });
        } else {
            let step = steps.last_mut().expect("a box begins with a command");
            if let Some(code) = line.strip_prefix("= ") {
                step.code = code.parse().expect("an exit code");
            } else if let Some(error) = line.strip_prefix('!') {
                step.errors
                    .push(error.strip_prefix(' ').unwrap_or(error).to_owned());
            } else {
                step.output.push(line.to_owned());
            }
        }
    }
    steps
}

/// Whether a line is as the chapter has it.
fn is_line(expected: &str, found: &str) -> bool {
    let mut parts = expected.split('…');
    let Some(mut rest) = parts.next().and_then(|first| found.strip_prefix(first)) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        last = Some(part);
        let Some(position) = rest.find(part) else {
            return false;
        };
        rest = &rest[position + part.len()..];
    }
    match last {
        Some(last) => found.ends_with(last),
        None => rest.is_empty(),
    }
}

/// Whether lines are as the chapter has them.
fn are_lines(expected: &[String], found: &[&str]) -> bool {
    match (expected.split_first(), found.split_first()) {
        (None, None) => true,
        (Some((any, rest)), found_lines) if any == "…" => {
            are_lines(rest, found)
                || found_lines.is_some_and(|(_, found_rest)| are_lines(expected, found_rest))
        }
        (Some((first, rest)), Some((found_first, found_rest))) => {
            is_line(first, found_first) && are_lines(rest, found_rest)
        }
        _ => false,
    }
}

fn run(serving: &Serving, folder: &Path, step: &Step) {
    let program = Path::new(env!("CARGO_BIN_EXE_ftrack")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("bash");
    for (name, value) in serving.command().get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    // The chapter reaches the server by its profile.
    for name in ["FTRACK_SERVER", "FTRACK_API_USER", "FTRACK_API_KEY"] {
        shell.env_remove(name);
    }
    let output = shell
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .env("PATH", format!("{}:{path}", program.display()))
        .current_dir(folder)
        .args(["-c", &step.command])
        .output()
        .unwrap();
    let (said, errors) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    let lines = |text: &'_ str| -> Vec<String> {
        text.lines()
            .map(|line| line.trim_end().to_owned())
            .collect()
    };
    let (said_lines, error_lines) = (lines(&said), lines(&errors));
    let borrowed = |lines: &[String]| -> bool {
        are_lines(
            &step.output,
            &lines.iter().map(String::as_str).collect::<Vec<_>>(),
        )
    };
    let error_borrowed: Vec<&str> = error_lines.iter().map(String::as_str).collect();
    assert!(
        borrowed(&said_lines)
            && are_lines(&step.errors, &error_borrowed)
            && output.status.code() == Some(step.code),
        "$ {}\n{said}{errors}exit code {:?}\n--- but the chapter says\n{}\n{}\nexit code {}",
        step.command,
        output.status.code(),
        step.output.join("\n"),
        step.errors.join("\n"),
        step.code
    );
}

#[cfg(unix)]
#[test]
fn the_boxes_of_the_chapter_are_true() {
    let chapter = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/command.md");
    let chapter = std::fs::read_to_string(chapter).unwrap();
    let steps = steps(&chapter);
    assert!(steps.len() > 30, "{} commands", steps.len());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("key.txt"), "k\n").unwrap();
    let mut command = crate::ftrack();
    command.env("XDG_CONFIG_HOME", folder.path().join("config"));
    let serving = Serving::start_with(
        command,
        &["--json", "--demo", "--api-key", "k", "--profile", "local"],
    );
    for step in &steps {
        run(&serving, folder.path(), step);
    }
}

#[test]
fn dots_stand_for_anything() {
    assert!(is_line("a … c", "a b c"));
    assert!(is_line("a…", "abc"));
    assert!(is_line("…c", "abc"));
    assert!(!is_line("a…d", "abc"));
    assert!(!is_line("ab", "abc"));
    let expected = ["a".to_owned(), "…".to_owned(), "d".to_owned()];
    assert!(are_lines(&expected, &["a", "b", "c", "d"]));
    assert!(are_lines(&expected, &["a", "d"]));
    assert!(!are_lines(&expected, &["a", "b"]));
}
