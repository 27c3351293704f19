//! `ftrack component verify`.

use clap::Args;
use std::io::Write;
use std::process::ExitCode;

use ftrack::prelude::*;
use ftrack::{RegisteredFile, RemoveOptions, Verification};
use serde_json::json;

use crate::connection::connect_with;
use crate::failure::Failure;
use crate::options::{Connection, Deletion, Disks, Sentence};
use crate::terminal::output;
use crate::terminal::progress::bytes;
use crate::terminal::table::Table;

/// Look for every file that is registered in a location, and for files there that nobody has registered.
///
/// Files are compared by size; nothing of them is changed. To compare their contents with those of another location,
/// use `ftrack location sync OTHER LOCATION --checksum --dry-run`. What a program left beside others when it was killed
/// while it replaced these is named too. With `--forget-missing` it asks before it takes registrations back.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack component verify studio.disk --disk studio.disk=/mnt/studio
  ftrack component verify studio.disk --forget-missing --dry-run

Exit codes: 0, 1 if something is missing, differs, is not registered or was left over, 2 for wrong usage and without --yes where nobody can answer, 3 if there is no such location, 4 if the server refused.")]
pub(crate) struct Options {
    /// The location, by name or id.
    #[arg(value_name = "LOCATION")]
    location: String,
    /// Take back the registrations of files that are not there, so that they can be added again.
    #[arg(long)]
    forget_missing: bool,
    #[command(flatten)]
    disks: Disks,
    #[command(flatten)]
    deletion: Deletion,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let session = connect_with(&options.connection, &options.disks)?;
    let location = session.location(&options.location)?;
    let found = location.verify()?;
    let is_for_programs = options.deletion.change.report.is_for_programs();
    if !is_for_programs {
        print_table(&found)?;
    }
    if options.forget_missing && !found.missing.is_empty() {
        forget(&session, &location, &found.missing, &options.deletion)?;
    }
    if is_for_programs {
        print_json(options, &found)?;
    }
    session.close();
    Ok(if found.is_clean() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Takes back the registrations of files that are not there.
fn forget(
    session: &Session,
    location: &Location,
    files: &[RegisteredFile],
    deletion: &Deletion,
) -> Result<(), Failure> {
    let what = format!(
        "{} registration(s) of files that are not in {}",
        files.len(),
        location.name()?
    );
    deletion.confirm(|| Ok(format!("take back {what}")))?;
    let options = RemoveOptions::new()
        .recursive(false)
        .forget(true)
        .dry_run(deletion.change.dry_run);
    for file in files {
        let key = file.component_id.as_str();
        if let Some(component) = session.get(&file.component_type, key)? {
            location.remove_components_with(std::slice::from_ref(&component), &options)?;
        }
    }
    if deletion.change.report.is_for_programs() {
        return Ok(());
    }
    let sentence = Sentence {
        done: "took back",
        planned: "would take back",
        what,
    };
    deletion.change.tell(&sentence, json!(null))
}

fn print_table(found: &Verification) -> Result<(), Failure> {
    let titles = [
        "problem",
        "component",
        "id",
        "registered",
        "found",
        "resource",
    ];
    let mut table = Table::new(titles).fitting(output::width());
    let size = |size: Option<u64>| size.map(bytes).unwrap_or_default();
    for (problem, files) in [("missing", &found.missing), ("differs", &found.differing)] {
        for file in files {
            table.push(&[
                problem.to_owned(),
                file.name.clone(),
                file.component_id.clone(),
                size(file.registered_size),
                size(file.found_size),
                file.resource_identifier.clone(),
            ]);
        }
    }
    for resource in found.unregistered.iter().flatten() {
        let nothing = String::new;
        let row = [
            "unregistered".to_owned(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            resource.clone(),
        ];
        table.push(&row);
    }
    for left in &found.left_over {
        let nothing = String::new;
        let row = [
            if left.is_old {
                "old, left over"
            } else {
                "new, left over"
            }
            .to_owned(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            left.resource_identifier.clone(),
        ];
        table.push(&row);
    }
    let mut output = output::standard();
    if !found.is_clean() {
        table.write(&mut output)?;
    }
    let unregistered = found.unregistered.as_ref().map(Vec::len);
    writeln!(
        output,
        "{} file(s) checked: {} missing, {} of another size, {} not registered, {} left over",
        found.checked,
        found.missing.len(),
        found.differing.len(),
        unregistered.map_or("unknown".to_owned(), |count| count.to_string()),
        found.left_over.len(),
    )?;
    output.flush()?;
    Ok(())
}

fn print_json(options: &Options, found: &Verification) -> Result<(), Failure> {
    let files = |files: &[RegisteredFile]| -> Vec<serde_json::Value> {
        let file = |file: &RegisteredFile| {
            json!({
                "component": file.component_id,
                "name": file.name,
                "resource_identifier": file.resource_identifier,
                "registered_size": file.registered_size,
                "found_size": file.found_size,
            })
        };
        files.iter().map(file).collect()
    };
    let left_over: Vec<serde_json::Value> = found
        .left_over
        .iter()
        .map(|left| {
            json!({
                "resource_identifier": left.resource_identifier,
                "is_old": left.is_old,
                "target": left.target,
            })
        })
        .collect();
    let change = &options.deletion.change;
    let forgotten = match found.missing.len() {
        count if options.forget_missing && !change.dry_run => count,
        _ => 0,
    };
    let report = json!({
        "dry_run": change.dry_run,
        "forgotten": forgotten,
        "checked": found.checked,
        "missing": files(&found.missing),
        "differing": files(&found.differing),
        "unregistered": found.unregistered,
        "left_over": left_over,
    });
    let mut output = output::standard();
    writeln!(output, "{report}")?;
    output.flush()?;
    Ok(())
}
