//! Entities by their path: project, contexts, then asset, version and component.

use ftrack::prelude::*;
use ftrack::query::{QueryBuilder, closest};

use super::candidates::{ambiguous, described};
use super::direct;
use super::step::{ASSET, COMPONENT, CONTEXT, VERSION, is_version, number};
use crate::failure::Failure;

/// How many names are told where none fits.
const LISTED: u64 = 12;

/// How many steps a path may have.
const LONGEST: usize = 64;

/// The entity at the end of a path, of the type `wanted` if only such make sense.
pub(super) fn find(session: &Session, path: &str, wanted: Option<&str>) -> Result<Entity, Failure> {
    let steps: Vec<&str> = path.trim_matches('/').split('/').collect();
    if steps.iter().any(|step| step.is_empty()) || steps.len() > LONGEST {
        return Err(Failure::Usage(format!("{path:?} is not a path of names")));
    }
    let (project, steps) = match steps.split_first() {
        Some((project, steps)) => (*project, steps),
        None => return Err(Failure::Usage(format!("{path:?} is not a path of names"))),
    };
    if let Some(entity) = direct::find(session, project, steps, wanted)? {
        let found = vec![entity];
        let fitting = match wanted {
            Some(wanted) => of_type(session, found, wanted, path)?,
            None => found,
        };
        return fitting
            .into_iter()
            .next()
            .ok_or_else(|| Failure::NotFound(format!("there is no {path:?}")));
    }
    let (mut found, gone) = begin(session, project, steps)?;
    for (index, step) in steps.iter().enumerate().skip(gone) {
        // An asset is often called as the task that it is made by.
        let is_asset = match steps.get(index + 1) {
            Some(following) => is_version(following),
            None => wanted == Some("Asset"),
        };
        let mut next = Vec::new();
        for entity in &found {
            next.extend(below(session, entity, step, is_asset)?);
        }
        if next.is_empty() {
            return Err(not_below(session, &found, step));
        }
        found = next;
    }
    if let Some(wanted) = wanted {
        found = of_type(session, found, wanted, path)?;
    }
    match found.len() {
        1 => Ok(found.swap_remove(0)),
        _ => Err(ambiguous(path, &found)),
    }
}

/// Where a path is gone from, step by step, and how many steps lead there: the newest version is known only when its
/// asset is, but what the asset belongs to is found at once.
fn begin(
    session: &Session,
    project: &str,
    steps: &[&str],
) -> Result<(Vec<Entity>, usize), Failure> {
    let version = steps.iter().position(|step| is_version(step));
    if let Some(contexts) = version.and_then(|version| steps.get(..version.checked_sub(1)?))
        && let Some(entity) = direct::find(session, project, contexts, None)?
    {
        return Ok((vec![entity], contexts.len()));
    }
    Ok((projects(session, project)?, 0))
}

fn projects(session: &Session, name: &str) -> Result<Vec<Entity>, Failure> {
    let query = Query::from("Project").select(["name"]);
    let found = session
        .query(query.clone().filter(attr("name").is(name)))
        .all()?;
    if !found.is_empty() {
        return Ok(exact(found, name));
    }
    let named = session
        .query(query.filter(attr("full_name").is(name)))
        .all()?;
    if !named.is_empty() {
        return Ok(named);
    }
    let known = names(
        session,
        Query::from("Project").select(["name"]).order_by("name"),
    )?;
    Err(Failure::NotFound(format!("there is no project {name:?}")).hint(suggestion(name, &known)))
}

/// What is called so directly below an entity: a context before an asset, unless it has to be an asset.
fn below(
    session: &Session,
    parent: &Entity,
    name: &str,
    is_asset: bool,
) -> Result<Vec<Entity>, Failure> {
    let id = parent.id();
    let mut queries: Vec<QueryBuilder> = match parent.entity_type() {
        "Asset" => vec![versions_of(&id, name)?],
        "AssetVersion" => vec![component("version_id", &id, name)],
        "ContainerComponent" | "SequenceComponent" => vec![component("container_id", &id, name)],
        _ => vec![
            Query::from("TypedContext")
                .select(CONTEXT)
                .filter(attr("parent_id").is(id.as_str()).and(attr("name").is(name))),
            Query::from("Asset").select(ASSET).filter(
                attr("context_id")
                    .is(id.as_str())
                    .and(attr("name").is(name)),
            ),
        ],
    };
    let is_context = queries.len() > 1;
    if is_asset {
        queries.reverse();
    }
    for query in queries {
        let found = session.query(query).all()?;
        if !found.is_empty() {
            return Ok(match parent.entity_type() {
                "Asset" => found,
                _ => exact(found, name),
            });
        }
    }
    match linked_version(name) {
        Some((asset, number)) if is_context => {
            let assets = below(session, parent, asset, true)?;
            let versions = assets.iter().filter(|found| found.entity_type() == "Asset");
            let mut found = Vec::new();
            for asset in versions {
                found.extend(session.query(versions_of(&asset.id(), number)?).all()?);
            }
            Ok(found)
        }
        _ => Ok(Vec::new()),
    }
}

