//! A path in one request. Where that does not lead to one entity, it is gone step by step, which tells why.

use ftrack::prelude::*;
use ftrack::query::{Filter, QueryBuilder};
use serde_json::Value as Json;

use super::step::{ASSET, COMPONENT, CONTEXT, VERSION, is_version, number};
use crate::failure::Failure;

/// The only entity at the end of a path that begins with a project, if it is sure to be the one that is meant.
pub(super) fn find(
    session: &Session,
    project: &str,
    steps: &[&str],
    wanted: Option<&str>,
) -> Result<Option<Entity>, Failure> {
    let Some(Place {
        query,
        link,
        above,
        depth,
    }) = place(steps, wanted)
    else {
        return Ok(None);
    };
    // Servers do not say of every context which project it is in, but what it belongs to.
    let inside = attr(format!("{above}name")).is(project);
    let found = match session.query(query.filter(inside).limit(2)).all() {
        Ok(found) => found,
        // A server may not know these paths.
        Err(error) if error.is(ErrorKind::Server) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let [entity] = found.as_slice() else {
        return Ok(None);
    };
    // That the path begins there is seen by its length.
    let is_whole = match entity.get::<Json>(format!("{link}link").as_str()) {
        Ok(Json::Array(path)) => path.len() == depth + 1,
        _ => false,
    };
    Ok(is_whole.then(|| entity.clone()))
}

/// What is asked for.
struct Place {
    query: QueryBuilder,
    /// What leads to the context in it: nothing, or a path with a dot at its end.
    link: &'static str,
    /// What leads to the project in the same way.
    above: String,
    /// How many steps the context is below its project.
    depth: usize,
}

fn place(steps: &[&str], wanted: Option<&str>) -> Option<Place> {
    match steps {
        [contexts @ .., asset, version, component] if is_version(version) => {
            let link = "version.asset.parent.";
            let query = Query::from("Component")
                .select(COMPONENT)
                .filter(attr("name").is(*component))
                .filter(attr("version.asset.name").is(*asset))
                .filter(version_is("version.", version)?);
            in_contexts(query, link, contexts)
        }
        [contexts @ .., asset, version] if is_version(version) => {
            let query = Query::from("AssetVersion")
                .select(VERSION)
                .filter(attr("asset.name").is(*asset))
                .filter(version_is("", version)?);
            in_contexts(query, "asset.parent.", contexts)
        }
        [contexts @ .., asset] if wanted == Some("Asset") => {
            let query = Query::from("Asset")
                .select(ASSET)
                .filter(attr("name").is(*asset));
            in_contexts(query, "parent.", contexts)
        }
        contexts => {
            let query = Query::from("TypedContext").select(CONTEXT);
            in_contexts(query, "", contexts)
        }
    }
}

/// Keeps what is in contexts of these names. What is directly in a project is looked for step by step.
fn in_contexts(mut query: QueryBuilder, link: &'static str, contexts: &[&str]) -> Option<Place> {
    let depth = contexts.len();
    let mut above = link.to_owned();
    for name in contexts.iter().rev() {
        query = query.filter(attr(format!("{above}name")).is(*name));
        above.push_str("parent.");
    }
    (depth > 0).then_some(Place {
        query,
        link,
        above,
        depth,
    })
}

/// Which version it is, if it is said by its number: the newest one is known when the asset is.
fn version_is(prefix: &str, version: &str) -> Option<Filter> {
    let number = number(version)?;
    Some(attr(format!("{prefix}version")).is(number))
}
