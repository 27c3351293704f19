//! Components in the words of people: where in which project they were published.

use ftrack_entity::Value;

use crate::entity::Entity;
use crate::error::Result;

/// How far to look for the version of a component that is in others.
const MOST_CONTAINERS: usize = 32;

/// The component as people know it, such as `Big Buck Bunny/010/compositing v003 "main"`. What cannot be found out is
/// left out.
pub(super) fn described(component: &Entity) -> String {
    let name = component.get::<Option<String>>("name").ok().flatten();
    let name = name.map_or_else(|| component.id(), |name| format!("{name:?}"));
    match within_version(component) {
        Ok(Some(version)) => format!("{version} {name}"),
        _ => format!("the component {name} ({})", component.id()),
    }
}

/// The version that the component belongs to, by itself or by what it is in.
fn within_version(component: &Entity) -> Result<Option<String>> {
    let mut component = component.clone();
    for _ in 0..MOST_CONTAINERS {
        if let Some(version) = component.get::<Option<Entity>>("version")? {
            return described_version(&version).map(Some);
        }
        match component.get::<Option<Entity>>("container")? {
            Some(container) => component = container,
            None => break,
        }
    }
    Ok(None)
}

fn described_version(version: &Entity) -> Result<String> {
    let mut path = folders(version)?;
    path.extend(version.get::<Option<String>>("asset.name")?);
    let path = path.join("/");
    Ok(match version.get::<Option<i64>>("version")? {
        Some(number) => format!("{path} v{number:03}"),
        None => path,
    })
}

/// The names of the project and the folders that the version is in.
fn folders(version: &Entity) -> Result<Vec<String>> {
    let Value::Json(link) = version.value("link")? else {
        return Ok(Vec::new());
    };
    let link = link.to_value();
    let items = link.as_array().map(Vec::as_slice).unwrap_or_default();
    let above = items.split_last().map_or(&[][..], |(_, above)| above);
    let names = above.iter().filter_map(|item| item.get("name")?.as_str());
    Ok(names.map(str::to_owned).collect())
}
