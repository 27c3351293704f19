//! Entities in words, and lists of them where more than one could be meant.

use ftrack::prelude::*;
use serde_json::Value as Json;

use crate::failure::Failure;
use crate::resolve::names;
use crate::terminal::escape;

/// How many candidates are listed.
const LISTED: usize = 10;

/// An entity for people: its type, and its path or name, else its id.
pub(crate) fn described(entity: &Entity) -> String {
    let shown = path_of(entity).unwrap_or_else(|| entity.id());
    format!("{} {}", entity.entity_type(), escape::one_line(&shown))
}

/// Where an entity is, from the project on; else what it is called.
pub(crate) fn path_of(entity: &Entity) -> Option<String> {
    let has = |name: &str| entity.definition().get(name).is_some();
    match entity.entity_type() {
        "Asset" => return asset_path(entity),
        "AssetVersion" => return version_path(entity),
        _ => {}
    }
    if has("link")
        && let Ok(link) = entity.get::<Json>("link")
        && let Some(path) = link_path(&link)
    {
        return Some(path);
    }
    if has("version") && has("version_id") || entity.definition().get("file_type").is_some() {
        let name: String = entity.get("name").ok()?;
        let version = entity.get::<Option<Entity>>("version").ok()??;
        return Some(format!("{}/{name}", path_of(&version)?));
    }
    names::named_by(entity.definition()).find_map(|name| entity.get::<Option<String>>(name).ok()?)
}

/// A version as the asset's name and its number, behind the path of what the asset belongs to.
fn version_path(version: &Entity) -> Option<String> {
    let number: i64 = version.get("version").ok()?;
    let asset: Entity = version.get("asset").ok()?;
    Some(format!("{}/v{number:03}", asset_path(&asset)?))
}

/// An asset behind the path of what it belongs to.
fn asset_path(asset: &Entity) -> Option<String> {
    let name: String = asset.get("name").ok()?;
    let parent = asset.get::<Option<Entity>>("parent").ok()?;
    let parent = parent.and_then(|parent| path_of(&parent));
    let prefix = parent
        .map(|parent| format!("{parent}/"))
        .unwrap_or_default();
    Some(format!("{prefix}{name}"))
}

/// The names of a link, which is how servers tell where an entity is.
pub(crate) fn link_path(link: &Json) -> Option<String> {
    let steps = link.as_array().filter(|steps| !steps.is_empty())?;
    let names: Option<Vec<&str>> = steps
        .iter()
        .map(|step| {
            step.get("id")?;
            step.get("name")?.as_str()
        })
        .collect();
    Some(names?.join("/"))
}

/// Says which entities could be meant.
pub(super) fn ambiguous(text: &str, found: &[Entity]) -> Failure {
    let listed = found.iter().take(LISTED).map(|entity| {
        format!(
            "\n  {}:{}  {}",
            entity.entity_type(),
            entity.id(),
            described(entity)
        )
    });
    let mut message = format!("{text:?} may be one of {} entities:", found.len());
    message.extend(listed);
    if found.len() > LISTED {
        message.push_str("\n  …");
    }
    Failure::Unusable(message).hint("write the type and the id of the one that is meant")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_link_is_a_path() {
        let link =
            json!([{"id": "1", "name": "show", "type": "Project"}, {"id": "2", "name": "010"}]);
        assert_eq!(link_path(&link).as_deref(), Some("show/010"));
        for other in [json!([]), json!(null), json!([1]), json!([{"name": "x"}])] {
            assert_eq!(link_path(&other), None, "{other}");
        }
    }
}
