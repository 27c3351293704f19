//! `docs/update-event.md` shows what the local server sends.

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;
use std::{env, fs};

use ftrack_session::{Entity, Session, values};
use serde_json::{Value, json};

use crate::support;

/// What stands for values that differ in every run.
const TIME: &str = "2026-11-30T09:21:22";

/// `FTRACK_UPDATE_EXPECTATIONS=1` writes the page anew.
#[test]
fn the_payload_of_updates_is_as_the_page_shows_it() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/update-event.md");
    let mut page = fs::read_to_string(&path).unwrap();
    let story = Story::begin();
    let mut told = Vec::new();
    told.push(("status", story.status()));
    told.push(("custom attribute", story.custom_attribute()));
    let shot = story.create();
    told.push(("create", story.next(&shot)));
    told.push(("move", story.moves(&shot)));
    told.push(("delete", story.delete(&shot)));
    for (name, entities) in told {
        let entities = masked(&entities, &shot.id());
        let (start, end) = block(&page, name);
        if env::var_os("FTRACK_UPDATE_EXPECTATIONS").is_some() {
            let text = serde_json::to_string_pretty(&entities).unwrap() + "\n";
            page.replace_range(start..end, &text);
        } else {
            let shown: Value = serde_json::from_str(&page[start..end]).unwrap();
            assert_eq!(shown, entities, "{name}");
        }
    }
    if env::var_os("FTRACK_UPDATE_EXPECTATIONS").is_some() {
        fs::write(&path, page).unwrap();
    }
}

/// Where the block of JSON is that follows the mark.
fn block(page: &str, name: &str) -> (usize, usize) {
    let mark = format!("<!-- update: {name} -->\n```json\n");
    let start = page.find(&mark).unwrap() + mark.len();
    let end = start + page[start..].find("```").unwrap();
    (start, end)
}

struct Story {
    _server: ftrack_server::RunningServer,
    session: Session,
    events: Receiver<Value>,
}

impl Story {
    fn begin() -> Self {
        let server = support::server();
        let listener = support::session(&server);
        let (told, events) = mpsc::channel();
        let hub = listener.event_hub();
        hub.subscribe("topic=ftrack.update", move |event| {
            told.send(event.data["entities"].clone())?;
            Ok(None)
        })
        .unwrap();
        hub.connect().unwrap();
        let workers = hub.run_workers(1).unwrap();
        let session = support::session(&server);
        // They end with the process.
        std::mem::forget((workers, listener));
        Self {
            _server: server,
            session,
            events,
        }
    }

    fn one(&self, query: &str) -> Entity {
        self.session.query(query).one().unwrap()
    }

    /// What the next event says of this entity, and of what was made for it.
    fn next(&self, entity: &Entity) -> Value {
        let entities = self.events.recv_timeout(Duration::from_secs(60)).unwrap();
        let id = entity.id();
        let is_of_it = |told: &&Value| {
            let is_itself = told["entityId"] == id.as_str();
            let is_its = told["entity_type"] == "TypedContextStatusChange";
            is_itself || is_its && told["parentId"] == id.as_str()
        };
        let entities = entities.as_array().unwrap().iter();
        json!(entities.filter(is_of_it).collect::<Vec<_>>())
    }

    fn status(&self) -> Value {
        let task = self.one(
            "Task where name is lighting and parent.name is \"010\" and parent.parent.name is storm",
        );
        let approved = self.one("Status where name is Approved");
        let other = self.one("Status where name is \"On Hold\"");
        task.set("status", &other).unwrap();
        self.session.commit().unwrap();
        self.next(&task);
        task.set("status", &approved).unwrap();
        self.session.commit().unwrap();
        self.next(&task)
    }

    fn custom_attribute(&self) -> Value {
        let shot = self.one("Shot where name is \"010\" and parent.name is storm");
        let attributes = shot.custom_attributes().unwrap();
        attributes.set("fstart", 1009).unwrap();
        self.session.commit().unwrap();
        self.next(&shot)
    }

    fn create(&self) -> Entity {
        let parent = self.one("Sequence where name is storm");
        let values = values! { "name": "060", "parent": &parent };
        let shot = self.session.create("Shot", values).unwrap();
        self.session.commit().unwrap();
        shot
    }

    fn moves(&self, shot: &Entity) -> Value {
        let dawn = self.one("Sequence where name is dawn");
        shot.set("parent", &dawn).unwrap();
        self.session.commit().unwrap();
        self.next(shot)
    }

    fn delete(&self, shot: &Entity) -> Value {
        shot.delete().unwrap();
        self.session.commit().unwrap();
        self.next(shot)
    }
}

/// The value without what differs in every run: times, and ids that are made at random.
fn masked(value: &Value, shot: &str) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| masked(item, shot)).collect(),
        Value::Object(members) => {
            let is_change = members.get("entity_type") == Some(&json!("TypedContextStatusChange"));
            let own = members.get("entityId").and_then(Value::as_str);
            let own = own.filter(|_| is_change).map(str::to_owned);
            let members = members.iter().map(|(name, member)| {
                let member = masked(member, shot);
                (
                    name.clone(),
                    own.as_deref()
                        .map_or(member.clone(), |own| renamed(&member, own)),
                )
            });
            Value::Object(members.collect())
        }
        Value::String(text) if text == shot => json!("a0000000-0000-4000-8000-000000000060"),
        Value::String(text) if is_time(text) => json!(TIME),
        other => other.clone(),
    }
}

fn renamed(value: &Value, own: &str) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| renamed(item, own)).collect(),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, member)| (name.clone(), renamed(member, own)))
                .collect(),
        ),
        Value::String(text) if text == own => json!("c0000000-0000-4000-8000-000000000001"),
        other => other.clone(),
    }
}

fn is_time(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|character| {
            if character.is_ascii_digit() {
                '0'
            } else {
                character
            }
        })
        .collect();
    shape.starts_with("0000-00-00T00:00:00")
}
