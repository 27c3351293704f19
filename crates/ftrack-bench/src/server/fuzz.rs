//! Random requests to a server. What it knows afterwards must be the same after a restart, and in a server that begins
//! with its snapshot.
//!
//! A seed tells all that is sent, so that what was found can be found again.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::Path;

use ftrack_server::{RunningServer, Server};
use serde_json::{Map, Value, json};

use super::Outcome;
use super::child::{Client, KEY};
use crate::http::Connection;

/// How many requests there are by default; the command line may say another number.
const REQUESTS: usize = 2_000;
/// There are never more.
const MOST_REQUESTS: usize = 1_000_000;
/// After so many requests the states are compared.
const ROUND: usize = 200;

/// Runs it. The words of the command line may say how many requests there are to be, and their seed.
///
/// # Errors
/// A server that stops or answers with an error of its own, or states that differ.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let number = |position: usize| arguments.get(position).map(|text| text.parse::<u64>());
    let requests = match number(0).transpose()? {
        Some(count) => usize::try_from(count)?.min(MOST_REQUESTS),
        None => REQUESTS,
    };
    let seed = match number(1).transpose()? {
        Some(seed) => seed,
        None => fastrand::u64(..),
    };
    writeln!(
        std::io::stdout(),
        "{}",
        json!({"fuzz": "server", "requests": requests, "seed": seed})
    )?;
    let folder = tempfile::tempdir()?;
    let mut fuzzer = Fuzzer::new(seed, &folder.path().join("data"))?;
    let mut left = requests;
    while left > 0 {
        let round = left.min(ROUND);
        fuzzer.round(round, folder.path()).map_err(|error| {
            let causes = causes(&*error);
            format!("seed {seed}, {left} requests before the end: {causes}")
        })?;
        left -= round;
    }
    let Tally { accepted, refused } = fuzzer.tally;
    writeln!(
        std::io::stdout(),
        "{}",
        json!({"fuzz": "server", "accepted": accepted, "refused": refused, "rows": fuzzer.rows})
    )?;
    if accepted == 0 {
        return Err("no request was accepted, so nothing was compared".into());
    }
    Ok(())
}

/// An error with what it came from.
fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    accepted: usize,
    refused: usize,
}

struct Fuzzer {
    random: fastrand::Rng,
    types: Vec<EntityType>,
    server: Option<RunningServer>,
    /// Ids that were seen, by entity type.
    ids: BTreeMap<String, Vec<Value>>,
    data: std::path::PathBuf,
    tally: Tally,
    rows: usize,
}

/// As much of an entity type as making requests takes.
#[derive(Debug, Clone)]
struct EntityType {
    name: String,
    attributes: Vec<String>,
}

impl Fuzzer {
    fn new(seed: u64, data: &Path) -> Outcome<Self> {
        let server = start(data)?;
        let mut client = connect(&server)?;
        let answer = client.call(&json!([{"action": "query_schemas"}]))?;
        let answer: Value = serde_json::from_slice(&answer.body)?;
        let mut types: Vec<EntityType> = Vec::new();
        for schema in answer[0].as_array().into_iter().flatten() {
            let properties = schema["properties"].as_object();
            types.push(EntityType {
                name: schema["id"].as_str().unwrap_or_default().to_owned(),
                attributes: properties
                    .into_iter()
                    .flat_map(Map::keys)
                    .cloned()
                    .collect(),
            });
        }
        types.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(Self {
            random: fastrand::Rng::with_seed(seed),
            types,
            server: Some(server),
            ids: BTreeMap::new(),
            data: data.to_owned(),
            tally: Tally::default(),
            rows: 0,
        })
    }

    /// Sends requests, and compares what three servers know then.
    fn round(&mut self, requests: usize, folder: &Path) -> Outcome {
        self.learn()?;
        for _ in 0..requests {
            self.request()?;
        }
        let snapshot = |server: &RunningServer, name: &str| -> Outcome<String> {
            let path = folder.join(name);
            server.snapshot(&path)?;
            Ok(std::fs::read_to_string(path)?)
        };
        let server = self.server.take().ok_or("there is no server")?;
        let before = snapshot(&server, "before.jsonl")?;
        server.close()?;
        let again = start(&self.data)?;
        compare("a restart", &before, &snapshot(&again, "restarted.jsonl")?)?;
        let from = Server::builder()
            .api_key(KEY)
            .from_file(folder.join("before.jsonl"))
            .start()?;
        compare("a snapshot", &before, &snapshot(&from, "round.jsonl")?)?;
        self.rows = before.lines().count();
        self.server = Some(again);
        Ok(())
    }

