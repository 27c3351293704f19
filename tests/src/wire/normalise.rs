//! Making two recordings comparable.

use std::collections::HashMap;

use ftrack_query::Query;
use serde_json::Value;

use super::Batch;

/// The length of a dashed uuid, in bytes.
const ID_LENGTH: usize = 36;

/// Makes a recording comparable with another of the same story.
///
/// Ids that the client made for what it created are replaced by their number in the order of creation; the server's
/// own stay. Queries are replaced by their canonical text, so that spelling does not count; what the grammar does not
/// know stays as it is.
pub fn normalise(batches: &mut [Batch]) {
    let numbers = made(batches);
    for batch in batches {
        replace(&mut batch.body, &numbers);
    }
}

/// The ids in the keys of what is created, with their numbers.
fn made(batches: &[Batch]) -> HashMap<String, usize> {
    let mut numbers = HashMap::new();
    let actions = batches
        .iter()
        .filter_map(|batch| batch.body.as_array())
        .flatten();
    for action in actions.filter(|action| action["action"] == "create") {
        let key = action["entity_key"].as_array().into_iter().flatten();
        for id in key.filter_map(Value::as_str).filter(|id| places(id) == [0]) {
            let next = numbers.len() + 1;
            numbers.entry(id.to_owned()).or_insert(next);
        }
    }
    numbers
}

/// Where ids begin in `text`.
fn places(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut places = Vec::new();
    let mut start = 0;
    while start + ID_LENGTH <= bytes.len() {
        if is_id(&bytes[start..start + ID_LENGTH]) {
            places.push(start);
            start += ID_LENGTH;
        } else {
            start += 1;
        }
    }
    places
}

fn is_id(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().all(|(index, byte)| match index {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

fn replace(value: &mut Value, numbers: &HashMap<String, usize>) {
    match value {
        Value::String(text) => *text = renumbered(text, numbers),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, numbers)),
        Value::Object(members) => {
            for (name, member) in members {
                if name == "expression" {
                    canonical(member);
                }
                replace(member, numbers);
            }
        }
        _ => {}
    }
}

fn renumbered(text: &str, numbers: &HashMap<String, usize>) -> String {
    let mut renumbered = String::with_capacity(text.len());
    let mut end = 0;
    for start in places(text) {
        let id = &text[start..start + ID_LENGTH];
        renumbered.push_str(&text[end..start]);
        end = start + ID_LENGTH;
        match numbers.get(id) {
            Some(number) => {
                renumbered.push_str("new-");
                renumbered.push_str(&number.to_string());
            }
            None => renumbered.push_str(id),
        }
    }
    renumbered.push_str(&text[end..]);
    renumbered
}

fn canonical(expression: &mut Value) {
    if let Some(text) = expression.as_str()
        && let Ok(query) = Query::parse(text)
    {
        *expression = Value::String(query.to_string());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SERVERS: &str = "11c137c0-ee7e-4f9c-91c5-8c77cec22b2c";

    fn recording(body: Value) -> Vec<Batch> {
        vec![Batch {
            step: "query".to_owned(),
            body,
        }]
    }

    #[test]
    fn ids_that_clients_make_are_numbered_and_those_of_the_server_stay() {
        let story = |made: &str, other: &str| {
            let mut story = recording(json!([
                {"action": "create", "entity_key": [made], "entity_data": {"id": made, "type_id": SERVERS}},
                {"action": "create", "entity_key": [other], "entity_data": {"parent": {"id": made}}},
                {"expression": format!("select id from Task where id in ({SERVERS}, {other})")},
            ]));
            normalise(&mut story);
            story
        };
        let first = story(
            "00000000-0000-4000-8000-000000000001",
            "00000000-0000-4000-8000-000000000002",
        );
        let second = story(
            "ffffffff-0000-4000-8000-000000000001",
            "aaaaaaaa-0000-4000-8000-000000000002",
        );
        assert_eq!(first, second);
        assert_eq!(first[0].body[0]["entity_data"]["type_id"], SERVERS);
        assert_eq!(first[0].body[1]["entity_data"]["parent"]["id"], "new-1");
        let expression = first[0].body[2]["expression"].as_str().unwrap();
        assert!(
            expression.contains(SERVERS) && expression.contains("new-2"),
            "{expression}"
        );
    }

    #[test]
    fn queries_are_compared_by_meaning() {
        let text = |expression: &str| {
            let mut story = recording(json!([{"expression": expression}]));
            normalise(&mut story);
            story
        };
        let first = text("select id from Task where name='a'  offset 0 limit 500");
        assert_eq!(
            first,
            text("select id from Task where name is \"a\" limit 500 offset 0")
        );
        assert_ne!(
            first,
            text("select id from Task where name is \"a\" offset 0 limit 2"),
            "paging counts"
        );
    }

    #[test]
    fn text_that_is_no_query_stays() {
        let mut story = recording(json!([{"expression": "Task whatever é"}]));
        normalise(&mut story);
        assert_eq!(story[0].body[0]["expression"], "Task whatever é");
    }
}
