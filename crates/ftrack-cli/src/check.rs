//! `ftrack check`.

use std::io::{BufRead, Write};
use std::process::ExitCode;

use ftrack::Schema;
use ftrack::expression::Expression;
use ftrack::query::Query;
use serde_json::json;

use crate::arguments::{Check, Connection};
use crate::connection::connect;
use crate::failure::Failure;
use crate::output;

/// A text that is wrong, and where.
struct Fault {
    message: String,
    /// The message with the line and a caret under the place.
    rendered: String,
    line: usize,
    column: usize,
}

pub(crate) fn run(options: &Check) -> Result<ExitCode, Failure> {
    let session = match &options.server {
        Some(url) => Some(connect(&Connection {
            server: Some(url.clone()),
            user: None,
        })?),
        None => None,
    };
    let schema = session.as_ref().map(ftrack::Session::schema);
    let mut output = output::standard();
    let mut all_fine = true;
    for text in &options.texts {
        if text == "-" {
            for line in std::io::stdin().lock().lines() {
                all_fine &= check(&mut output, options, schema, &line.map_err(Failure::Input)?)?;
            }
        } else {
            all_fine &= check(&mut output, options, schema, text)?;
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
    options: &Check,
    schema: Option<&Schema>,
    text: &str,
) -> Result<bool, Failure> {
    let checked = if options.expression {
        expression(text)
    } else {
        query(text, schema)
    };
    match (&checked, options.json) {
        (Ok(canonical), false) => writeln!(output, "{canonical}")?,
        (Err(fault), false) => writeln!(output, "{}", fault.rendered)?,
        (Ok(canonical), true) => {
            writeln!(output, "{}", json!({"ok": true, "canonical": canonical}))?;
        }
        (Err(fault), true) => {
            let error =
                json!({"message": fault.message, "line": fault.line, "column": fault.column});
            writeln!(output, "{}", json!({"ok": false, "error": error}))?;
        }
    }
    Ok(checked.is_ok())
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

fn query(text: &str, schema: Option<&Schema>) -> Result<String, Fault> {
    let query = Query::parse(text).map_err(|error| Fault {
        message: error.message().to_string(),
        rendered: error.render(),
        line: error.line(),
        column: error.column(),
    })?;
    let faults = schema.map(|schema| query.check(schema)).unwrap_or_default();
    let Some(first) = faults.first() else {
        return Ok(query.to_string());
    };
    let (line, column) = first.line_and_column(text);
    let join = |show: &dyn Fn(&ftrack::query::Diagnostic) -> String, by: &str| {
        faults.iter().map(show).collect::<Vec<_>>().join(by)
    };
    Err(Fault {
        message: join(&ToString::to_string, "; "),
        rendered: join(&|fault| fault.render(text), "\n"),
        line,
        column,
    })
}
