//! `group by`: rows of values.

use serde_json::{Value, json};

use crate::client::{Answer, Studio, reference};

/// A project with two shots, whose tasks have bids and statuses.
fn production() -> (Studio, Vec<Value>) {
    let studio = Studio::new();
    let project = studio.project("north");
    let statuses = studio.values("Status order by sort limit 2", "id");
    for (shot, bids) in [("010", [1.5, 2.0]), ("020", [4.0, 1.0])] {
        let description = (shot == "010").then_some("first");
        let shot = studio.below("Shot", shot, &project);
        for (number, (status, bid)) in statuses.iter().zip(bids).enumerate() {
            studio.create(
                "Task",
                &json!({"name": format!("anim{number}"), "parent": reference(&shot), "status_id": status, "bid": bid,
                    "description": description}),
            );
        }
    }
    (studio, statuses)
}

fn strictly(studio: &Studio, expression: &str) -> Answer {
    let body = json!([{"action": "query", "expression": expression}]);
    studio.post(
        &[("ftrack-strict-api", "true")],
        body.to_string().as_bytes(),
    )
}

fn rows(studio: &Studio, expression: &str) -> Value {
    let answer = strictly(studio, expression).json();
    assert!(answer.is_array(), "{expression}: {answer}");
    answer[0]["data"].clone()
}

#[test]
fn rows_hold_the_keys_of_the_groups_and_a_column_for_each_function() {
    let (studio, statuses) = production();
    let (first, second) = (&statuses[0], &statuses[1]);
    assert_eq!(
        rows(
            &studio,
            "select count(id) from Task group by status_id order by count_id, status_id limit 1"
        )[0]["count_id"],
        json!(2)
    );
    let text = "select status_id, count(id), count(description), sum(bid), avg(bid), min(bid), max(bid) \
                from Task where name like \"anim%\" group by status_id order by sum_bid descending";
    let first_row = json!({"status_id": first, "count_id": 2, "count_description": 1, "sum_bid": 5.5,
        "avg_bid": 2.75, "min_bid": 1.5, "max_bid": 4.0});
    let second_row = json!({"status_id": second, "count_id": 2, "count_description": 1, "sum_bid": 3.0,
        "avg_bid": 1.5, "min_bid": 1.0, "max_bid": 2.0});
    assert_eq!(rows(&studio, text), json!([first_row, second_row]));
}

#[test]
fn several_keys_make_a_group_for_each_combination() {
    let (studio, _) = production();
    let text = "select count(id) from Task group by parent_id, status_id";
    let found = rows(&studio, text);
    let found = found.as_array().unwrap();
    assert_eq!(found.len(), 4);
    for row in found {
        assert_eq!(row["count_id"], json!(1), "{row}");
        assert!(
            row["parent_id"].is_string() && row["status_id"].is_string(),
            "{row}"
        );
    }
    let nothing = "select count(id) from Task where name is lost group by parent_id";
    assert_eq!(rows(&studio, nothing), json!([]));
    let repeated = "select parent_id, count(id), count(id) from Task group by parent_id, parent_id";
    let body = String::from_utf8(strictly(&studio, repeated).body).unwrap();
    assert_eq!(body.matches("count_id").count(), 2, "{body}");
    assert_eq!(body.matches("parent_id").count(), 2, "{body}");
}

#[test]
fn groups_come_in_pages() {
    let (studio, _) = production();
    let page = |offset: u64| {
        let text = format!(
            "select count(id) from Task group by parent_id, status_id order by parent_id, status_id offset {offset} limit 3"
        );
        strictly(&studio, &text).json()[0].clone()
    };
    let (first, second) = (page(0), page(3));
    assert_eq!(first["metadata"]["next"]["offset"], json!(3));
    assert_eq!(second["metadata"]["next"]["offset"], Value::Null);
    assert_eq!(first["data"].as_array().unwrap().len(), 3);
    assert_eq!(second["data"].as_array().unwrap().len(), 1);
}

#[test]
fn groups_need_strict_mode_and_values_that_fit() {
    let (studio, _) = production();
    let text = "select count(id) from Task group by status_id";
    let refused = studio.refused(&json!({"action": "query", "expression": text}));
    let content = refused["content"].as_str().unwrap();
    assert!(content.contains("ftrack-strict-api"), "{content}");
    for (text, expected) in [
        (
            "select sum(name) from Task group by status_id",
            "sum needs numbers, which name has not",
        ),
        (
            "select count(id) from Task group by status",
            "groups are made of values of the type itself, which status is not",
        ),
        (
            "select count(id) from Task group by status.name",
            "groups are made of values of the type itself, which status.name is not",
        ),
        (
            "select count(id) from Task group by nothing",
            "Task has no attribute nothing",
        ),
        (
            "select count(id) from Task group by status_id order by name",
            "groups have no name to be sorted by, only status_id, count_id",
        ),
    ] {
        let answer = strictly(&studio, text);
        assert_eq!(answer.status, 400, "{text}");
        assert_eq!(answer.json()["content"], json!(expected), "{text}");
    }
    let answer = strictly(&studio, "select count(id) from Task").json();
    assert_eq!(answer["exception"], json!("ParseError"));
}

#[test]
fn what_one_may_not_see_is_not_counted() {
    let studio = Studio::demo();
    let all = rows(&studio, "select count(id) from Task group by project_id");
    assert!(all.as_array().unwrap().len() > 1, "{all}");
    let user = studio.create("User", &json!({"username": "guest", "is_active": true}));
    let key = studio.one(&json!({"action": "reset_remote", "reset_type": "api_key",
        "entity_type": "User", "entity_key": user["id"]}))["data"]["api_key"]
        .as_str()
        .unwrap()
        .to_owned();
    let body = json!([{"action": "query",
        "expression": "select count(id) from Task group by project_id"}]);
    let headers = [
        ("ftrack-user", "guest"),
        ("ftrack-api-key", key.as_str()),
        ("ftrack-strict-api", "true"),
    ];
    let url = studio.server.url();
    let answer = crate::client::send(url, "POST", "/api", &headers, body.to_string().as_bytes());
    let answer = answer.json();
    assert_eq!(answer[0]["data"], json!([]), "{answer}");
}