/// Asset and number of a version as the links of servers call it: `light v3`.
fn linked_version(name: &str) -> Option<(&str, &str)> {
    let (asset, number) = name.rsplit_once(" v")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && !asset.is_empty()).then_some((asset, number))
}

/// A version by its number, written `v003` or `3`, or the newest.
fn versions_of(asset: &str, name: &str) -> Result<QueryBuilder, Failure> {
    let query = Query::from("AssetVersion").select(VERSION);
    let of_asset = attr("asset_id").is(asset);
    if name.eq_ignore_ascii_case("latest") {
        let newest = query.filter(of_asset).order_by_descending("version");
        return Ok(newest.limit(1));
    }
    let number = number(name).ok_or_else(|| {
        Failure::Usage(format!(
            "{name:?} is not a version of an asset: it is written v003, or latest"
        ))
    })?;
    Ok(query.filter(of_asset.and(attr("version").is(number))))
}

fn component(attribute: &'static str, id: &str, name: &str) -> QueryBuilder {
    Query::from("Component")
        .select(COMPONENT)
        .filter(attr(attribute).is(id).and(attr("name").is(name)))
}

/// Servers compare names whatever their case; where one is written exactly so, it is meant.
fn exact(found: Vec<Entity>, name: &str) -> Vec<Entity> {
    let is_exact =
        |entity: &&Entity| matches!(entity.get::<String>("name"), Ok(known) if known == name);
    let same: Vec<Entity> = found.iter().filter(is_exact).cloned().collect();
    if same.is_empty() { found } else { same }
}

fn of_type(
    session: &Session,
    found: Vec<Entity>,
    wanted: &str,
    path: &str,
) -> Result<Vec<Entity>, Failure> {
    let schema = session.schema();
    let base = schema.entity_type(wanted).map_err(ftrack::Error::from)?;
    let (fitting, others): (Vec<Entity>, Vec<Entity>) = found
        .into_iter()
        .partition(|entity| entity.definition().is_kind_of(base));
    match (fitting.is_empty(), others.first()) {
        (true, Some(other)) => {
            let failure = Failure::NotFound(format!(
                "{path} is not a {wanted}: it is the {}",
                described(other)
            ));
            Err(match next_names(session, other) {
                Ok(names) if !names.is_empty() => {
                    failure.hint(format!("below it are {}", names.join(", ")))
                }
                _ => failure,
            })
        }
        _ => Ok(fitting),
    }
}

fn not_below(session: &Session, found: &[Entity], name: &str) -> Failure {
    let Some(parent) = found.first() else {
        return Failure::NotFound(format!("there is no {name:?}"));
    };
    let failure = Failure::NotFound(format!("there is no {name:?} in the {}", described(parent)));
    match next_names(session, parent) {
        Ok(names) => failure.hint(suggestion(name, &names)),
        Err(_) => failure,
    }
}

fn suggestion(name: &str, known: &[String]) -> String {
    match closest(name, known.iter().map(String::as_str)) {
        Some(known) => format!("did you mean {known:?}?"),
        None if known.is_empty() => "there is nothing".to_owned(),
        None => format!("there are {}", known.join(", ")),
    }
}

/// The names of what is directly below an entity, the first few of them.
fn next_names(session: &Session, parent: &Entity) -> Result<Vec<String>, Failure> {
    let id = parent.id();
    let named = |entity_type: &str, attribute: &'static str| {
        Query::from(entity_type)
            .select(["name"])
            .filter(attr(attribute).is(id.as_str()))
            .order_by("name")
    };
    match parent.entity_type() {
        "Asset" => {
            let query = Query::from("AssetVersion").select(["version"]);
            let query = query.filter(attr("asset_id").is(id.as_str()));
            let newest = query.order_by_descending("version").limit(LISTED);
            let mut names = Vec::new();
            for version in session.query(newest) {
                names.push(format!("v{:03}", version?.get::<i64>("version")?));
            }
            Ok(names)
        }
        "AssetVersion" => names(session, named("Component", "version_id")),
        "ContainerComponent" | "SequenceComponent" => {
            names(session, named("Component", "container_id"))
        }
        "FileComponent" => Ok(Vec::new()),
        _ => {
            let mut all = names(session, named("TypedContext", "parent_id"))?;
            all.extend(names(session, named("Asset", "context_id"))?);
            all.sort();
            all.dedup();
            Ok(all)
        }
    }
}

fn names(session: &Session, query: QueryBuilder) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for entity in session.query(query.limit(LISTED)) {
        names.push(entity?.get::<String>("name")?);
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_name_versions_with_their_asset() {
        assert_eq!(linked_version("light v3"), Some(("light", "3")));
        assert_eq!(linked_version("a v1 v12"), Some(("a v1", "12")));
        for name in ["light", "light v", "light vx", " v3", "lightv3"] {
            assert_eq!(linked_version(name), None, "{name}");
        }
    }
}
