//! `ftrack download`.

mod files;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ftrack::location::DiskAccessor;
use ftrack::location::transfer::{TransferItem, TransferSummary, transfer};
use ftrack::prelude::*;
use serde_json::json;

use self::files::Files;
use crate::arguments::Download;
use crate::connection::{connect_with, unreachable_from_here};
use crate::failure::Failure;
use crate::interruption;
use crate::output;
use crate::progress::{Display, bytes};

pub(crate) fn run(options: &Download) -> Result<ExitCode, Failure> {
    let cancellation = interruption::cancellation()?;
    let session = connect_with(&options.connection, &options.disks)?;
    let component = component(&session, &options.component)?;
    let location = location(&session, &component, options.location.as_deref())?;
    let files = Files::of(&component)?;
    let items = items(&location, &files, &options.to)?;
    let Some(accessor) = location.accessor() else {
        return Err(unreachable_from_here(&location)?);
    };

    let new_folders = missing_folders(&items, &options.to);
    let what = format!("copying {} from {}", options.component, location.name()?);
    let display = Display::start(&what, options.json);
    let target = DiskAccessor::without_prefix();
    let transfer_options = display.options(&cancellation);
    let outcome = transfer(&*accessor, &target, &items, &transfer_options);
    drop(display);
    let summary = match outcome {
        Ok(summary) => summary,
        Err(error) => {
            withdraw(error.transferred(), &new_folders);
            return Err(if error.is_cancelled() {
                Failure::Interrupted("nothing was copied")
            } else {
                error.into()
            });
        }
    };
    let path = std::path::absolute(options.to.join(files.shown())).unwrap_or_default();
    report(options, &location, &path, summary)?;
    session.close();
    Ok(ExitCode::SUCCESS)
}

fn component(session: &Session, id: &str) -> Result<Entity, Failure> {
    let query = Query::from("Component").filter(attr("id").is(id));
    let found = session.query(query).first()?;
    found.ok_or_else(|| Failure::Unusable(format!("there is no component {id:?}")))
}

fn location(
    session: &Session,
    component: &Entity,
    name: Option<&str>,
) -> Result<Location, Failure> {
    if let Some(name) = name {
        return Ok(session.location(name)?);
    }
    session.pick_location_for(component)?.ok_or_else(|| {
        let id = component.id();
        Failure::Unusable(format!(
            "the component {id} is in no location that can be reached from here; if it is in one with a folder, say \
             where with --disk NAME=DIR"
        ))
    })
}

/// What is copied, and to which paths.
fn items(location: &Location, files: &Files, to: &Path) -> Result<Vec<TransferItem>, Failure> {
    let identifiers = location.get_resource_identifiers(files.components())?;
    let not_unicode =
        |path: PathBuf| Failure::Unusable(format!("the path {} is not Unicode", path.display()));
    let unusable = |error| Failure::Unusable(format!("{}: {error}", to.display()));
    let to = std::path::absolute(to).map_err(unusable)?;
    let mut items = Vec::with_capacity(identifiers.len());
    for ((identifier, name), size) in identifiers
        .into_iter()
        .zip(files.names())
        .zip(files.sizes())
    {
        let path = to.join(name);
        let target = path.to_str().ok_or_else(|| not_unicode(path.clone()))?;
        items.push(TransferItem::new(identifier, target).with_size(*size));
    }
    Ok(items)
}

/// The folders that the copy is going to make, the innermost first.
fn missing_folders(items: &[TransferItem], to: &Path) -> Vec<PathBuf> {
    let targets = items.iter().map(|item| Path::new(item.target()));
    let to = std::path::absolute(to).unwrap_or_default();
    let mut missing: Vec<PathBuf> = targets
        .flat_map(|target| target.ancestors().skip(1))
        .chain(to.ancestors())
        .filter(|folder| !folder.exists())
        .map(Path::to_owned)
        .collect();
    missing.sort_by_key(|folder| std::cmp::Reverse(folder.components().count()));
    missing.dedup();
    missing
}

/// Removes what was copied. What is not there any more, or is not empty, is somebody else's matter.
fn withdraw(copied: &[String], folders: &[PathBuf]) {
    for path in copied {
        if let Err(error) = fs::remove_file(path) {
            output::note(&format!("warning: {path} could not be removed: {error}"));
        }
    }
    for folder in folders {
        let _ = fs::remove_dir(folder);
    }
}

fn report(
    options: &Download,
    location: &Location,
    path: &Path,
    summary: TransferSummary,
) -> Result<(), Failure> {
    let mut output = output::standard();
    let name = location.name()?;
    if options.json {
        let report = json!({
            "component": options.component,
            "location": {"id": location.id(), "name": name},
            "path": path.to_string_lossy(),
            "files": summary.files,
            "bytes": summary.bytes,
        });
        writeln!(output, "{report}")?;
    } else {
        let (files, size) = (summary.files, bytes(summary.bytes));
        writeln!(
            output,
            "{} ({files} file(s), {size}, from {name})",
            path.display()
        )?;
    }
    output.flush()?;
    Ok(())
}
