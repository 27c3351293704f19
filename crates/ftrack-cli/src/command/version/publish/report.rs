//! What was published, or would be, in words and for programs.

use std::io::Write;

use ftrack::prelude::*;
use serde_json::json;

use super::Options;
use super::publication::{Publication, Target};
use super::source::Source;
use crate::failure::Failure;
use crate::options::Sentence;
use crate::terminal::output::{self, OneLine, STRONG};
use crate::terminal::progress::bytes;

/// A location for people: its name, and the folder that it is here.
pub(super) fn place(location: &Location) -> Result<String> {
    let name = location.name()?;
    let accessor = location.accessor();
    let folder = accessor.and_then(|accessor| accessor.filesystem_path("").ok());
    Ok(match folder {
        Some(folder) => format!("{name} ({})", folder.display()),
        None => name,
    })
}

/// Says what would be published; nothing is created.
pub(super) fn plan(
    options: &Options,
    sources: &[Source],
    location: &Location,
    target: &Target,
    what: String,
) -> Result<(), Failure> {
    let is_for_programs = options.change.report.is_for_programs();
    let sentence = Sentence {
        done: "published",
        planned: "would publish",
        what,
    };
    let components: Vec<_> = sources
        .iter()
        .map(|source| {
            json!({
                "id": null,
                "name": source.name,
                "path": source.path,
                "files": source.files().len(),
                "size": source.size(),
                "missing_frames": source.gaps(),
            })
        })
        .collect();
    let report = json!({
        "asset": {"id": target.asset_id(), "name": options.asset},
        "version": {"id": null, "version": target.number()?},
        "location": {"id": location.id(), "name": location.name()?},
        "components": components,
    });
    options.change.tell(&sentence, report)?;
    if !is_for_programs {
        let mut output = output::standard();
        for source in sources {
            component(&mut output, &source.name, source.size(), &source.path)?;
        }
        output.flush()?;
    }
    Ok(())
}

/// Says what was published.
pub(super) fn tell(
    options: &Options,
    publication: &Publication,
    sources: &[Source],
    location: &Location,
) -> Result<(), Failure> {
    let Publication {
        asset,
        version,
        components,
        ..
    } = publication;
    let identifiers = location.resource_identifiers(components)?;
    let accessor = location.accessor();
    let path = |identifier: &str| {
        let path = accessor.as_ref()?.filesystem_path(identifier).ok()?;
        Some(path.display().to_string())
    };
    let number: i64 = version.get("version")?;
    let mut output = output::standard();
    if options.change.report.is_for_programs() {
        let components = components
            .iter()
            .zip(&identifiers)
            .zip(sources)
            .map(|((component, identifier), source)| {
                Ok(json!({
                    "id": component.id(),
                    "name": component.get::<String>("name")?,
                    "resource_identifier": identifier,
                    "path": path(identifier),
                    "missing_frames": source.gaps(),
                }))
            })
            .collect::<Result<Vec<_>>>()?;
        let report = json!({
            "dry_run": false,
            "asset": {"id": asset.id(), "name": asset.get::<String>("name")?},
            "version": {"id": version.id(), "version": number},
            "location": {"id": location.id(), "name": location.name()?},
            "components": components,
            "thumbnail": publication.thumbnail_id(),
        });
        writeln!(output, "{report}")?;
    } else {
        let (name, id) = (asset.get::<String>("name")?, version.id());
        output.styled(STRONG, format_args!("{} v{number:03}", OneLine(&name)))?;
        writeln!(output, " ({id}) in {}", OneLine(&location.name()?))?;
        for (created, identifier) in components.iter().zip(&identifiers) {
            let size = created.get::<Option<u64>>("size")?.unwrap_or_default();
            let place = path(identifier).unwrap_or_else(|| identifier.clone());
            component(&mut output, &created.get::<String>("name")?, size, &place)?;
        }
    }
    output.flush()?;
    Ok(())
}

fn component(output: &mut impl Write, name: &str, size: u64, place: &str) -> std::io::Result<()> {
    let (name, place) = (OneLine(name), OneLine(place));
    writeln!(output, "  {name}  {}  {place}", bytes(size))
}
