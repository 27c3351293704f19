//! `ftrack action launch`.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use ftrack::{ActionReply, DiscoveredAction};
use serde_json::json;

use super::offers::{Offers, Selection};
use crate::failure::Failure;
use crate::options::{self, Change, Sentence};
use crate::resolve::described;
use crate::terminal::output;
use crate::terminal::table::Table;

/// Launch an action for entities, and print what it answers.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack action launch studio.render last_lantern/storm/010
  ftrack action launch studio.render last_lantern/storm/010 --values '{\"frames\": \"1-100\"}' --dry-run

Exit codes: 0, 1 if it failed or the action says so, 2 for wrong usage, 3 if nobody offers the action or something named is not there, 4 if the server refused, 130 if it was interrupted.")]
pub(crate) struct Options {
    /// The identifier of the action, as `ftrack action list` prints it.
    #[arg(value_name = "IDENTIFIER")]
    identifier: String,
    #[command(flatten)]
    selection: Selection,
    /// Launch the offer of this variant, where the action has several.
    #[arg(long, value_name = "VARIANT")]
    variant: Option<String>,
    /// Form values for the action, as a JSON object by the names of its items.
    #[arg(long, value_name = "JSON", value_parser = options::object)]
    values: Option<serde_json::Value>,
    /// Seconds to wait for the answer of the action; 0 to only launch it.
    ///
    /// Many actions answer nothing, and nobody can tell these from those that take long.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = options::seconds)]
    timeout: Duration,
    #[command(flatten)]
    change: Change,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let offers = Offers::discover(&options.selection)?;
    let variant = options.variant.as_deref();
    let action = chosen(&offers.actions, &options.identifier, variant)?;
    let values = options
        .values
        .as_ref()
        .and_then(|values| values.as_object());
    let session = &offers.session;
    if options.change.dry_run {
        plan(options, action, &offers)?;
        session.close();
        return Ok(ExitCode::SUCCESS);
    }
    let reply = session.launch_action(action, &offers.selection, values, options.timeout)?;
    let code = show(&reply, options)?;
    session.close();
    Ok(code)
}

/// Says what would be launched.
fn plan(options: &Options, action: &DiscoveredAction, offers: &Offers) -> Result<(), Failure> {
    let names: Vec<String> = offers.selection.iter().map(described).collect();
    let names = match names.as_slice() {
        [] => "no entity".to_owned(),
        names => names.join(", "),
    };
    let sentence = Sentence {
        done: "launched",
        planned: "would launch",
        what: format!("{} ({}) for {names}", action.identifier(), action.label()),
    };
    let report = json!({ "action": action.to_json(), "values": options.values });
    options.change.tell(&sentence, report)
}

/// The offer that is meant. An action may have several, and more than one process may offer the same.
fn chosen<'a>(
    offered: &'a [DiscoveredAction],
    identifier: &str,
    variant: Option<&str>,
) -> Result<&'a DiscoveredAction, Failure> {
    let mut named = offered.iter().filter(|action| {
        action.identifier() == identifier
            && variant.is_none_or(|variant| action.variant() == Some(variant))
    });
    let first = named.next().ok_or_else(|| {
        let message = format!("nobody offers the action {identifier:?} for this selection");
        Failure::NotFound(message).hint("`ftrack action list` shows what is offered")
    })?;
    if named.any(|other| other != first) {
        let message = format!(
            "{identifier} is offered in several variants: choose one with --variant, as `ftrack action list` prints them"
        );
        return Err(Failure::Unusable(message));
    }
    Ok(first)
}

/// Prints what an action answers: a message, or the form that it wants filled in.
fn show(reply: &ActionReply, options: &Options) -> Result<ExitCode, Failure> {
    let mut output = output::standard();
    if options.change.report.is_for_programs() {
        writeln!(output, "{}", reply.to_json())?;
    } else if let Some(items) = reply.form_items() {
        let mut table = Table::new(["name", "type", "label", "value"]);
        for item in items {
            let text = |name: &str| match item.get(name) {
                None | Some(serde_json::Value::Null) => String::new(),
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(value) => value.to_string(),
            };
            table.push(&["name", "type", "label", "value"].map(text));
        }
        writeln!(
            output,
            "The action has a form: launch it again with --values."
        )?;
        table.write(&mut output)?;
    } else if reply.is_none() {
        writeln!(output, "{}", launched(options.timeout))?;
    } else {
        writeln!(output, "{}", reply.message().unwrap_or_default())?;
    }
    output.flush()?;
    Ok(match reply.is_success() {
        Some(false) => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}

/// What is said of an action that gave no answer.
fn launched(timeout: Duration) -> String {
    if timeout.is_zero() {
        return "The action was launched.".to_owned();
    }
    format!(
        "The action was launched. It did not answer within {} s; many answer nothing, and --timeout 0 does not wait.",
        timeout.as_secs_f64()
    )
}
