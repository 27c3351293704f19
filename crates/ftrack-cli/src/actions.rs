//! `ftrack actions`.

use std::io::Write;
use std::process::ExitCode;

use ftrack::{ActionReply, DiscoveredAction, Entity, Session};

use crate::arguments::{Actions, Selected};
use crate::connection::{close_when_interrupted, connect};
use crate::failure::Failure;
use crate::output;
use crate::table::Table;

pub(crate) fn run(options: &Actions) -> Result<ExitCode, Failure> {
    let session = connect(&options.connection)?;
    close_when_interrupted(&session)?;
    let selection = options
        .selection
        .iter()
        .map(|selected| entity(&session, selected))
        .collect::<Result<Vec<_>, _>>()?;
    session.event_hub().connect()?;
    let offered = session.discover_actions(&selection, options.collect)?;
    let code = match &options.launch {
        None => list(&offered, options.json)?,
        Some(identifier) => {
            let mut named = offered
                .iter()
                .filter(|action| action.identifier() == identifier);
            let action = named
                .next()
                .ok_or_else(|| Failure::NoAction(identifier.clone()))?;
            let values = options
                .values
                .as_ref()
                .and_then(|values| values.as_object());
            let reply = session.launch_action(action, &selection, values, options.timeout)?;
            show(&reply, options.json)?
        }
    };
    session.close();
    Ok(code)
}

fn entity(session: &Session, selected: &Selected) -> Result<Entity, Failure> {
    let Selected { entity_type, id } = selected;
    let found = session.get(entity_type, id)?;
    found.ok_or_else(|| Failure::Unusable(format!("there is no {entity_type} {id}")))
}

fn list(offered: &[DiscoveredAction], json: bool) -> Result<ExitCode, Failure> {
    let mut output = output::standard();
    let mut table = Table::new(["identifier", "label", "variant", "description"]);
    for action in offered {
        if json {
            writeln!(output, "{}", action.to_json())?;
        } else {
            let others = [action.variant(), action.description()];
            let others = others.map(|text| text.unwrap_or_default().to_owned());
            let row = [action.identifier().to_owned(), action.label().to_owned()];
            table.push(row.into_iter().chain(others).collect());
        }
    }
    if !json {
        table.write(&mut output)?;
    }
    output.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Prints what an action answers: a message, or the form that it wants filled in.
fn show(reply: &ActionReply, json: bool) -> Result<ExitCode, Failure> {
    let mut output = output::standard();
    if json {
        writeln!(output, "{}", reply.to_json())?;
    } else if let Some(items) = reply.form_items() {
        let mut table = Table::new(["name", "type", "label", "value"]);
        for item in items {
            let text = |name: &str| match item.get(name) {
                None | Some(serde_json::Value::Null) => String::new(),
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(value) => value.to_string(),
            };
            table.push(["name", "type", "label", "value"].map(text).to_vec());
        }
        writeln!(
            output,
            "The action has a form: launch it again with --values."
        )?;
        table.write(&mut output)?;
    } else {
        writeln!(output, "{}", reply.message().unwrap_or_default())?;
    }
    output.flush()?;
    Ok(match reply.is_success() {
        Some(false) => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}
