//! Which entity is meant: by type and id, by type and name, or by its path.
//!
//! | written | meant |
//! |---|---|
//! | `Shot:f7a9…` | the shot with this id |
//! | `User:jane`, `Status:Approved` | the one with this name |
//! | `User:me`, and `me` where a user is meant | the user of the session |
//! | `last_lantern/storm/010/lighting` | project, and the names on the way to it |
//! | `last_lantern/storm/010/light/v003` | an asset of a context, and a version of it |
//! | `last_lantern/storm/010/light/latest/shot` | a component of the newest version |
//! | `f7a9…` | where only one type is meant, its id or name |

mod candidates;
mod direct;
mod key;
pub(crate) mod names;
mod path;
mod step;

use ftrack::prelude::*;
use ftrack::query::closest;

pub(crate) use self::candidates::{described, link_path, path_of};
use crate::failure::Failure;
use crate::options::Named;

/// The entity that is meant. Where only entities of the type `wanted` make sense, ids and names stand for those.
pub(crate) fn resolve(
    session: &Session,
    named: &Named,
    wanted: Option<&str>,
) -> Result<Entity, Failure> {
    let text = named.text();
    if let Some((entity_type, key)) = typed(session, text) {
        // Behind the type may be a path as well.
        return if key.contains('/') {
            path::find(session, key, Some(entity_type))
        } else {
            key::find(session, entity_type, key)
        };
    }
    let Some(wanted) = wanted.filter(|_| !text.contains('/')) else {
        if let Some((entity_type, _)) = text.split_once(':').filter(|_| !text.contains('/')) {
            return Err(no_type(session, entity_type));
        }
        return path::find(session, text, wanted);
    };
    key::find(session, wanted, text)
}

/// The entities that are meant, in the order in which they are named.
pub(crate) fn resolve_all(
    session: &Session,
    named: &[Named],
    wanted: Option<&str>,
) -> Result<Vec<Entity>, Failure> {
    load_by_id(session, named)?;
    named
        .iter()
        .map(|named| resolve(session, named, wanted))
        .collect()
}

/// The entity that is referred to by an attribute that leads to a `target`.
pub(crate) fn reference(session: &Session, target: &str, text: &str) -> Result<Entity, Failure> {
    if typed(session, text).is_some() || text.contains('/') {
        let named = text.parse().map_err(Failure::Usage)?;
        return resolve(session, &named, Some(target));
    }
    key::find(session, target, text)
}

/// The user of this name, else the group.
pub(crate) fn user_or_group(session: &Session, text: &str) -> Result<Entity, Failure> {
    match reference(session, "User", text) {
        Err(failure) if failure.is_not_found() => reference(session, "Group", text)
            .map_err(|other| if other.is_not_found() { failure } else { other }),
        found => found,
    }
}

/// The user of the session.
pub(crate) fn me(session: &Session) -> Result<Entity, Failure> {
    let name = session.api_user();
    let query = Query::from("User").filter(attr("username").is(name));
    let found = session.query(query).first()?;
    found.ok_or_else(|| Failure::NotFound(format!("the server shows no user {name:?}")))
}

/// Whether entities of this type are users, or may be.
pub(crate) fn may_be_user(entity_type: &str) -> bool {
    matches!(entity_type, "User" | "BaseUser" | "Resource")
}

/// Type and key, if the text begins with a type of the server.
fn typed<'text>(session: &Session, text: &'text str) -> Option<(&'text str, &'text str)> {
    let (entity_type, key) = text.split_once(':')?;
    let is_typed = session.schema().get(entity_type).is_some() && !key.is_empty();
    is_typed.then_some((entity_type, key))
}

fn no_type(session: &Session, name: &str) -> Failure {
    let suggestion = closest(name, session.types())
        .map(|known| format!("; did you mean {known:?}?"))
        .unwrap_or_default();
    Failure::NotFound(format!(
        "the server has no entity type {name:?}{suggestion}"
    ))
    .hint("`ftrack schema` lists the entity types")
}

/// Loads what is named by type and id with one request for each type, so that looking for each of them needs none.
fn load_by_id(session: &Session, named: &[Named]) -> Result<(), Failure> {
    let mut types: std::collections::BTreeMap<&str, Vec<&str>> = std::collections::BTreeMap::new();
    for (entity_type, id) in named
        .iter()
        .filter_map(|named| typed(session, named.text()))
        .filter(|(_, key)| key::is_id(key))
    {
        types.entry(entity_type).or_default().push(id);
    }
    for (entity_type, ids) in types {
        if ids.len() > 1 {
            let query = Query::from(entity_type).filter(attr("id").is_in(&ids));
            session.query(query).all()?;
        }
    }
    Ok(())
}