    /// Sees what there is, to name some of it.
    fn learn(&mut self) -> Outcome {
        let server = self.server.as_ref().ok_or("there is no server")?;
        let mut client = connect(server)?;
        for entity_type in &self.types {
            let query = format!("select id from {} limit 200", entity_type.name);
            // Some types have no id, or cannot be asked for.
            let Ok(reply) = client.query(&query) else {
                client = connect(server)?;
                continue;
            };
            let answer: Value = serde_json::from_slice(&reply.body)?;
            let found = answer[0]["data"].as_array().into_iter().flatten();
            let ids = found.map(|entity| entity["id"].clone());
            let ids = ids.filter(Value::is_string).collect();
            self.ids.insert(entity_type.name.clone(), ids);
        }
        Ok(())
    }

    fn request(&mut self) -> Outcome {
        // All of a request is refused with one of its operations, so most have few.
        let count = match self.random.u8(0..4) {
            0 => self.random.usize(1..6),
            _ => 1,
        };
        let operations: Vec<Value> = (0..count).map(|_| self.operation()).collect();
        let server = self.server.as_ref().ok_or("there is no server")?;
        let mut client = connect(server)?;
        match client.call(&Value::Array(operations.clone())) {
            Ok(_) => self.tally.accepted += 1,
            Err(error) => {
                let text = error.to_string();
                let refusal: Value = serde_json::from_str(&text).unwrap_or_default();
                let is_refusal = refusal["exception"]
                    .as_str()
                    .is_some_and(|exception| exception != "ServerError");
                if !is_refusal {
                    return Err(
                        format!("{} is answered with {text}", Value::Array(operations)).into(),
                    );
                }
                self.tally.refused += 1;
            }
        }
        Ok(())
    }

    fn operation(&mut self) -> Value {
        match self.random.u8(0..16) {
            0..=2 => self.create(),
            3..=4 => self.update(),
            5..=6 => self.delete(),
            7..=8 => json!({"action": "query", "expression": self.query()}),
            9..=14 => self.plain_create(),
            _ => self.nonsense(),
        }
    }

    fn entity_type(&mut self) -> EntityType {
        let position = self.random.usize(0..self.types.len().max(1));
        self.types.get(position).cloned().unwrap_or(EntityType {
            name: "Task".to_owned(),
            attributes: Vec::new(),
        })
    }

    /// An entity of any type with any values; most are refused.
    fn create(&mut self) -> Value {
        let found = self.entity_type();
        let data = self.values(&found);
        json!({"action": "create", "entity_type": found.name, "entity_data": data})
    }

    /// An entity that is most likely accepted.
    fn plain_create(&mut self) -> Value {
        let name = format!("fuzz {}", self.random.u32(..));
        let (entity_type, data) = match self.random.u8(0..6) {
            0 => {
                let schema = self.id_of("ProjectSchema");
                let data = json!({"name": name, "full_name": name, "project_schema_id": schema});
                ("Project", data)
            }
            1 => (
                "Task",
                json!({"name": name, "parent_id": self.id_of("Project")}),
            ),
            2 => (
                "Shot",
                json!({"name": name, "parent_id": self.id_of("Project")}),
            ),
            3 => {
                let data = json!({"content": self.text(), "parent_id": self.id_of("Task"), "parent_type": "task",
                    "user_id": self.id_of("User")});
                ("Note", data)
            }
            4 => {
                let data = json!({"key": name, "value": self.text(), "parent_id": self.id_of("Task"),
                    "parent_type": "Task"});
                ("Metadata", data)
            }
            _ => (
                "FileComponent",
                json!({"name": name, "file_type": ".exr", "size": self.random.u32(..)}),
            ),
        };
        let mut data = data;
        data["__entity_type__"] = json!(entity_type);
        json!({"action": "create", "entity_type": entity_type, "entity_data": data})
    }

    fn update(&mut self) -> Value {
        let found = self.entity_type();
        let data = self.values(&found);
        let id = self.id_of(&found.name);
        json!({"action": "update", "entity_type": found.name, "entity_key": [id], "entity_data": data})
    }

    fn delete(&mut self) -> Value {
        // The administrator and their roles stay, or nothing more can be asked.
        const KEPT: [&str; 8] = [
            "User",
            "BaseUser",
            "Resource",
            "Project",
            "Context",
            "UserSecurityRole",
            "SecurityRole",
            "ObjectType",
        ];
        let found = self.entity_type();
        let name = if KEPT.contains(&found.name.as_str()) {
            "Task".to_owned()
        } else {
            found.name
        };
        json!({"action": "delete", "entity_type": name, "entity_key": [self.id_of(&name)]})
    }

