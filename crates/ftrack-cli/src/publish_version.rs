//! `ftrack publish-version`.

mod publication;
mod source;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use ftrack::prelude::*;
use serde_json::json;

use self::publication::Publication;
use self::source::Source;
use crate::arguments::PublishVersion;
use crate::connection::{connect_with, unreachable_from_here};
use crate::failure::Failure;
use crate::interruption;
use crate::output::{self, STRONG};
use crate::progress::{Display, bytes};

const INTERRUPTED: Failure = Failure::Interrupted("nothing was published");

pub(crate) fn run(options: &PublishVersion) -> Result<ExitCode, Failure> {
    let cancellation = interruption::cancellation()?;
    // What is wrong with the files is said before anything is created.
    let sources = Source::find_all(&options.paths)?;
    let thumbnail = options.thumbnail.as_deref().map(source::file).transpose()?;
    let session = connect_with(&options.connection, &options.disks)?;
    let location = location(&session, options.location.as_deref())?;
    let what = format!(
        "publishing {} to {}",
        source::described(&sources),
        location.name()?
    );
    let display = Display::start(&what, options.json);
    let publication = Publication::begin(&session, options, &sources)?;
    let complete = || {
        publication.add_thumbnail(thumbnail.as_deref())?;
        publication.add_to(&location, display.options(&cancellation))?;
        if cancellation.is_cancelled() {
            return Err(INTERRUPTED);
        }
        publication.show()
    };
    let outcome = complete();
    drop(display);
    if let Err(failure) = outcome {
        publication.withdraw(&location);
        return Err(if cancellation.is_cancelled() {
            INTERRUPTED
        } else {
            failure
        });
    }
    report(&publication, &location, options.json)?;
    session.close();
    Ok(ExitCode::SUCCESS)
}

/// The location to publish to.
fn location(session: &Session, name: Option<&str>) -> Result<Location, Failure> {
    let location = match name {
        Some(name) => Some(session.location(name)?),
        None => session.pick_location()?,
    };
    let location = location
        .ok_or_else(|| Failure::Unusable("no location can be used from here".to_owned()))?;
    match location.accessor() {
        Some(_) => Ok(location),
        None => Err(unreachable_from_here(&location)?),
    }
}

fn report(publication: &Publication, location: &Location, as_json: bool) -> Result<(), Failure> {
    let Publication {
        asset,
        version,
        components,
        ..
    } = publication;
    let identifiers = location.get_resource_identifiers(components)?;
    let accessor = location.accessor();
    let path = |identifier: &str| {
        let path = accessor.as_ref()?.get_filesystem_path(identifier).ok()?;
        Some(path.display().to_string())
    };
    let number: i64 = version.get("version")?;
    let mut output = output::standard();
    if as_json {
        let components = components
            .iter()
            .zip(&identifiers)
            .map(|(component, identifier)| {
                Ok(json!({
                    "id": component.id(),
                    "name": component.get::<String>("name")?,
                    "resource_identifier": identifier,
                    "path": path(identifier),
                }))
            })
            .collect::<Result<Vec<_>>>()?;
        let report = json!({
            "asset": {"id": asset.id(), "name": asset.get::<String>("name")?},
            "version": {"id": version.id(), "version": number},
            "location": {"id": location.id(), "name": location.name()?},
            "components": components,
            "thumbnail": publication.thumbnail_id(),
        });
        writeln!(output, "{report}")?;
    } else {
        let (name, id) = (asset.get::<String>("name")?, version.id());
        writeln!(
            output,
            "{STRONG}{name} v{number:03}{STRONG:#} ({id}) in {}",
            location.name()?
        )?;
        for (component, identifier) in components.iter().zip(&identifiers) {
            let size = component.get::<Option<u64>>("size")?.unwrap_or_default();
            let place = path(identifier).unwrap_or_else(|| identifier.clone());
            writeln!(
                output,
                "  {}  {}  {place}",
                component.get::<String>("name")?,
                bytes(size)
            )?;
        }
    }
    output.flush()?;
    Ok(())
}

/// The text of a path from the root, as locations keep it.
fn absolute(path: &Path) -> Result<String, Failure> {
    let absolute = std::path::absolute(path)
        .map_err(|error| Failure::Unusable(format!("{}: {error}", path.display())))?;
    let text = absolute.into_os_string().into_string();
    text.map_err(|path| Failure::Unusable(format!("the path {} is not Unicode", path.display())))
}
