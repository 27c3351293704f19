//! Reads the lines that say something about a type as a whole.

use serde_json::{Map, Value, json};

use super::DefinitionError;
use super::words::Words;
use crate::schema::model::{EntityType, MIXIN};

/// Applies a line such as `@required id name`; `fact` is its first word without the `@`.
pub(super) fn apply(
    fact: &str,
    words: &mut Words<'_>,
    entity_type: &mut EntityType,
) -> Result<(), DefinitionError> {
    match fact {
        "key" => entity_type.primary_key = names(words, &[]),
        "required" => entity_type.required = names(words, &entity_type.required),
        "immutable" => entity_type.immutable = names(words, &entity_type.immutable),
        "default" => {
            entity_type.default_projections = names(words, &entity_type.default_projections);
        }
        "computed" => {
            let inherited = entity_type.computed.as_deref().unwrap_or_default();
            entity_type.computed = Some(names(words, inherited));
        }
        "system" => {
            let inherited = entity_type
                .system_projections
                .as_deref()
                .unwrap_or_default();
            entity_type.system_projections = Some(names(words, inherited));
        }
        "abstract" => entity_type.is_abstract = true,
        "hidden" => entity_type.hidden = true,
        "untyped" => entity_type.is_untyped = true,
        "group-by" => {
            let says = json!({ "group_by": true });
            entity_type.extra.insert("metadata".to_owned(), says);
        }
        "mixin" => set_mixin(words, entity_type)?,
        "where" => {
            let (attribute, value) = words.pair("what rows have in common")?;
            entity_type.discriminator = Some((attribute.to_owned(), value.to_owned()));
        }
        "shows" => entity_type.shows = Some(words.expect("the other type")?.to_owned()),
        "server" => entity_type.alias_for = Some(server_name(words)?),
        "object-type" => {
            let id = words.expect("the id of the object type")?;
            entity_type.set_object_type(id);
        }
        _ => return Err(words.position().error(format!("unknown fact `@{fact}`"))),
    }
    words.end()
}

/// What the report says that a type extends: nothing, a type, or a type with something that stays as it was.
fn set_mixin(words: &mut Words<'_>, entity_type: &mut EntityType) -> Result<(), DefinitionError> {
    let name = words.expect("the type extended")?;
    if name == "none" {
        entity_type.extra.remove(MIXIN);
        return Ok(());
    }
    let mut mixin = json!({ "$ref": name });
    match words.next() {
        Some("preserving") => {
            let path = words.expect("what stays as it was")?;
            mixin = json!({ "$ref": name, "hints": { path: "preserve" } });
        }
        Some(word) => return Err(words.position().error(format!("unexpected `{word}`"))),
        None => {}
    }
    entity_type.extra.insert(MIXIN.to_owned(), mixin);
    Ok(())
}

/// The names listed, with `...` standing for inherited ones that are not listed themselves.
fn names(words: &mut Words<'_>, inherited: &[String]) -> Vec<String> {
    let listed = words.rest();
    let mut names: Vec<String> = Vec::new();
    for word in &listed {
        if *word == "..." {
            let more = inherited
                .iter()
                .filter(|name| !listed.contains(&name.as_str()));
            names.extend(more.cloned());
        } else {
            names.push((*word).to_owned());
        }
    }
    names
}

fn server_name(words: &mut Words<'_>) -> Result<Value, DefinitionError> {
    let name = words.expect("the server-side name")?;
    let mut classifiers = Map::new();
    for word in words.rest() {
        let Some((attribute, value)) = word.split_once('=') else {
            let reason = format!("a classifier should read `attribute=value`, not `{word}`");
            return Err(words.position().error(reason));
        };
        classifiers.insert(attribute.to_owned(), value.into());
    }
    if classifiers.is_empty() {
        return Ok(name.into());
    }
    let mut object = Map::new();
    object.insert("id".to_owned(), name.into());
    object.insert("classifiers".to_owned(), Value::Object(classifiers));
    Ok(Value::Object(object))
}