    fn query(&mut self) -> String {
        let found = self.entity_type();
        let mut attribute = || {
            let position = self.random.usize(0..found.attributes.len().max(1));
            found.attributes.get(position).cloned().unwrap_or_default()
        };
        let (first, second, third) = (attribute(), attribute(), attribute());
        let value = self.text().replace(['"', '\\'], "");
        match self.random.u8(0..6) {
            0 => format!("select {first}, {second} from {} limit 5", found.name),
            1 => format!(
                "{} where {first} is \"{value}\" or {second} like \"%{value}%\"",
                found.name
            ),
            2 => format!(
                "{} where {first} any ({second} is_not null) order by {third}",
                found.name
            ),
            3 => format!(
                "select {first}.{second} from {} order by {third} descending limit 3",
                found.name
            ),
            4 => format!(
                "{} where id in (select {first} from {})",
                found.name, found.name
            ),
            _ => format!(
                "{} where {first} > {} and not {second} has ()",
                found.name,
                self.random.i8(..)
            ),
        }
    }

    fn nonsense(&mut self) -> Value {
        match self.random.u8(0..4) {
            0 => json!({"action": self.text()}),
            1 => self.value(3),
            2 => json!({"action": "query", "expression": self.text()}),
            _ => {
                json!({"action": "update", "entity_type": self.text(), "entity_key": self.value(2),
                "entity_data": self.value(2)})
            }
        }
    }

    fn values(&mut self, found: &EntityType) -> Value {
        let mut data = Map::new();
        data.insert("__entity_type__".to_owned(), json!(found.name));
        for attribute in &found.attributes {
            // The administrator must be able to log in at the next start.
            if attribute != "username" && attribute != "is_active" && self.random.u8(0..4) == 0 {
                let value = if attribute.ends_with("_id") || attribute == "id" {
                    self.any_id()
                } else {
                    self.value(2)
                };
                data.insert(attribute.clone(), value);
            }
        }
        Value::Object(data)
    }

    fn id_of(&mut self, entity_type: &str) -> Value {
        let ids = self.ids.get(entity_type).filter(|ids| !ids.is_empty());
        let Some(ids) = ids else {
            return json!("nothing");
        };
        let position = self.random.usize(0..ids.len());
        ids.get(position).cloned().unwrap_or_default()
    }

    fn any_id(&mut self) -> Value {
        let found = self.entity_type();
        match self.random.u8(0..8) {
            0 => Value::Null,
            1 => json!(format!(
                "{:08x}-0000-4000-8000-{:012x}",
                self.random.u32(..),
                self.random.u32(..)
            )),
            _ => self.id_of(&found.name),
        }
    }

    fn value(&mut self, depth: u8) -> Value {
        match self.random.u8(0..9) {
            0 => Value::Null,
            1 => json!(self.random.bool()),
            2 => json!(self.random.i64(..)),
            3 => json!(self.random.f64() * 1e6),
            4 => json!({"__type__": "datetime", "value": "2026-11-30T12:00:00"}),
            5 if depth > 0 => json!([self.value(depth - 1), self.value(depth - 1)]),
            6 if depth > 0 => json!({self.text(): self.value(depth - 1)}),
            _ => json!(self.text()),
        }
    }

    fn text(&mut self) -> String {
        const PARTS: [&str; 12] = [
            "a",
            "Shot",
            "010",
            " ",
            "ü",
            "\"",
            "\\",
            "%",
            "\n",
            "{",
            "null",
            "2026-11-30",
        ];
        let count = self.random.usize(0..5);
        let mut text = String::new();
        for _ in 0..count {
            let position = self.random.usize(0..PARTS.len());
            text.push_str(PARTS.get(position).copied().unwrap_or_default());
        }
        text
    }
}

fn start(data: &Path) -> Outcome<RunningServer> {
    Ok(Server::builder()
        .demo(true)
        .api_key(KEY)
        .data_dir(data)
        .start()?)
}

fn connect(server: &RunningServer) -> Outcome<Client> {
    Ok(Client::new(Connection::open(server.address())?))
}

/// Compares the lines of two snapshots; their order is part of what a server knows.
fn compare(what: &str, before: &str, after: &str) -> Outcome {
    let mut lines = (before.lines(), after.lines());
    for number in 1.. {
        match (lines.0.next(), lines.1.next()) {
            (None, None) => break,
            (left, right) if left == right => {}
            (left, right) => {
                return Err(format!(
                    "{what} changes line {number}:\n{}\n{}",
                    left.unwrap_or("(nothing)"),
                    right.unwrap_or("(nothing)")
                )
                .into());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_random_requests_leave_the_same_state_everywhere() {
        let outcome = run(&["60".to_owned(), "7".to_owned()]);
        assert!(outcome.is_ok(), "{outcome:?}");
    }

    #[test]
    fn states_that_differ_are_told_apart() {
        assert!(compare("x", "a\nb", "a\nb").is_ok());
        for (left, right) in [("a\nb", "a"), ("a", "a\nb"), ("a\nb", "b\na")] {
            assert!(compare("x", left, right).is_err());
        }
    }
}
