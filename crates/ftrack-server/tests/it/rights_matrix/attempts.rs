//! What is tried with a row.

use std::fmt;

use serde_json::{Value, json};

use super::fixture::Fixture;
use super::people::Person;
use super::{is_key, reference};
use crate::client::{Answer, Studio};
use crate::schema_description::{AttributeKind, EntityType, Members, Schema};

/// What somebody may do with a row. Nothing where it cannot be tried.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Outcome {
    reads: Option<bool>,
    searches: Option<bool>,
    counts: Option<bool>,
    filters: Option<bool>,
    sorts: Option<bool>,
    finds_in_collections: Option<bool>,
    pub(super) hears: Option<bool>,
    gets_file: Option<bool>,
    updates: Option<bool>,
    deletes: Option<bool>,
    deletes_owner: Option<bool>,
    takes_over: Option<bool>,
}

/// As the documentation says it: `reads` and `changes` stand for all of their kind that could be tried.
impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reading = [
            ("reads", self.reads),
            ("searches", self.searches),
            ("counts", self.counts),
            ("filters", self.filters),
            ("sorts", self.sorts),
            ("finds in collections", self.finds_in_collections),
            ("hears of", self.hears),
            ("gets the file of", self.gets_file),
        ];
        let changing = [("updates", self.updates), ("deletes", self.deletes)];
        let around = [
            ("deletes with its owner", self.deletes_owner),
            ("takes over", self.takes_over),
        ];
        let mut words = short("reads", &reading);
        words.extend(short("changes", &changing));
        let may = around.iter().filter(|(_, may)| *may == Some(true));
        words.extend(may.map(|(word, _)| *word));
        if words.is_empty() {
            return formatter.write_str("–");
        }
        formatter.write_str(&words.join(", "))
    }
}

