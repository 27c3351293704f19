//! Events in a line for people.

use std::collections::{BTreeMap, HashMap};

use ftrack::chrono::Local;
use ftrack::event::Event;
use ftrack::prelude::*;
use ftrack::{EntityType, EntityUpdate, Update, UpdateAction};
use serde_json::{Map, Value as Json};

use super::filter::Filter;
use crate::resolve::names;
use crate::terminal::escape;

/// How many names are remembered. When there are more, all are forgotten.
const REMEMBERED: usize = 10_000;

/// How many names are asked for at once. More changes than this in one event are told by their ids.
const ASKED: usize = 200;

/// Tells events in words. It asks the server for the names of what is changed, and remembers them.
#[derive(Default)]
pub(super) struct Teller {
    names: HashMap<String, String>,
}

impl Teller {
    /// The lines that tell an event: one for each entity of an update that the filter lets through.
    pub(super) fn lines(
        &mut self,
        session: &Session,
        event: &Event,
        filter: &Filter,
    ) -> Vec<String> {
        let when = Local::now().format("%H:%M:%S");
        let user = username(event).unwrap_or("-");
        let begin = format!("{when} {}", escape::one_line(user));
        let Ok(update) = Update::from_event(session.schema(), event) else {
            let topic = escape::one_line(&event.topic);
            return vec![format!("{begin} {topic} {}", event.data)];
        };
        let changes: Vec<EntityUpdate<'_>> = update
            .changes()
            .filter(|change| filter.lets_through(change))
            .collect();
        self.look_up(session, &changes);
        changes
            .iter()
            .map(|change| format!("{begin} {}", self.change(session, change)))
            .collect()
    }

    fn change(&self, session: &Session, change: &EntityUpdate<'_>) -> String {
        let action = match change.action() {
            UpdateAction::Add => "add",
            UpdateAction::Update => "update",
            UpdateAction::Remove => "remove",
            UpdateAction::Move => "move",
            UpdateAction::Other(other) => other,
            _ => "change",
        };
        let kind = change
            .entity_type()
            .map_or(change.table(), |found| found.name().as_str());
        let name = told_name(change)
            .or_else(|| self.names.get(change.entity_id()).map(String::as_str))
            .unwrap_or(change.entity_id());
        let mut line = format!("{action} {kind} {name}");
        if change.action() == UpdateAction::Update {
            let values: Vec<String> = self.values(session, change).collect();
            line.push(' ');
            line.push_str(&values.join(", "));
        }
        escape::one_line(line.trim_end()).into_owned()
    }

    fn values(&self, session: &Session, change: &EntityUpdate<'_>) -> impl Iterator<Item = String> {
        let attributes = change.attributes().map(|(name, value)| {
            let target = change
                .entity_type()
                .and_then(|kind| referred(session, kind, name));
            let after = value.after();
            match (target, after.as_str()) {
                (Some((reference, _)), Some(id)) => {
                    let name = self.names.get(id).map_or(id, String::as_str);
                    format!("{reference} → {name}")
                }
                (Some((reference, _)), None) => format!("{reference} → nothing"),
                (None, _) => format!("{name} → {}", plain(after)),
            }
        });
        let custom = change
            .custom_attributes()
            .map(|(key, value)| format!("{key} → {}", plain(value.after())));
        attributes.chain(custom).collect::<Vec<_>>().into_iter()
    }

    /// Asks for the names that are missing, with a query for each type.
    fn look_up(&mut self, session: &Session, changes: &[EntityUpdate<'_>]) {
        let mut missing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut want = |kind: &'static str, id| {
            if !self.names.contains_key(id) {
                missing.entry(kind).or_default().push(id);
            }
        };
        for change in changes {
            let Some(kind) = change.entity_type() else {
                continue;
            };
            if told_name(change).is_none() && change.action() != UpdateAction::Remove {
                want(kind.name().as_str(), change.entity_id());
            }
            for (name, value) in change.attributes() {
                let target = referred(session, kind, name);
                if let (Some((_, target)), Some(id)) = (target, value.after().as_str()) {
                    want(target, id);
                }
            }
        }
        let found: Vec<(String, String)> = missing
            .iter()
            .flat_map(|(kind, ids)| names(session, kind, ids).unwrap_or_default())
            .collect();
        if self.names.len() + found.len() > REMEMBERED {
            self.names.clear();
        }
        self.names.extend(found);
    }
}

/// The names of entities by their ids, as far as the server tells them.
fn names(session: &Session, kind: &str, ids: &[&str]) -> Result<Vec<(String, String)>> {
    let definition = session.schema().entity_type(kind)?;
    let Some((paths, name)) = naming(definition) else {
        return Ok(Vec::new());
    };
    let asked: Vec<&str> = ids.iter().copied().take(ASKED).collect();
    let query = Query::from(kind)
        .select(["id"].into_iter().chain(paths))
        .filter(attr("id").is_in(asked));
    let mut found = Vec::new();
    for row in session.query(query).records::<Map<String, Json>>() {
        let row = Json::Object(row?);
        if let (Some(id), Some(name)) = (row["id"].as_str(), name(&row)) {
            found.push((id.to_owned(), name));
        }
    }
    Ok(found)
}

/// What makes the name of an entity of what the server has of it.
type Naming = Box<dyn Fn(&Json) -> Option<String>>;

/// What is asked for to name entities of a type, and how the name is made of that.
fn naming(definition: &EntityType) -> Option<(Vec<&'static str>, Naming)> {
    let has = |name: &str| definition.get(name).is_some();
    if has("asset") && has("version") {
        let name = |row: &Json| {
            let (asset, number) = (row["asset"]["name"].as_str()?, row["version"].as_i64()?);
            Some(format!("{asset} v{number:03}"))
        };
        return Some((vec!["asset.name", "version"], Box::new(name)));
    }
    if has("component") && has("location") {
        let name = |row: &Json| {
            let component = row["component"]["name"].as_str()?;
            Some(format!(
                "{component} in {}",
                row["location"]["name"].as_str()?
            ))
        };
        return Some((vec!["component.name", "location.name"], Box::new(name)));
    }
    let attribute = names::named_by(definition).next()?;
    let name = move |row: &Json| row[attribute].as_str().map(str::to_owned);
    Some((vec![attribute], Box::new(name)))
}

/// The name that an event itself tells, of what was created, renamed or deleted.
fn told_name<'a>(change: &EntityUpdate<'a>) -> Option<&'a str> {
    let name = change.attribute("name")?;
    let told = match change.action() {
        UpdateAction::Remove => name.before().as_str(),
        _ => name.after().as_str(),
    };
    told.filter(|name| !name.is_empty())
}

/// The reference behind an attribute that holds an id, and the type of what it leads to.
fn referred<'a>(
    session: &Session,
    kind: &'a EntityType,
    name: &str,
) -> Option<(&'a str, &'static str)> {
    let reference = kind.get(name.strip_suffix("_id").unwrap_or(name))?;
    let target = reference.target().filter(|_| !reference.is_collection())?;
    session.schema().by_name(target)?;
    Some((reference.name(), target.as_str()))
}

fn username(event: &Event) -> Option<&str> {
    event.source.get("user")?.get("username")?.as_str()
}

fn plain(value: &Json) -> String {
    match value {
        Json::Null => "nothing".to_owned(),
        Json::String(text) if text.is_empty() => "nothing".to_owned(),
        Json::String(text) => text.clone(),
        value => value.to_string(),
    }
}
