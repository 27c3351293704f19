//! Rows as trees of JSON, completed.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

/// How many fields a bare reference has: type and id.
const BARE: usize = 2;

/// Makes rows complete by themselves: where the server spelled an entity out once and only
/// refers to it afterwards, its values are put back. True if the server was seen to do as it was asked and to spell
/// out an entity each time; then nothing is put back.
pub(super) fn complete(rows: &mut [Json]) -> bool {
    let mut known = Known::default();
    for row in &*rows {
        known.collect(row);
    }
    if !known.repeats {
        for row in rows.iter_mut() {
            known.fill(row);
        }
    }
    known.repeats
}

/// The entities of some rows.
#[derive(Default)]
struct Known {
    /// What was said of each where most was.
    entities: HashMap<String, Map<String, Json>>,
    /// Whether any was spelled out twice, the same both times.
    repeats: bool,
}

/// The type and all values that may be a key: of one entity, every occurrence shows the same ones.
fn identity(object: &Map<String, Json>) -> Option<String> {
    let entity_type = object.get("__entity_type__")?.as_str()?;
    let id = object.get("id")?.as_str()?;
    Some(format!("{entity_type} {id}"))
}

impl Known {
    fn collect(&mut self, value: &Json) {
        match value {
            Json::Array(items) => items.iter().for_each(|item| self.collect(item)),
            Json::Object(object) => {
                object.values().for_each(|item| self.collect(item));
                if let Some(identity) = identity(object) {
                    self.note(identity, object);
                }
            }
            _ => {}
        }
    }

    fn note(&mut self, identity: String, object: &Map<String, Json>) {
        let longest = self.entities.entry(identity).or_default();
        if object.len() > longest.len() {
            longest.clone_from(object);
        } else if object.len() > BARE && object.keys().eq(longest.keys()) {
            self.repeats = true;
        }
    }

    /// Puts values back into bare references. What is put back is not looked into again: it may lead back here.
    fn fill(&self, value: &mut Json) {
        match value {
            Json::Array(items) => items.iter_mut().for_each(|item| self.fill(item)),
            Json::Object(object) => {
                let whole = identity(object).and_then(|identity| self.entities.get(&identity));
                match whole.filter(|whole| object.len() <= BARE && whole.len() > object.len()) {
                    Some(whole) => object.clone_from(whole),
                    None => object.values_mut().for_each(|item| self.fill(item)),
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_complete_by_themselves() {
        let mut rows = [
            json!({"__entity_type__": "Task", "id": "a", "end": "x",
                "status": {"__entity_type__": "Status", "id": "s", "name": "Done"}}),
            json!({"__entity_type__": "Task", "id": "b", "end": null,
                "status": {"__entity_type__": "Status", "id": "s"}}),
        ];
        assert!(!complete(&mut rows));
        assert_eq!(rows[1]["status"]["name"], "Done");
    }

    #[test]
    fn entities_that_contain_each_other_end_somewhere() {
        let mut rows = [
            json!({"__entity_type__": "AssetVersion", "id": "1", "version": 1, "asset": {
                "__entity_type__": "Asset", "id": "a", "versions": [{"__entity_type__": "AssetVersion", "id": "1"}],
            }}),
        ];
        assert!(!complete(&mut rows));
        assert_eq!(rows[0]["asset"]["versions"][0]["version"], 1);
    }

    #[test]
    fn what_a_server_spells_out_each_time_is_as_it_was_asked_for() {
        let done = json!({"__entity_type__": "Status", "id": "s", "name": "Done"});
        let bare = json!({"__entity_type__": "Status", "id": "s"});
        let task = |id: &str| json!({"__entity_type__": "Task", "id": id, "status": done, "parent": {"status": bare}});
        let mut rows = [task("a"), task("b")];
        assert!(complete(&mut rows));
        assert_eq!(rows, [task("a"), task("b")]);
    }
}
