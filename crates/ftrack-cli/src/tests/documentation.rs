//! What the documentation says of this command is what the command takes.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use crate::arguments::Arguments;

/// A page, and where it is from the folder of the workspace.
struct Page {
    name: String,
    text: String,
}

fn pages() -> Vec<Page> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut paths = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    find(&root.join("docs"), &mut paths);
    for krate in fs::read_dir(root.join("crates")).unwrap() {
        paths.push(krate.unwrap().path().join("README.md"));
    }
    let pages: Vec<Page> = paths
        .into_iter()
        .filter_map(|path| {
            let text = fs::read_to_string(&path).ok()?;
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            Some(Page { name, text })
        })
        .collect();
    assert!(pages.len() > 50, "only {} pages were found", pages.len());
    pages
}

fn find(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, paths);
        } else if path.extension().is_some_and(|kind| kind == "md") {
            paths.push(path);
        }
    }
}

/// What is typed in the blocks of a page that are for a shell.
fn typed(page: &str) -> String {
    let mut typed = String::new();
    let mut language: Option<&str> = None;
    // Whether what was typed at a prompt goes on in this line.
    let mut goes_on = false;
    for line in page.lines() {
        match (language, line.strip_prefix("```")) {
            (None, Some(found)) => language = Some(found),
            (Some(_), Some(_)) => language = None,
            (Some("sh"), None) => typed.extend([line, "\n"]),
            (Some("console"), None) => {
                let entered = line.strip_prefix("$ ");
                if let Some(entered) = entered.or(Some(line).filter(|_| goes_on)) {
                    typed.extend([entered, "\n"]);
                    goes_on = entered.ends_with('\\') || typed.matches('\'').count() % 2 == 1;
                }
            }
            _ => {}
        }
    }
    typed
}

/// The commands of a shell script, each as its words: as much of a shell's grammar as the documentation uses.
fn commands(script: &str) -> Vec<Vec<String>> {
    let (mut commands, mut words) = (Vec::new(), Vec::new());
    let mut word: Option<String> = None;
    let mut characters = script.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            quote @ ('\'' | '"') => {
                let text: String = characters
                    .by_ref()
                    .take_while(|next| *next != quote)
                    .collect();
                word.get_or_insert_default().push_str(&text);
            }
            '\\' => {
                // A line that goes on, or a character that means nothing.
                if let Some(next) = characters.next().filter(|next| *next != '\n') {
                    word.get_or_insert_default().push(next);
                }
            }
            '#' if word.is_none() => while characters.next_if(|next| *next != '\n').is_some() {},
            '\n' | ';' | '&' | '|' | '(' | ')' => {
                words.extend(word.take());
                commands.push(std::mem::take(&mut words));
            }
            ' ' | '\t' => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word.take());
    commands.push(words);
    commands.retain(|words| !words.is_empty());
    commands
}

/// The words for this command, if it is what is called. What goes to a file is not for it.
fn arguments(words: &[String]) -> Option<Vec<String>> {
    let is_variable = |word: &&String| {
        word.split_once('=').is_some_and(|(name, _)| {
            name.chars()
                .all(|letter| letter.is_ascii_uppercase() || letter == '_')
        })
    };
    let variables = words.iter().take_while(is_variable).count();
    let words = &words[variables..];
    let cargo = ["cargo", "run", "-p", "ftrack-cli", "--"];
    let rest = if words.first().is_some_and(|word| word == "ftrack") {
        &words[1..]
    } else if words.len() > cargo.len() && words.iter().zip(cargo).all(|(word, one)| word == one) {
        &words[cargo.len()..]
    } else {
        return None;
    };
    let rest = rest.iter().take_while(|word| !word.starts_with(['<', '>']));
    Some(
        std::iter::once("ftrack".to_owned())
            .chain(rest.cloned())
            .collect(),
    )
}

