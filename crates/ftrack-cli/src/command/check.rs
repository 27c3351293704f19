//! `ftrack check`.

use clap::Args;
use std::io::{BufRead, Write};
use std::process::ExitCode;

use ftrack::expression::Expression;
use ftrack::query::{Diagnostic, Query, SchemaView};
use serde_json::json;

use crate::connection::connect;
use crate::custom_attributes::Keys;
use crate::failure::Failure;
use crate::options::Connection;
use crate::terminal::output;

/// A text that is wrong, and where.
struct Fault {
    message: String,
    /// The message with the line and a caret under the place.
    rendered: String,
    line: usize,
    column: usize,
}

/// What is wrong with a query, as far as a server knows.
fn diagnostics(keys: &Keys<'_>, text: &str, query: &Query) -> Result<Vec<Diagnostic>, Failure> {
    keys.with(text, |schema: &dyn SchemaView| query.check(schema))
}

/// Read queries or event expressions and say what is wrong with them.
///
/// Prints the canonical text of each, or the error with its place. Nothing is sent, unless a server is named whose
/// entity types they have to fit.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack check 'Task where status.name is Done'
  ftrack check --expression 'topic=ftrack.update and source.user.username=ada'
  ftrack check --profile local - < queries.txt

Exit codes: 0, 1 if any text is wrong or the server cannot be asked, 2 for wrong usage, 4 if the server refused.")]
pub(crate) struct Options {
    /// The texts to check; `-` reads one a line from standard input.
    #[arg(required = true, value_name = "TEXT")]
    texts: Vec<String>,
    /// The texts are event expressions, not queries.
    #[arg(long)]
    expression: bool,
    /// Also check against the entity types of this server; user and key come from the environment or a profile.
    #[arg(long, value_name = "URL", conflicts_with = "expression")]
    server: Option<String>,
    /// Also check against the entity types of the server of this profile.
    #[arg(long, value_name = "NAME", conflicts_with = "expression")]
    profile: Option<String>,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let is_named = options.server.is_some() || options.profile.is_some();
    let connection = Connection {
        // As for other commands: the environment's key goes to the environment's server, and to no other.
        server: options.server.clone().or_else(|| {
            let profile = options.profile.as_ref();
            profile.and_then(|_| std::env::var("FTRACK_SERVER").ok())
        }),
        user: std::env::var("FTRACK_API_USER").ok(),
        profile: options.profile.clone(),
    };
    let session = is_named.then(|| connect(&connection)).transpose()?;
    let keys = session.as_ref().map(Keys::new);
    let mut output = output::standard();
    let mut all_fine = true;
    for text in &options.texts {
        if text == "-" {
            for line in std::io::stdin().lock().lines() {
                all_fine &= check(
                    &mut output,
                    options,
                    keys.as_ref(),
                    &line.map_err(Failure::Input)?,
                )?;
            }
        } else {
            all_fine &= check(&mut output, options, keys.as_ref(), text)?;
        }
    }
    output.flush()?;
    Ok(if all_fine {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn check(
    output: &mut impl Write,
    options: &Options,
    keys: Option<&Keys<'_>>,
    text: &str,
) -> Result<bool, Failure> {
    let checked = if options.expression {
        expression(text)
    } else {
        query(text, keys)?
    };
    let warnings = if options.expression {
        warnings(text)
    } else {
        Vec::new()
    };
    match (&checked, options.json) {
        (Ok(canonical), false) => {
            writeln!(output, "{canonical}")?;
            for warning in &warnings {
                writeln!(output, "warning: {warning}")?;
            }
        }
        (Err(fault), false) => writeln!(output, "{}", fault.rendered)?,
        (Ok(canonical), true) => {
            let mut answer = json!({"ok": true, "canonical": canonical});
            if !warnings.is_empty() {
                answer["warnings"] = warnings.into();
            }
            writeln!(output, "{answer}")?;
        }
        (Err(fault), true) => {
            let error =
                json!({"message": fault.message, "line": fault.line, "column": fault.column});
            writeln!(output, "{}", json!({"ok": false, "error": error}))?;
        }
    }
    Ok(checked.is_ok())
}

/// What is suspicious in a subscription, in words.
fn warnings(text: &str) -> Vec<String> {
    let expression = Expression::parse(text).ok();
    let warnings = expression.iter().flat_map(ftrack::event::lint);
    warnings.map(|warning| warning.to_string()).collect()
}

fn expression(text: &str) -> Result<String, Fault> {
    Expression::parse(text)
        .map(|expression| expression.to_string())
        .map_err(|error| Fault {
            message: error.message().to_string(),
            rendered: error.render(),
            line: error.line(),
            column: error.column(),
        })
}

/// The canonical text of a query, or what is wrong with it; fails where the server cannot be asked.
fn query(text: &str, keys: Option<&Keys<'_>>) -> Result<Result<String, Fault>, Failure> {
    let query = match Query::parse(text) {
        Ok(query) => query,
        Err(error) => {
            return Ok(Err(Fault {
                message: error.message().to_string(),
                rendered: error.render(),
                line: error.line(),
                column: error.column(),
            }));
        }
    };
    let faults = match keys {
        Some(keys) => diagnostics(keys, text, &query)?,
        None => Vec::new(),
    };
    let Some(first) = faults.first() else {
        return Ok(Ok(query.to_string()));
    };
    let (line, column) = first.line_and_column(text);
    let join = |show: &dyn Fn(&Diagnostic) -> String, by: &str| {
        faults.iter().map(show).collect::<Vec<_>>().join(by)
    };
    Ok(Err(Fault {
        message: join(&ToString::to_string, "; "),
        rendered: join(&|fault| fault.render(text), "\n"),
        line,
        column,
    }))
}
