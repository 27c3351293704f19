//! What is done, in words, before and after it is.

use std::io::Write;
use std::process::ExitCode;

use ftrack::prelude::*;
use ftrack::{Identity, PlannedAction, PlannedChange, PlannedValue};
use serde_json::json;

use crate::failure::Failure;
use crate::options::{Change, Sentence};
use crate::resolve::{described, path_of};
use crate::terminal::escape;
use crate::terminal::output::{self, OneLine};

/// Commits what is recorded, unless it is only to be looked at, and says what it is.
pub(super) fn carry_out(session: &Session, options: &Change) -> Result<ExitCode, Failure> {
    // What is deleted has its name only before.
    let told: Vec<Told> = session
        .pending()
        .changes()
        .iter()
        .map(|change| Told::new(session, change))
        .collect();
    carry_out_as(session, options, told)
}

/// As [`carry_out`], in words of the command's own.
pub(super) fn carry_out_told(
    session: &Session,
    options: &Change,
    sentences: Vec<Sentence>,
) -> Result<ExitCode, Failure> {
    let told = sentences.into_iter().map(|sentence| Told {
        sentence,
        lines: Vec::new(),
    });
    carry_out_as(session, options, told.collect())
}

fn carry_out_as(session: &Session, options: &Change, told: Vec<Told>) -> Result<ExitCode, Failure> {
    let plan = session.pending();
    commit(session, options)?;
    let mut output = output::standard();
    if options.report.is_for_programs() {
        let report = json!({ "dry_run": options.dry_run, "changes": plan });
        writeln!(output, "{report}")?;
    } else if plan.is_empty() {
        output::note("there is nothing to change: everything is so already");
    } else {
        for told in told {
            options.write(&mut output, &told.sentence)?;
            for line in &told.lines {
                writeln!(output, "  {}", OneLine(line))?;
            }
        }
    }
    output.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn commit(session: &Session, options: &Change) -> Result<(), Failure> {
    let outcome = if options.dry_run {
        Ok(())
    } else {
        session.commit().map(drop)
    };
    session.rollback();
    session.close();
    Ok(outcome?)
}

/// One entity, and what happens to it.
struct Told {
    sentence: Sentence,
    lines: Vec<String>,
}

impl Told {
    fn new(session: &Session, change: &PlannedChange) -> Self {
        let values = change
            .values
            .iter()
            .filter(|value| is_told(change, value))
            .map(|value| line(session, change.action, value));
        let (done, planned) = match change.action {
            PlannedAction::Create => ("created", "would create"),
            PlannedAction::Delete => ("deleted", "would delete"),
            _ => ("changed", "would change"),
        };
        Self {
            sentence: Sentence {
                done,
                planned,
                what: named(session, change),
            },
            lines: values.collect(),
        }
    }
}

fn named(session: &Session, change: &PlannedChange) -> String {
    let identity = &change.entity;
    let id = format!("{}:{}", identity.entity_type(), identity.key());
    if change.action == PlannedAction::Create {
        let entity_type = identity.entity_type();
        return match &change.name {
            Some(name) => format!("{entity_type} {name} ({id})"),
            None => id,
        };
    }
    match session.entity(identity) {
        Ok(entity) => format!("{} ({id})", described(&entity)),
        Err(_) => id,
    }
}

/// What a new entity gets by default, such as the id of its object type, says nothing new.
fn is_told(change: &PlannedChange, value: &PlannedValue) -> bool {
    let name = value.attribute.as_str();
    if change.action == PlannedAction::Update {
        return true;
    }
    let is_empty = match &value.to {
        Value::NotSet | Value::Null => true,
        Value::Text(text) => text.is_empty(),
        _ => false,
    };
    let is_id = name == "id" || name.ends_with("_id");
    !is_empty && !is_id && name != "name"
}

fn line(session: &Session, action: PlannedAction, value: &PlannedValue) -> String {
    let (from, to) = (shown(session, &value.from), shown(session, &value.to));
    let name = value.attribute.as_str();
    let name = match name.split_once('.') {
        Some((owner, key)) => format!("{owner}[{key}]"),
        None => name.to_owned(),
    };
    if action == PlannedAction::Update {
        let to = if to.is_empty() { "nothing" } else { &to };
        match from.as_str() {
            "" => format!("{name}: {to}"),
            from => format!("{name}: {from} → {to}"),
        }
    } else {
        format!("{name}: {to}")
    }
}

/// A value for people: what it refers to by name.
fn shown(session: &Session, value: &Value) -> String {
    match value {
        Value::NotSet | Value::Null => String::new(),
        Value::Reference(identity) => reference(session, identity),
        Value::Collection(identities) => {
            let names: Vec<String> = identities
                .iter()
                .map(|identity| reference(session, identity))
                .collect();
            names.join(", ")
        }
        Value::DateTime(time) => time.to_string(),
        Value::Date(day) => day.to_string(),
        value => match serde_json::Value::try_from(value) {
            Ok(serde_json::Value::String(text)) => escape::one_line(&text).into_owned(),
            Ok(other) => other.to_string(),
            // A number that JSON cannot carry.
            Err(_) => format!("{value:?}"),
        },
    }
}

fn reference(session: &Session, identity: &Identity) -> String {
    let path = session
        .entity(identity)
        .ok()
        .and_then(|entity| path_of(&entity));
    path.unwrap_or_else(|| format!("{}:{}", identity.entity_type(), identity.key()))
}
