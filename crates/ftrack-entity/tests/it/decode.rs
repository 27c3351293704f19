use ftrack_entity::{Answer, Error, Expected, Identity, IdentityMap, Reply, Value, decode_batch};
use serde_json::json;

use crate::{answer, load, rows, schema, value};

fn task(key: &str) -> Identity {
    Identity::new("Task", key)
}

#[test]
fn rows_their_values_and_the_next_page_are_read() {
    let schema = schema();
    let body = json!([{"metadata": {"next": {"offset": 500}}, "action": "query", "data": [{
        "status": {"name": "Done", "__entity_type__": "Status", "id": "s"},
        "created_at": {"__type__": "datetime", "value": "2022-10-10T10:12:09"},
        "link": [{"id": "p", "type": "show", "name": "bunny"}],
        "bid": 8, "name": "model", "children": [], "__entity_type__": "Task", "id": "t",
    }]}]);
    let (identities, next, staged) = rows(&schema, "Task", &body.to_string());
    assert_eq!(identities, [task("t")]);
    assert_eq!(next, Some(500));
    assert_eq!(staged.len(), 2);

    let records = IdentityMap::new();
    let _held = records.merge(staged, &records.begin_request());
    assert_eq!(value(&records, &task("t"), "bid"), Value::from(8.0));
    assert_eq!(value(&records, &task("t"), "id").as_str(), Some("t"));
    assert_eq!(
        value(&records, &task("t"), "status"),
        Value::from(Identity::new("Status", "s"))
    );
    assert_eq!(
        value(&records, &Identity::new("Status", "s"), "name").as_str(),
        Some("Done")
    );
    assert_eq!(
        value(&records, &task("t"), "created_at").as_timestamp(),
        "2022-10-10T10:12:09".parse().ok()
    );
    assert_eq!(
        value(&records, &task("t"), "children").as_collection(),
        Some(&[][..])
    );
    assert!(
        matches!(value(&records, &task("t"), "link"), Value::Json(link) if link.to_value()[0]["name"] == "bunny")
    );
    assert!(value(&records, &task("t"), "parent").is_not_set());
}

