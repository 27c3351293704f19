//! Every command that changes something can be tried, and every one that deletes something asks.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use clap::{Command, CommandFactory};

use crate::arguments::Arguments;

/// The commands that change nothing that anybody else sees, or run for as long as they are wanted.
///
/// What `man` writes are its own pages, in a folder that is named for them.
const OTHERS: [&str; 17] = [
    "action list",
    "attributes",
    "check",
    "completions",
    "component ls",
    "component path",
    "demo",
    "event dead-letters list",
    "event follow",
    "event listen",
    "get",
    "location ls",
    "man",
    "query",
    "schema",
    "serve",
    "tree",
];

/// Words of commands and options that take something away.
const TAKING: [&str; 5] = ["delete", "drop", "forget", "remove", "purge"];

/// What takes something away that the same command gives back.
const UNDONE_BY_ITSELF: [&str; 1] = ["assign"];

/// All commands without commands of their own, by their whole names.
fn commands() -> Vec<(String, Command)> {
    let mut found = Vec::new();
    let mut waiting = vec![(String::new(), Arguments::command())];
    while let Some((name, command)) = waiting.pop() {
        waiting.extend(command.get_subcommands().map(|inner| {
            let whole = format!("{name} {}", inner.get_name());
            (whole.trim_start().to_owned(), inner.clone())
        }));
        if !command.has_subcommands() {
            found.push((name, command));
        }
    }
    found
}

fn has(command: &Command, option: &str) -> bool {
    command
        .get_arguments()
        .any(|argument| argument.get_long() == Some(option))
}

/// Whether the name of the command, or one of its options, says that it takes something away.
fn takes_away(name: &str, command: &Command) -> bool {
    let options = command.get_arguments().filter_map(clap::Arg::get_long);
    let words = options
        .chain(name.split(' '))
        .flat_map(|name| name.split('-'));
    words.into_iter().any(|word| TAKING.contains(&word))
}

/// What is wrong with a command.
fn fault(name: &str, command: &Command) -> Option<&'static str> {
    let changes = !OTHERS.contains(&name);
    let asks = takes_away(name, command) && !UNDONE_BY_ITSELF.contains(&name);
    match (has(command, "dry-run"), has(command, "yes")) {
        (false, _) if changes => Some("it changes something and has no --dry-run"),
        (true, _) if !changes => Some("it changes nothing and has --dry-run"),
        (_, false) if asks => Some("it deletes something and has no --yes"),
        (_, true) if !asks => Some("it deletes nothing and has --yes"),
        _ => None,
    }
}

#[test]
fn what_changes_something_can_be_tried_and_what_deletes_something_asks() {
    let commands = commands();
    assert!(commands.len() > 25, "{} commands", commands.len());
    let faults: Vec<String> = commands
        .iter()
        .filter_map(|(name, command)| Some(format!("{name}: {}", fault(name, command)?)))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
    for name in OTHERS {
        assert!(
            commands.iter().any(|(known, _)| known == name),
            "there is no {name}"
        );
    }
}

#[test]
fn commands_that_cannot_be_tried_are_found() {
    let flag = |name: &'static str| clap::Arg::new(name).long(name);
    let plain = Command::new("x");
    assert!(fault("x", &plain).is_some());
    let tried = plain.clone().arg(flag("dry-run"));
    assert_eq!(fault("x", &tried), None);
    assert!(fault("query", &tried).is_some());
    assert!(fault("note remove", &tried).is_some());
    let forgetting = tried.arg(flag("forget-all"));
    assert!(fault("x", &forgetting).is_some());
    let asking = forgetting.arg(flag("yes"));
    assert_eq!(fault("x", &asking), None);
    assert!(fault("assign", &asking).is_some());
}
