//! `ftrack location sync`.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use ftrack::prelude::*;
use ftrack::{SyncItem, SyncOptions, SyncReason, SyncReport};
use serde_json::json;

use crate::connection::connect_with;
use crate::failure::Failure;
use crate::options::{Change, Connection, Disks, Named};
use crate::terminal::interruption;
use crate::terminal::output;
use crate::terminal::progress::{Display, bytes};
use crate::terminal::table::Table;

/// Bring to a location what another one has.
///
/// Components that are not registered in TO are copied and registered, and files that are missing there or have another
/// size than is registered are replaced. What is there already is not copied again, so a command that was interrupted
/// is resumed by running it again. Nothing is removed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  ftrack location sync studio.london studio.paris --project last_lantern --dry-run
  ftrack location sync studio.london studio.paris --component last_lantern/storm/010/plate/latest/plate

Exit codes: 0, 1 if something could not be brought, 2 for wrong usage, 3 if something named is not there, 4 if the server refused, 130 if it was interrupted.")]
pub(crate) struct Options {
    /// The location that has the files, by name or id.
    #[arg(value_name = "FROM")]
    pub(crate) from: String,
    /// The location that is to have them, by name or id.
    #[arg(value_name = "TO")]
    pub(crate) to: String,
    /// Only what was published in this project, by name or id.
    #[arg(long, value_name = "PROJECT")]
    pub(crate) project: Option<String>,
    /// Only this component with all that it consists of, by its path or id; repeat for more.
    #[arg(long = "component", value_name = "COMPONENT")]
    pub(crate) components: Vec<Named>,
    /// Compare files of the same size by their content, which reads both, and check what was copied.
    #[arg(long)]
    pub(crate) checksum: bool,
    #[command(flatten)]
    pub(crate) disks: Disks,
    #[command(flatten)]
    pub(crate) change: Change,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let cancellation = interruption::cancellation()?;
    let session = connect_with(&options.connection, &options.disks)?;
    let [from, to] = [&options.from, &options.to].map(|name| session.location(name));
    let (from, to) = (from?, to?);
    let display = Display::start(
        &format!("bringing {} what {} has", to.name()?, from.name()?),
        options.change.report.is_for_programs(),
    );
    let wanted = wanted(&session, options)?
        .progress(display.teller())
        .cancellation(cancellation);
    let outcome = to.sync_from(&from, &wanted);
    drop(display);
    let report = outcome.map_err(|error| {
        interruption::or_cancelled(
            error,
            "what was brought stays; run it again to bring the rest",
        )
    })?;
    if options.change.report.is_for_programs() {
        print_json(options, &report)?;
    } else {
        print_table(options, &report)?;
    }
    session.close();
    Ok(if report.is_complete() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What is to be brought.
fn wanted(session: &Session, options: &Options) -> Result<SyncOptions, Failure> {
    let mut wanted = SyncOptions::new()
        .checksum(options.checksum)
        .dry_run(options.change.dry_run);
    if let Some(project) = &options.project {
        wanted = wanted.project(project);
    }
    if !options.components.is_empty() {
        let components: Vec<Entity> = options
            .components
            .iter()
            .map(|named| crate::command::component::find(session, named))
            .collect::<Result<_, _>>()?;
        wanted = wanted.components(&components);
    }
    Ok(wanted)
}

fn print_table(options: &Options, report: &SyncReport) -> Result<(), Failure> {
    let mut output = output::standard();
    if options.change.dry_run && !report.wanted.is_empty() {
        let mut table = Table::new(["why", "component", "id", "size", "resource"]);
        for item in &report.wanted {
            table.push(&[
                reason(item),
                item.name.clone(),
                item.component_id.clone(),
                item.size.map(bytes).unwrap_or_default(),
                item.resource_identifier.clone(),
            ]);
        }
        table.write(&mut output)?;
    }
    if !report.failed.is_empty() {
        let mut table = Table::new(["not brought", "id", "why"]);
        for failure in &report.failed {
            table.push(&[
                failure.item.name.clone(),
                failure.item.component_id.clone(),
                format!("{:#}", failure.error),
            ]);
        }
        table.write(&mut output)?;
    }
    writeln!(
        output,
        "{} registration(s) checked, {} missing or different, {} file(s) brought ({}), {} failed",
        report.checked,
        report.wanted.len(),
        report.files,
        bytes(report.bytes),
        report.failed.len(),
    )?;
    if report.given_up {
        writeln!(
            output,
            "given up, because nothing could be brought any more"
        )?;
    }
    output.flush()?;
    Ok(())
}

fn reason(item: &SyncItem) -> String {
    match item.reason {
        SyncReason::NotRegistered => "not registered".to_owned(),
        SyncReason::Missing => "missing".to_owned(),
        SyncReason::OtherSize { found } => format!("has {}", bytes(found)),
        SyncReason::OtherContent => "other content".to_owned(),
        _ => "differs".to_owned(),
    }
}

fn print_json(options: &Options, report: &SyncReport) -> Result<(), Failure> {
    let item = |item: &SyncItem| {
        json!({
            "component": item.component_id,
            "name": item.name,
            "type": item.component_type,
            "resource_identifier": item.resource_identifier,
            "size": item.size,
            "reason": word(item.reason),
        })
    };
    let failed: Vec<serde_json::Value> = report
        .failed
        .iter()
        .map(|failure| {
            json!({"component": failure.item.component_id, "error": format!("{:#}", failure.error)})
        })
        .collect();
    let report = json!({
        "dry_run": options.change.dry_run,
        "checked": report.checked,
        "wanted": report.wanted.iter().map(item).collect::<Vec<_>>(),
        "files": report.files,
        "bytes": report.bytes,
        "failed": failed,
        "given_up": report.given_up,
    });
    let mut output = output::standard();
    writeln!(output, "{report}")?;
    output.flush()?;
    Ok(())
}

/// The reason for programs.
fn word(reason: SyncReason) -> &'static str {
    match reason {
        SyncReason::NotRegistered => "not_registered",
        SyncReason::Missing => "missing",
        SyncReason::OtherSize { .. } => "other_size",
        SyncReason::OtherContent => "other_content",
        _ => "other",
    }
}