#[test]
fn the_concrete_type_may_come_at_any_place() {
    let schema = schema();
    // `bid` is not an attribute of Context, which is what was asked for: it waits until the type is known.
    for text in [
        r#"{"__entity_type__": "Task", "id": "t", "name": "model", "bid": 8}"#,
        r#"{"id": "t", "bid": 8, "name": "model", "__entity_type__": "Task"}"#,
        r#"{"bid": 8, "__entity_type__": "Task", "name": "model", "id": "t"}"#,
    ] {
        let records = IdentityMap::new();
        let (identities, _, staged) =
            rows(&schema, "Context", &format!(r#"[{{"data": [{text}]}}]"#));
        let _held = records.merge(staged, &records.begin_request());
        assert_eq!(identities, [task("t")], "{text}");
        assert_eq!(
            value(&records, &task("t"), "bid").as_i64(),
            Some(8),
            "{text}"
        );
        assert_eq!(
            value(&records, &task("t"), "name").as_str(),
            Some("model"),
            "{text}"
        );
    }
}

#[test]
fn an_entity_that_is_spelled_out_once_and_referred_to_again_is_one() {
    let schema = schema();
    let records = IdentityMap::new();
    let data = json!([
        {"__entity_type__": "Task", "id": "a", "status": {"__entity_type__": "Status", "id": "s", "name": "Done"}},
        {"__entity_type__": "Task", "id": "b", "status": {"__entity_type__": "Status", "id": "s"}},
    ]);
    let identities = load(&schema, &records, "Task", &data);
    assert_eq!(identities, [task("a"), task("b")]);
    assert_eq!(records.len(), 3);
    assert_eq!(
        value(&records, &Identity::new("Status", "s"), "name").as_str(),
        Some("Done")
    );
}

#[test]
fn an_entity_may_contain_itself() {
    let schema = schema();
    let records = IdentityMap::new();
    let data = json!([{"__entity_type__": "Task", "id": "a", "name": "root", "children": [
        {"__entity_type__": "Task", "id": "b", "parent": {"__entity_type__": "Task", "id": "a"}},
    ]}]);
    load(&schema, &records, "Task", &data);
    assert_eq!(
        value(&records, &task("b"), "parent"),
        Value::from(task("a"))
    );
    assert_eq!(
        value(&records, &task("a"), "children").as_collection(),
        Some(&[task("b")][..])
    );
    assert_eq!(value(&records, &task("a"), "name").as_str(), Some("root"));
}

#[test]
fn composite_and_numeric_keys_are_read_in_key_order() {
    let schema = schema();
    let records = IdentityMap::new();
    let rows = load(
        &schema,
        &records,
        "Metadata",
        &json!([
            {"key": "fps", "value": "24", "parent_id": "p", "__entity_type__": "Metadata"},
        ]),
    );
    assert_eq!(rows[0].key().to_string(), "p, fps");
    let rows = load(
        &schema,
        &records,
        "Event",
        &json!([
            {"__entity_type__": "Event", "id": 17, "data": {"__type__": "date", "value": "2025-12-01"}},
        ]),
    );
    assert_eq!(value(&records, &rows[0], "id").as_i64(), Some(17));
    assert!(
        matches!(value(&records, &rows[0], "data"), Value::Date(day) if day.to_string() == "2025-12-01")
    );
}

#[test]
fn several_answers_share_their_entities() {
    let schema = schema();
    let body = json!([
        {"action": "create", "data": {"__entity_type__": "Task", "id": "a", "name": "model"}},
        {"action": "delete", "data": true},
        {"url": "http://ftrack.test/file", "headers": {}},
        {"action": "update", "data": {"__entity_type__": "Task", "id": "a", "bid": 2}},
    ]);
    let name = schema.entity_type("Task").unwrap().name();
    let expected = [
        Expected::Entity(name),
        Expected::Deleted,
        Expected::Json,
        Expected::Entity(name),
    ];
    let reply = decode_batch(body.to_string().as_bytes(), &schema, &expected).unwrap();
    let Reply::Accepted { answers, staged } = reply else {
        panic!("{reply:?}")
    };
    assert_eq!(answers[0], Answer::Entity(task("a")));
    assert_eq!(answers[1], Answer::Deleted);
    assert!(matches!(&answers[2], Answer::Json(json) if json["url"] == "http://ftrack.test/file"));
    assert!(staged.identities().all(|identity| *identity == task("a")));
}

#[test]
fn a_refusal_says_which_exception_and_why() {
    let body =
        br#"{"exception": "ValidationError", "content": "no {such} thing", "error_code": null}"#;
    let reply = decode_batch(body, &schema(), &[Expected::Deleted]).unwrap();
    let Reply::Rejected(rejection) = reply else {
        panic!("{reply:?}")
    };
    assert_eq!(rejection.exception, "ValidationError");
    assert_eq!(rejection.content, "no {such} thing");
}

#[test]
fn what_is_no_answer_is_an_error_that_says_where() {
    let schema = schema();
    let expected = [Expected::Rows(schema.entity_type("Task").unwrap().name())];
    let read = |body: &str| decode_batch(body.as_bytes(), &schema, &expected).unwrap_err();

    let body = answer(&json!([{"__entity_type__": "Task", "id": "a", "name": "model"}]));
    for length in 0..body.len() {
        let error = read(&body[..length]);
        assert!(
            matches!(error, Error::Malformed { .. } | Error::ResultCount { .. }),
            "{length}: {error:?}"
        );
    }
    assert!(matches!(
        read("<html>"),
        Error::Malformed {
            line: 1,
            column: 1,
            ..
        }
    ));
    assert!(matches!(
        read(&format!("{body} x")),
        Error::Malformed { .. }
    ));
    assert!(matches!(
        read("[]"),
        Error::ResultCount {
            sent: 1,
            received: 0
        }
    ));
    assert!(matches!(read("{}"), Error::Malformed { .. }));
    assert!(matches!(
        read(&answer(&json!([{"id": "a"}]))),
        Error::Malformed { .. }
    ));
    let unknown = read(&answer(&json!([{"__entity_type__": "Tusk", "id": "a"}])));
    assert_eq!(
        unknown.to_string(),
        "entity type \"Tusk\" is not known to this server; did you mean \"Task\"?"
    );
    let keyless = read(&answer(
        &json!([{"__entity_type__": "Metadata", "key": "a"}]),
    ));
    assert!(
        matches!(keyless, Error::MissingKey { ref attribute, .. } if attribute == "parent_id"),
        "{keyless:?}"
    );
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    let schema = schema();
    let expected = [Expected::Rows(schema.entity_type("Task").unwrap().name())];
    let open = r#"{"__entity_type__": "Task", "id": "a", "parent": "#.repeat(100_000);
    let body = format!(r#"[{{"data": [{open}"#);
    let error = decode_batch(body.as_bytes(), &schema, &expected).unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error:?}");
}
