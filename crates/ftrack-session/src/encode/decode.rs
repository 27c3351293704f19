//! Reading JSON text.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ftrack_entity::{Identity, IdentityMap, Timestamp, Value, decode_entities};
use rustc_hash::FxHashSet;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Data;
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::session::Session;

/// What tells an entity from any other object.
const ENTITY_TAG: &str = "__entity_type__";

/// What tells a time from any other object.
const TYPE_TAG: &str = "__type__";

/// How deeply lists and maps may be nested.
const DEEPEST: usize = 128;

pub(super) fn decode(session: &Session, text: &str) -> Result<Data> {
    // One entity, which is what most texts are, is read in one go. What is wrong with another, the long way says.
    let trimmed = text.trim_start();
    if begins_entity(trimmed)
        && let Ok(entity) = entity(session, trimmed)
    {
        return Ok(entity);
    }
    let text: &RawValue = parse(text)?;
    read(session, text.get(), DEEPEST)
}

fn read(session: &Session, text: &str, depth: usize) -> Result<Data> {
    if depth == 0 {
        return Err(Error::new(
            ErrorKind::Parse,
            format!("the JSON is nested deeper than {DEEPEST} levels"),
        ));
    }
    match text.as_bytes().first() {
        Some(b'[') => list(session, text, depth),
        Some(b'{') if begins_entity(text) => entity(session, text),
        Some(b'{') => object(session, text, depth),
        _ => Ok(Data::Value(parse::<serde_json::Value>(text)?.into())),
    }
}

fn list(session: &Session, text: &str, depth: usize) -> Result<Data> {
    // A list of nothing but entities, which most lists are, is read in one go.
    if begins_entity(text[1..].trim_start())
        && let Ok(entities) = entities(session, text)
    {
        return Ok(entities.into());
    }
    let items: Vec<&RawValue> = parse(text)?;
    let items = items
        .into_iter()
        .map(|item| read(session, item.get(), depth - 1));
    Ok(Data::List(items.collect::<Result<_>>()?))
}

fn object(session: &Session, text: &str, depth: usize) -> Result<Data> {
    let items: BTreeMap<Cow<'_, str>, &RawValue> = parse(text)?;
    if items.contains_key(ENTITY_TAG) {
        return entity(session, text);
    }
    if items.contains_key(TYPE_TAG)
        && let Some(value) = tagged(text)
    {
        return Ok(Data::Value(value));
    }
    let items = items
        .into_iter()
        .map(|(name, item)| Ok((name.into_owned(), read(session, item.get(), depth - 1)?)));
    Ok(Data::Map(items.collect::<Result<_>>()?))
}

/// Whether the first thing in this object is that it is an entity, as in everything with sorted keys.
fn begins_entity(text: &str) -> bool {
    let inside = text.strip_prefix('{').map(str::trim_start);
    inside
        .and_then(|inside| inside.strip_prefix('"')?.strip_prefix(ENTITY_TAG))
        .is_some_and(|rest| rest.starts_with('"'))
}

fn entity(session: &Session, text: &str) -> Result<Data> {
    let mut entities = entities(session, text)?.into_iter();
    let entity = entities.next().ok_or_else(|| not_an_entity(text))?;
    Ok(Data::Entity(entity))
}

/// The entities of an object or a list, detached: in records that no session knows. What the text says of entities in
/// them is there as well.
fn entities(session: &Session, text: &str) -> Result<Vec<Entity>> {
    let (identities, staged) = decode_entities(text.as_bytes(), session.schema())?;
    let records = IdentityMap::new();
    let held = records.merge(staged, &records.begin_request());
    // Of what is only referred to, the session may know more.
    let is_root: FxHashSet<&Identity> = identities.iter().collect();
    for record in held.records() {
        if record.is_bare() && !is_root.contains(record.identity()) {
            records.remove(record.identity());
        }
    }
    let detached = session.detached(records);
    let entities = identities
        .iter()
        .filter_map(|identity| detached.known(identity));
    Ok(entities.collect())
}

fn not_an_entity(text: &str) -> Error {
    let shown = ftrack_transport::excerpt(text.as_bytes());
    Error::new(
        ErrorKind::MalformedAnswer,
        format!("this is not an entity: {shown}"),
    )
}

#[derive(Deserialize)]
struct Tagged<'a> {
    #[serde(rename = "__type__", borrow)]
    tag: Cow<'a, str>,
    #[serde(borrow)]
    value: Cow<'a, str>,
}

/// The time of an object such as `{"__type__": "datetime", "value": "2022-10-10T10:12:09"}`.
fn tagged(text: &str) -> Option<Value> {
    let Tagged { tag, value } = serde_json::from_str(text).ok()?;
    match &*tag {
        "datetime" => value.parse::<Timestamp>().ok().map(Value::from),
        "date" => value.parse::<chrono::NaiveDate>().ok().map(Value::from),
        _ => None,
    }
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T> {
    serde_json::from_str(text).map_err(|cause| {
        Error::new(ErrorKind::Parse, "the text is not JSON")
            .with_detail("line", cause.line())
            .with_detail("column", cause.column())
            .with_source(cause)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_told_by_their_beginning() {
        for (text, expected) in [
            (r#"{"__entity_type__":"Task"}"#, true),
            (r#"{ "__entity_type__" : "Task"}"#, true),
            (r#"{"id":"a","__entity_type__":"Task"}"#, false),
            (r#"{"__entity_type__of":"Task"}"#, false),
            (r#"["__entity_type__"]"#, false),
            ("", false),
        ] {
            assert_eq!(begins_entity(text), expected, "{text}");
        }
    }
}