#[test]
fn the_commands_in_the_documentation_are_taken_as_they_stand() {
    let (mut faults, mut found) = (Vec::new(), 0);
    for page in pages() {
        for words in commands(&typed(&page.text)) {
            let Some(arguments) = arguments(&words) else {
                continue;
            };
            found += 1;
            match Arguments::try_parse_from(&arguments) {
                Err(error)
                    if !matches!(
                        error.kind(),
                        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
                    ) =>
                {
                    faults.push(format!("{}: {}\n{error}", page.name, words.join(" ")));
                }
                _ => {}
            }
        }
    }
    assert!(found > 10, "only {found} commands were found");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The code between single backticks that calls this command.
fn mentions(page: &str) -> Vec<&str> {
    let mut mentions = Vec::new();
    let mut is_block = false;
    for line in page.lines() {
        is_block ^= line.trim_start().starts_with("```");
        if !is_block {
            let code = line.split('`').skip(1).step_by(2);
            mentions.extend(code.filter(|code| code.starts_with("ftrack ")));
        }
    }
    mentions
}

/// What is wrong with a mention: a command that is not there, or an option that it does not have.
fn fault(mention: &str) -> Option<String> {
    let root = Arguments::command();
    let (mut command, mut is_at_names) = (&root, true);
    // Clap adds `help` itself, when it reads.
    let words = mention
        .split_whitespace()
        .skip(1)
        .filter(|word| *word != "help");
    for word in words {
        if let Some(option) = word.strip_prefix("--") {
            is_at_names = false;
            let option = option.split('=').next().unwrap_or(option);
            let has = |command: &clap::Command| {
                command
                    .get_arguments()
                    .any(|argument| argument.get_long() == Some(option))
            };
            let is_common = ["", "help", "version"].contains(&option);
            if !is_common && !has(command) && !has(&root) {
                return Some(format!("it has no option --{option}"));
            }
        } else if is_at_names && word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            match command.find_subcommand(word) {
                Some(found) => command = found,
                None if command.has_subcommands() => return Some(format!("there is no {word}")),
                None => is_at_names = false,
            }
        } else {
            is_at_names = false;
        }
    }
    None
}

#[test]
fn commands_that_are_mentioned_are_there_with_their_options() {
    let mut faults = Vec::new();
    for page in pages() {
        // What has changed was called otherwise before.
        for mention in mentions(&page.text) {
            if let Some(fault) = fault(mention) {
                faults.push(format!("{}: `{mention}`: {fault}", page.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_command_is_in_the_chapter_on_the_command() {
    let pages = pages();
    let page = pages
        .iter()
        .find(|page| page.name == "docs/command.md")
        .unwrap();
    let has = |text: &str| page.text.contains(text);
    let mut missing = Vec::new();
    let root = Arguments::command();
    for command in root
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
    {
        let name = command.get_name();
        if !has(&format!("ftrack {name}")) {
            missing.push(name.to_owned());
        }
        for verb in command.get_subcommands().map(clap::Command::get_name) {
            if !has(&format!("ftrack {name} {verb}")) {
                missing.push(format!("{name} {verb}"));
            }
        }
    }
    assert!(missing.is_empty(), "docs/command.md lacks {missing:?}");
}

#[test]
fn words_of_a_shell_are_read_as_a_shell_reads_them() {
    let script =
        "A=1 ftrack query 'a \"b\" c' | head # ftrack no\nftrack schema \\\n  --json > x.json &\n";
    let read: Vec<_> = commands(script)
        .iter()
        .filter_map(|words| arguments(words))
        .collect();
    assert_eq!(
        read,
        [
            vec!["ftrack", "query", "a \"b\" c"],
            vec!["ftrack", "schema", "--json"]
        ]
    );
    assert_eq!(
        arguments(&commands("cargo run -p ftrack-cli -- demo")[0]).unwrap(),
        ["ftrack", "demo"]
    );
    assert!(arguments(&commands("cargo test")[0]).is_none());
}

#[test]
fn mentions_with_names_that_are_not_there_are_found() {
    assert_eq!(fault("ftrack serve --demo"), None);
    assert_eq!(fault("ftrack check TEXT"), None);
    assert!(fault("ftrack listen").is_some());
    assert!(fault("ftrack serve --no-such-option").is_some());
}
