//! What an event and what a row of the server's log say of an entity, in a form in which the two can be compared.
//!
//! The two have no id in common. What they share is the entity, what was done to it, and the values that it got.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::log::vocabulary::folded;

/// What was done to an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Deed {
    Add,
    /// Attributes have new values; so has its parent, if it was moved.
    Update,
    Remove,
    /// Somebody was assigned to it.
    Assign,
    /// Somebody is no longer assigned to it.
    Unassign,
    /// Something for which the server's log has no word.
    Other,
}

/// A change of one entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Change {
    /// The id of the entity.
    pub(crate) entity: String,
    pub(crate) deed: Deed,
    /// Checksums of the new values, by the names of their columns. Updates have them; of other changes the event and
    /// the row do not tell the same values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) values: BTreeMap<String, u32>,
}

impl Change {
    /// The change in one of the entities of an `ftrack.update`.
    pub(crate) fn from_entity(entity: &Json) -> Option<Self> {
        let deed = match entity["action"].as_str()? {
            "add" => Deed::Add,
            "update" | "move" => Deed::Update,
            "remove" => Deed::Remove,
            "assigned" => Deed::Assign,
            "unassigned" => Deed::Unassign,
            _ => Deed::Other,
        };
        let values = match (&entity["changes"], deed) {
            (Json::Object(changes), Deed::Update) => changes
                .iter()
                .map(|(column, change)| (column.clone(), checksum(&change["new"])))
                .collect(),
            _ => BTreeMap::new(),
        };
        let id = entity["entityId"].as_str()?;
        let name = entity["entity_type"]
            .as_str()
            .or(entity["entityType"].as_str());
        Some(Self {
            entity: match id.split_once(',') {
                Some((first, _)) => composite(first, name.unwrap_or_default()),
                None => id.to_owned(),
            },
            deed,
            values,
        })
    }

    /// Whether `row`, as the log has it, is this change or a part of it. The log has a row for the status, another for
    /// each custom attribute, and one for the rest.
    pub(crate) fn covers(&self, row: &Self) -> bool {
        if self.entity != row.entity || self.deed != row.deed || self.deed == Deed::Other {
            return false;
        }
        let mut common = row.values.iter().filter_map(|(column, new)| {
            let own = self.values.get(column)?;
            Some(own == new)
        });
        match common.next() {
            Some(first) => first && common.all(|same| same),
            None => row.values.is_empty(),
        }
    }

    /// Takes out what a row that it covers has told; whether there is nothing left that another row could tell.
    pub(crate) fn take(&mut self, row: &Self) -> bool {
        self.values
            .retain(|column, _| !row.values.contains_key(column));
        self.values.is_empty()
    }
}

/// An entity whose key has several parts. The log names the first of them.
pub(crate) fn composite(first: &str, entity_type: &str) -> String {
    format!("{first},{}", folded(entity_type))
}

/// A checksum of a value that is the same however it is spelled: events have custom attributes as text, and moments
/// without a tag.
pub(crate) fn checksum(value: &Json) -> u32 {
    crc32fast::hash(plain(value).as_bytes())
}

/// A value as text: `1` for true, numbers without needless decimals, lists with commas.
fn plain(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::Bool(value) => u8::from(*value).to_string(),
        Json::Number(number) => number
            .as_f64()
            .map_or_else(|| number.to_string(), |number| number.to_string()),
        Json::String(text) => match text.parse::<f64>() {
            Ok(number) => number.to_string(),
            Err(_) => text.clone(),
        },
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            items.join(", ")
        }
        Json::Object(object) => match (object.get("__type__"), object.get("value")) {
            (Some(_), Some(value)) => plain(value),
            _ => value.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn update(entity: &str, values: &[(&str, Json)]) -> Change {
        Change {
            entity: entity.to_owned(),
            deed: Deed::Update,
            values: values
                .iter()
                .map(|(column, new)| ((*column).to_owned(), checksum(new)))
                .collect(),
        }
    }

    #[test]
    fn a_value_is_the_same_however_it_is_spelled() {
        let cases = [
            (json!("1001.0"), json!(1001)),
            (json!("1"), json!(true)),
            (json!("a, b"), json!(["a", "b"])),
            (json!(null), json!("")),
            (
                json!("2026-11-30T09:00:00"),
                json!({"__type__": "datetime", "value": "2026-11-30T09:00:00"}),
            ),
        ];
        for (event, row) in cases {
            assert_eq!(checksum(&event), checksum(&row), "{event} {row}");
        }
        assert_ne!(checksum(&json!("a")), checksum(&json!("b")));
    }

    #[test]
    fn the_rows_of_one_change_are_found_and_each_only_once() {
        let mut change = Change::from_entity(&json!({
            "entityId": "t", "action": "update",
            "changes": {"statusid": {"old": "a", "new": "b"}, "bid": {"old": 1, "new": 2}},
        }))
        .unwrap();
        let status = update("t", &[("statusid", json!("b"))]);
        let bid = update("t", &[("bid", json!(2.0)), ("unknown", json!(1))]);
        assert!(change.covers(&status) && change.covers(&bid));
        assert!(!change.take(&status));
        assert!(!change.covers(&status), "it was told already");
        assert!(change.take(&bid));
    }

    #[test]
    fn another_entity_deed_or_value_is_another_change() {
        let change = update("t", &[("bid", json!(2))]);
        assert!(!change.covers(&update("u", &[("bid", json!(2))])));
        assert!(!change.covers(&update("t", &[("bid", json!(3))])));
        assert!(!change.covers(&update("t", &[("name", json!(2))])));
        let removed = Change {
            deed: Deed::Remove,
            ..update("t", &[])
        };
        assert!(!change.covers(&removed) && removed.covers(&removed));
        assert!(
            change.covers(&update("t", &[])),
            "a row that tells no values"
        );
    }
}
