//! `ftrack action list`.

use std::process::ExitCode;

use clap::Args;
use ftrack::DiscoveredAction;
use serde_json::{Map, Value as Json};

use super::offers::{Offers, Selection};
use crate::failure::Failure;
use crate::options::Format;
use crate::rows;
use crate::terminal::output;

/// List the actions that are offered for entities.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  ftrack action list last_lantern/storm/010

Exit codes: 0, 1 if it failed, 2 for wrong usage, 3 if something named is not there, 4 if the server refused.")]
pub(crate) struct Options {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    format: Format,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let offers = Offers::discover(&options.selection)?;
    if offers.actions.is_empty() && !options.format.is_for_programs() {
        let seconds = options.selection.collect().as_secs_f64();
        output::note(&format!(
            "nobody offered an action for this selection within {seconds} s (--collect waits longer)"
        ));
    } else {
        list(&offers.actions, &options.format)?;
    }
    offers.session.close();
    Ok(ExitCode::SUCCESS)
}

fn list(offered: &[DiscoveredAction], format: &Format) -> Result<(), Failure> {
    let titles = ["identifier", "label", "variant", "description"];
    let mut rows = rows::begin(format, titles.map(str::to_owned).into())?;
    for action in offered {
        let others = [action.variant(), action.description()];
        let others = others.map(|text| text.unwrap_or_default().to_owned());
        let cells = || {
            let row = [action.identifier().to_owned(), action.label().to_owned()];
            row.into_iter().chain(others).collect()
        };
        rows.push(cells, || object(action.to_json()))?;
    }
    rows.finish()?;
    Ok(())
}

fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(object) => object,
        _ => Map::new(),
    }
}
