//! Entities by id or by name.

use ftrack::prelude::*;
use ftrack::query::{Filter, closest};

use super::candidates::ambiguous;
use super::{may_be_user, me, path};
use crate::failure::Failure;
use crate::resolve::names;

/// How many names are listed where none fits.
const LISTED: usize = 30;

/// The entity of this type with this id, else the one with this name.
pub(super) fn find(session: &Session, entity_type: &str, key: &str) -> Result<Entity, Failure> {
    if key == "me" && may_be_user(entity_type) {
        return me(session);
    }
    // What looks like an id mostly is one, and anything else mostly is a name.
    if is_id(key)
        && let Some(found) = by_id(session, entity_type, key)?
    {
        return Ok(found);
    }
    let found = named(session, entity_type, key);
    match found {
        Err(failure) if failure.is_not_found() && !is_id(key) => {
            by_id(session, entity_type, key)?.ok_or(failure)
        }
        found => found,
    }
}

fn named(session: &Session, entity_type: &str, key: &str) -> Result<Entity, Failure> {
    if is_in_tree(session, entity_type) {
        // A name says nothing there, but projects have theirs for themselves.
        return path::find(session, key, Some(entity_type)).map_err(|failure| {
            if failure.is_not_found() {
                nothing(session, entity_type, key)
            } else {
                failure
            }
        });
    }
    let mut found = by_name(session, entity_type, key)?;
    match found.len() {
        0 => Err(nothing(session, entity_type, key)),
        1 => Ok(found.swap_remove(0)),
        _ => Err(ambiguous(key, &found)),
    }
}

/// Whether the text looks like an id.
pub(super) fn is_id(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    matches!(text.len(), 32 | 36) && text.bytes().all(is_digit)
}

fn by_id(session: &Session, entity_type: &str, key: &str) -> Result<Option<Entity>, Failure> {
    match session.get(entity_type, key) {
        // A type whose key has several parts has no id, and may still have names.
        Err(error) if error.is(ErrorKind::InvalidArgument) => Ok(None),
        found => Ok(found?),
    }
}

fn is_in_tree(session: &Session, entity_type: &str) -> bool {
    let schema = session.schema();
    match (schema.get(entity_type), schema.get("Context")) {
        (Some(found), Some(context)) => found.is_kind_of(context),
        _ => false,
    }
}

fn by_name(session: &Session, entity_type: &str, name: &str) -> Result<Vec<Entity>, Failure> {
    let definition = session.schema().entity_type(entity_type);
    let definition = definition.map_err(ftrack::Error::from)?;
    let conditions = names::named_by(definition).map(|attribute| attr(attribute).is(name));
    let Some(filter) = Filter::any_of(conditions) else {
        return Ok(Vec::new());
    };
    // What describes them is read as well.
    let link = definition.get("link").map(|_| "link");
    let query = Query::from(entity_type)
        .select(names::named_by(definition).chain(link))
        .filter(filter)
        .limit(10);
    let found = session.query(query).all()?;
    Ok(exact(found, name))
}

/// Servers compare names whatever their case; where one is written exactly so, it is meant.
fn exact(found: Vec<Entity>, name: &str) -> Vec<Entity> {
    let is_exact = |entity: &Entity| {
        names::named_by(entity.definition())
            .any(|attribute| matches!(entity.get::<String>(attribute), Ok(known) if known == name))
    };
    let same: Vec<Entity> = found
        .iter()
        .filter(|entity| is_exact(entity))
        .cloned()
        .collect();
    if same.is_empty() { found } else { same }
}

/// Says that there is nothing of that name, and what there is, where that is a short list.
fn nothing(session: &Session, entity_type: &str, key: &str) -> Failure {
    let failure = Failure::NotFound(format!("there is no {entity_type} {key:?}"));
    if is_in_tree(session, entity_type) {
        return failure
            .hint("write its id, or its path from the project, such as last_lantern/storm/010");
    }
    let Ok(names) = all_names(session, entity_type) else {
        return failure;
    };
    match closest(key, names.iter().map(String::as_str)) {
        Some(name) => failure.hint(format!("did you mean {name:?}?")),
        None if names.is_empty() || names.len() > LISTED => failure,
        None => failure.hint(format!("there are {}", names.join(", "))),
    }
}

fn all_names(session: &Session, entity_type: &str) -> Result<Vec<String>, Failure> {
    let definition = session.schema().entity_type(entity_type);
    let definition = definition.map_err(ftrack::Error::from)?;
    let Some(attribute) = names::named_by(definition).next() else {
        return Ok(Vec::new());
    };
    let query = Query::from(entity_type)
        .select([attribute])
        .order_by(attribute)
        .limit(1000);
    let mut names = Vec::new();
    for entity in session.query(query) {
        if let Some(name) = entity?.get::<Option<String>>(attribute)? {
            names.push(name);
        }
    }
    names.dedup();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_look_like_ids() {
        assert!(is_id("c410eb8a-6f3c-4f54-9b5f-0f5b0a7f1a2b"));
        assert!(is_id("c410eb8a6f3c4f549b5f0f5b0a7f1a2b"));
        assert!(!is_id("last_lantern"));
        assert!(!is_id(""));
    }
}