/// One word where all hold, none where none does, else those that hold.
fn short<'w>(all: &'w str, tried: &[(&'w str, Option<bool>)]) -> Vec<&'w str> {
    let tried: Vec<_> = tried.iter().filter(|(_, may)| may.is_some()).collect();
    let may: Vec<&str> = tried
        .iter()
        .filter(|(_, may)| *may == Some(true))
        .map(|(word, _)| *word)
        .collect();
    if !may.is_empty() && may.len() == tried.len() {
        vec![all]
    } else {
        may
    }
}

/// What is tried, with the rows of the project that it is about, and of another one.
pub(super) struct Attempts<'t, 's> {
    pub(super) studio: &'t Studio,
    pub(super) schema: &'t Schema,
    pub(super) theirs: &'t Fixture<'s>,
    pub(super) ours: &'t Fixture<'s>,
}

/// Makes a batch fail after everything else of it was accepted.
fn nonsense() -> Value {
    json!({"action": "nonsense"})
}

/// Whether all operations before the nonsense were accepted.
fn is_accepted(answer: &Answer) -> bool {
    let answer = answer.json();
    let text = answer["content"].as_str().unwrap_or_default();
    text.contains("u'nonsense'")
}

impl Attempts<'_, '_> {
    /// Tries everything with the row of a type.
    pub(super) fn try_all(&self, person: &Person, name: &str) -> Outcome {
        let entity_type = &self.schema.types[name];
        let row = &self.theirs.rows[name];
        let is_key_of = is_key(self.schema, name, &row.key);
        let keys = entity_type.primary_key.join(", ");
        let query = |expression: String| json!({"action": "query", "expression": expression});
        let first = &entity_type.primary_key[0];
        let asked = person.post(&json!([
            query(format!("select {keys} from {name} where {is_key_of}")),
            query(format!("select {keys} from {name}")),
            query(format!("select {keys} from {name} where {first} like \"%\"")),
            query(format!("select {keys} from {name} order by {first} descending")),
            {"action": "search", "entity_type": name, "expression": format!("select {keys} from {name}"), "terms": []},
        ]));
        let answers = asked.json();
        assert!(answers.is_array(), "{name}: {answers}");
        let has_row = |answer: &Value| {
            let found = answer["data"].as_array().unwrap();
            let is_row = |entity: &Value| {
                let parts = entity_type.primary_key.iter().zip(&row.key);
                parts
                    .into_iter()
                    .all(|(attribute, part)| entity[attribute] == *part)
            };
            found.iter().any(is_row)
        };
        let reads = has_row(&answers[0]);
        self.compare_with_nothing(person, name, reads);
        let accepted = |operation| is_accepted(&person.post(&json!([operation, nonsense()])));
        let (updates, deletes) = (
            accepted(self.update(name)),
            accepted(delete(name, &row.key)),
        );
        let may_change = updates || deletes;
        Outcome {
            reads: Some(reads),
            counts: Some(has_row(&answers[1])),
            filters: Some(has_row(&answers[2])),
            sorts: Some(has_row(&answers[3])),
            searches: Some(has_row(&answers[4])),
            finds_in_collections: self.finds_in_collections(person, name),
            hears: None,
            gets_file: self.gets_file(person, name),
            updates: Some(updates),
            deletes: Some(deletes),
            // Whoever may change it may do this too.
            deletes_owner: (!may_change).then(|| self.deletes_owner(person, name)),
            takes_over: (!may_change && person.has_other_project)
                .then(|| self.takes_over(person, name, reads)),
        }
    }

    /// An update of an attribute that can be updated; of nothing, where there is none.
    fn update(&self, name: &str) -> Value {
        const PLAIN: [&str; 7] = [
            "name",
            "description",
            "comment",
            "content",
            "label",
            "text",
            "value",
        ];
        let entity_type = &self.schema.types[name];
        let is_free = |attribute: &&&str| {
            let kind = entity_type.attribute(attribute);
            kind.is_some_and(|found| matches!(found.kind, AttributeKind::Scalar(_)))
                && !entity_type
                    .immutable
                    .iter()
                    .any(|fixed| fixed == **attribute)
                && !entity_type.primary_key.iter().any(|key| key == **attribute)
        };
        let mut data = json!({"__entity_type__": name});
        if let Some(attribute) = PLAIN.iter().find(is_free) {
            data[*attribute] = json!("changed");
        }
        let key = &self.theirs.rows[name].key;
        json!({"action": "update", "entity_type": name, "entity_key": key, "entity_data": data})
    }

    /// A row that one does not see is answered as one that does not exist: in the same words, and with the same work.
    fn compare_with_nothing(&self, person: &Person, name: &str, reads: bool) {
        if reads {
            return;
        }
        let key = &self.theirs.rows[name].key;
        let none: Vec<Value> = key
            .iter()
            .map(|part| match part {
                Value::String(text) => json!(format!("{}0", &text[..text.len() - 1])),
                _ => json!(123_456),
            })
            .collect();
        let same = |operation: &dyn Fn(&[Value]) -> Value| {
            let ask = |key: &[Value]| {
                let answer = person.post(&json!([operation(key)]));
                let rows = answer.headers.split("rows;desc=").nth(1);
                let rows = rows.map(|rows| rows.lines().next().unwrap().to_owned());
                let mut body = String::from_utf8(answer.body).unwrap();
                for part in key {
                    body = body.replace(part.to_string().trim_matches('"'), "KEY");
                }
                (answer.status, rows, body)
            };
            assert_eq!(ask(key), ask(&none), "{name}");
        };
        same(
            &|key| json!({"action": "query", "expression": format!("{name} where {}", is_key(self.schema, name, key))}),
        );
        same(&|key| delete(name, key));
        same(&|key| {
            let mut update = self.update(name);
            update["entity_key"] = json!(key);
            update
        });
        same(
            &|key| json!({"action": "get_widget_url", "name": "info", "entity_type": name, "entity_key": key}),
        );
    }

    /// Whether the row is found in collections of what it refers to.
    fn finds_in_collections(&self, person: &Person, name: &str) -> Option<bool> {
        let row = &self.theirs.rows[name];
        let is_row = is_key(self.schema, name, &row.key);
        let mut asked = Vec::new();
        for owner in self.schema.types.values() {
            for (attribute, by) in self.collections_with(owner, name) {
                let Some(id) = row.data.get(by).and_then(Value::as_str) else {
                    continue;
                };
                let first = &self.schema.types[name].primary_key[0];
                for expression in [
                    format!(
                        "select id from {} where id is \"{id}\" and {attribute} any ({is_row})",
                        owner.name
                    ),
                    format!(
                        "select {attribute}.{first} from {} where id is \"{id}\"",
                        owner.name
                    ),
                ] {
                    asked.push(json!({"action": "query", "expression": expression}));
                }
            }
        }
        // Where an owner is of another type with the same id, there is no such row.
        let all = self.studio.call(&json!(asked));
        let seen = person.post(&json!(asked)).json();
        let pairs = |answers: &Value| -> Vec<(bool, bool)> {
            let answers = answers
                .as_array()
                .unwrap_or_else(|| panic!("{name}: {answers}"));
            let pair = |pair: &[Value]| {
                let text = pair[1]["data"].to_string();
                let mut parts = row.key.iter();
                let is_listed = row.key.len() == 1
                    && parts.all(|part| text.contains(part.to_string().trim_matches('"')));
                (pair[0]["data"] != json!([]), is_listed)
            };
            answers.chunks(2).map(pair).collect()
        };
        let both = pairs(&all).into_iter().zip(pairs(&seen));
        let owned = both.filter(|((exists, _), _)| *exists);
        let found: Vec<bool> = owned
            .map(|(_, (is_filtered, is_listed))| is_filtered || is_listed)
            .collect();
        (!found.is_empty()).then(|| found.into_iter().any(|found| found))
    }

    /// The collections of a type in which rows of another are by their foreign keys, with the names of these.
    fn collections_with<'a>(
        &self,
        owner: &'a EntityType,
        name: &str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let is_found = owner.primary_key == ["id"] && owner.is_reported;
        let attributes = owner.attributes.iter().filter(move |_| is_found);
        attributes.filter_map(move |attribute| match &attribute.kind {
            AttributeKind::Collection {
                target,
                members: Members::ForeignKey { by },
                is_restricted: false,
            } if self.schema.has_member(target, name) => {
                Some((attribute.name.as_str(), by.as_str()))
            }
            _ => None,
        })
    }

    /// Whether the file of a component, or of what the row is attached to, is there.
    fn gets_file(&self, person: &Person, name: &str) -> Option<bool> {
        let is_component = self.schema.is_kind_of(name, "Component");
        let row = &self.theirs.rows[name];
        let id = if is_component {
            row.key[0].clone()
        } else {
            row.data
                .get("component_id")
                .or_else(|| row.data.get("thumbnail_id"))?
                .clone()
        };
        let id = id.as_str()?.to_owned();
        // Whoever sees the component learns that it has no file; for others there is no component.
        let answer = person.get(&format!("/component/get?id={id}"));
        assert_eq!(answer.status, 404);
        Some(answer.json()["content"] == json!("the component has no file here"))
    }

    /// Whether something can be deleted with which the row goes.
    fn deletes_owner(&self, person: &Person, name: &str) -> bool {
        let row = &self.theirs.rows[name];
        let mut may = false;
        for attribute in &self.schema.types[name].attributes {
            let AttributeKind::Reference { target, via } = &attribute.kind else {
                continue;
            };
            let Some(id) = row.data.get(via) else {
                continue;
            };
            let delete = json!({"action": "delete", "entity_type": target, "entity_key": [id]});
            may |= is_accepted(&person.post(&json!([delete, nonsense()])));
        }
        may
    }

    /// Whether the row can be put into a collection of something in the other project.
    fn takes_over(&self, person: &Person, name: &str, reads: bool) -> bool {
        let row = reference(self.schema, name, &self.theirs.rows[name].key);
        let mut may = false;
        for owner in self.ours.rows.keys() {
            let entity_type = &self.schema.types[owner];
            for attribute in &entity_type.attributes {
                let AttributeKind::Collection {
                    target, members, ..
                } = &attribute.kind
                else {
                    continue;
                };
                let is_plain = match members {
                    Members::ForeignKey { .. } => true,
                    // To link something to what one sees takes nothing from anybody.
                    Members::Through { .. } => !reads,
                    _ => false,
                };
                if !is_plain || !self.schema.has_member(target, name) {
                    continue;
                }
                let data = json!({"__entity_type__": owner, &attribute.name: [row]});
                let key = &self.ours.rows[owner].key;
                let update = json!({"action": "update", "entity_type": owner, "entity_key": key, "entity_data": data});
                may |= is_accepted(&person.post(&json!([update, nonsense()])));
            }
        }
        may
    }
}

fn delete(name: &str, key: &[Value]) -> Value {
    json!({"action": "delete", "entity_type": name, "entity_key": key})
}
