//! The shape of requests, answers and errors.

use serde_json::{Value, json};

use crate::client::{Studio, create, delete, reference, send, update};

#[test]
fn server_information_says_what_clients_check() {
    let studio = Studio::new();
    let information = studio.one(&json!({"action": "query_server_information"}));
    assert_eq!(information["version"], "4.13.0");
    assert_eq!(information["is_timezone_support_enabled"], true);
    assert_eq!(
        information["storage_scenario"]["scenario"],
        "ftrack.automatic"
    );
    assert_eq!(information["user_information"]["username"], "admin");
    let schemas = studio.one(&json!({"action": "query_schemas"}));
    assert_eq!(schemas.as_array().unwrap().len(), 128);
    // By it clients know whether the copy of the schemas that they keep is still right.
    assert_eq!(
        information["schema_hash"],
        "0fea72c759947866ad619b6ec900ae10"
    );
    let some = studio.one(&json!({"action": "query_server_information", "values": ["version"]}));
    assert_eq!(some, json!({"version": "4.13.0"}));
}

#[test]
fn the_storage_scenario_is_a_setting() {
    let studio = Studio::new();
    let scenario = json!({"scenario": "ftrack.centralized-storage", "data": {"location_id": "x"}});
    let value = scenario.to_string();
    let found = studio.query("Setting where name is storage_scenario and group is STORAGE");
    if found.is_empty() {
        let data = json!({"name": "storage_scenario", "group": "STORAGE", "value": value});
        studio.create("Setting", &data);
    } else {
        studio.one(&json!({
            "action": "update", "entity_type": "Setting",
            "entity_key": ["storage_scenario", "STORAGE"], "entity_data": {"value": value},
        }));
    }
    let information = studio.one(&json!({"action": "query_server_information"}));
    assert_eq!(information["storage_scenario"], scenario);
}

#[test]
fn wrong_credentials_are_refused() {
    let studio = Studio::new();
    let url = studio.server.url();
    let key = studio.server.api_key();
    let body = br#"[{"action":"query_server_information"}]"#;
    for (user, key) in [("admin", "wrong"), ("nobody", key), ("", ""), ("admin", "")] {
        let credentials = [("ftrack-user", user), ("ftrack-api-key", key)];
        let answer = send(url, "POST", "/api", &credentials, body);
        assert_eq!(answer.status, 200, "{user}");
        assert_eq!(answer.json()["exception"], "InvalidCredentialsError");
        let strict = [
            credentials[0],
            credentials[1],
            ("ftrack-strict-api", "true"),
        ];
        assert_eq!(send(url, "POST", "/api", &strict, body).status, 401);
    }
    assert_eq!(
        send(url, "POST", "/api", &[], body).json()["exception"],
        "InvalidCredentialsError"
    );
}

#[test]
fn every_refusal_has_its_exception_and_status() {
    let studio = Studio::new();
    let project = studio.project("taken");
    let missing = json!("00000000-0000-4000-8000-000000000000");
    let query = |expression: &str| json!([{"action": "query", "expression": expression}]);
    let nested = format!("Task where {}name is x", "(".repeat(100_000));
    let cases: Vec<(Value, &str, u16)> = vec![
        (json!({"action": "query_schemas"}), "ValidationError", 400),
        (json!(["query_schemas"]), "ValidationError", 400),
        (json!([{}]), "ValidationError", 400),
        (json!([{"action": "conquer"}]), "ValidationError", 400),
        (json!([{"action": "query"}]), "ValidationError", 400),
        (
            json!([{"action": "query", "expression": 5}]),
            "ValidationError",
            400,
        ),
        (query("Task where"), "ParseError", 400),
        (query(&nested), "ParseError", 400),
        (
            query("Task where name is \"\u{0}\u{fffd}"),
            "ParseError",
            400,
        ),
        (query("Foo"), "ValidationError", 400),
        (query("select foo from Task"), "ValidationError", 400),
        (query("Task where bid is many"), "ValidationError", 400),
        (
            json!([{"action": "create", "entity_type": "Task"}]),
            "ValidationError",
            400,
        ),
        (
            json!([create("Project", &json!({"name": 5}))]),
            "ValidationError",
            400,
        ),
        (
            json!([create("Project", &json!({"nam": "x"}))]),
            "ValidationError",
            400,
        ),
        (
            json!([create("Context", &json!({"name": "x"}))]),
            "ValidationError",
            400,
        ),
        (
            json!([create("User", &json!({"username": "admin"}))]),
            "DuplicateEntryError",
            409,
        ),
        (
            json!([create("User", &json!({"user_type_id": missing}))]),
            "IntegrityError",
            400,
        ),
        (
            json!([update("Project", &missing, &json!({"name": "y"}))]),
            "NotFoundError",
            404,
        ),
        (
            json!([update("Project", &project["id"], &json!({"id": "y"}))]),
            "ValidationError",
            400,
        ),
        (json!([delete("Project", &missing)]), "NotFoundError", 404),
        (
            json!([delete("Metadata", &missing)]),
            "ValidationError",
            400,
        ),
    ];
    for (body, exception, status) in cases {
        let body = body.to_string();
        let answer = studio.post(&[("ftrack-strict-api", "false")], body.as_bytes());
        assert_eq!(answer.status, 200, "{body}");
        let error = answer.json();
        assert_eq!(error["exception"], exception, "{body}: {error}");
        assert!(!error["content"].as_str().unwrap().is_empty(), "{body}");
        assert_eq!(error["error_code"], Value::Null);
        let strict = studio.post(&[("ftrack-strict-api", "true")], body.as_bytes());
        assert_eq!(strict.status, status, "{body}");
    }
}

#[test]
fn unknown_actions_are_named_as_clients_expect() {
    let studio = Studio::new();
    let error = studio.refused(&json!({"action": "conquer"}));
    assert!(
        error["content"]
            .as_str()
            .unwrap()
            .contains("Invalid action u'conquer'")
    );
}

#[test]
fn unknown_names_are_named() {
    let studio = Studio::new();
    let of = |expression: &str| {
        let error = studio.refused(&json!({"action": "query", "expression": expression}));
        error["content"].as_str().unwrap().to_owned()
    };
    assert_eq!(of("Tusk"), "there is no entity type Tusk");
    assert_eq!(of("select nome from Task"), "Task has no attribute nome");
    assert_eq!(
        of("Task where status.nome is x"),
        "Status has no attribute nome"
    );
    assert_eq!(
        of("Task where name.x is y"),
        "name.x goes on after an attribute that is not an entity"
    );
    assert!(of("Task where parent[Nothing].name is x").contains("Nothing"));
}

#[test]
fn broken_bodies_change_nothing_and_the_server_goes_on() {
    let studio = Studio::new();
    let deep = "[".repeat(100_000);
    let bodies: [&[u8]; 7] = [
        b"",
        b"{",
        b"nonsense",
        b"[\"\xff\xfe\"]",
        deep.as_bytes(),
        b"null",
        b"[1, 2]",
    ];
    for body in bodies {
        let answer = studio.post(&[], body);
        assert_eq!(answer.status, 200);
        assert!(answer.json()["exception"].is_string());
    }
    assert!(studio.query("Project").is_empty());
}

#[test]
fn bodies_beyond_the_limit_are_refused() {
    let studio = Studio::new();
    let headers = [
        ("ftrack-user", studio.server.user()),
        ("ftrack-api-key", studio.server.api_key()),
        ("ftrack-strict-api", "true"),
    ];
    for size in [65, 100] {
        let body = vec![b' '; size * 1024 * 1024];
        let answer = send(studio.server.url(), "POST", "/api", &headers, &body);
        assert_eq!(answer.status, 413);
        assert_eq!(answer.json()["exception"], "ValidationError");
    }
    assert_eq!(studio.query("User where username is admin").len(), 1);
}

#[test]
fn an_entity_is_spelled_out_once_unless_asked_otherwise() {
    let studio = Studio::new();
    let project = studio.project("p");
    let shot = studio.below("Shot", "010", &project);
    for name in ["a", "b"] {
        studio.below("Task", name, &shot);
    }
    let body = json!([{
        "action": "query",
        "expression": "select name, parent.name, parent.children.name from Task order by name",
    }]);
    let normal = studio.call(&body)[0]["data"].clone();
    assert_eq!(normal[0]["parent"]["name"], "010");
    let own = &normal[0]["parent"]["children"][0];
    assert_eq!(
        own,
        &json!({"__entity_type__": "Task", "id": normal[0]["id"]})
    );
    assert_eq!(normal[0]["parent"]["children"][1]["name"], "b");
    let id = &shot["id"];
    assert_eq!(
        normal[1]["parent"],
        json!({"__entity_type__": "Shot", "id": id})
    );
    assert_eq!(normal[1]["name"], "b");

    let headers = [("ftrack-api-options", "strict:1;denormalize:1")];
    let full = studio.post(&headers, body.to_string().as_bytes()).json()[0]["data"].clone();
    for task in [&full[0], &full[1]] {
        assert_eq!(task["parent"]["name"], "010");
        assert_eq!(task["parent"]["children"][0]["name"], "a");
        assert_eq!(task["parent"]["children"][1]["name"], "b");
    }
}

#[test]
fn answers_carry_keys_system_projections_and_classifiers() {
    let studio = Studio::new();
    let project = studio.project("p");
    let task = studio.below("Task", "t", &project);
    let found = studio.query("select name from Context where name is t");
    assert_eq!(
        found,
        [json!({
            "__entity_type__": "Task", "id": task["id"], "name": "t", "context_type": "task",
            "object_type_id": "11c137c0-ee7e-4f9c-91c5-8c77cec22b2c", "project_id": project["id"],
        })]
    );
    let whole = studio.query("select parent, thumbnail from Task");
    assert_eq!(whole[0]["parent"]["__entity_type__"], "Project");
    assert_eq!(whole[0]["parent"]["context_type"], "show");
    assert_eq!(whole[0]["thumbnail"], Value::Null);
}

#[test]
fn create_answers_tell_what_the_server_filled() {
    let studio = Studio::new();
    let user = studio.create("User", &json!({"username": "ada", "first_name": "Ada"}));
    assert_eq!(user["user_type_id"], "ac9fa5aa-4361-11e0-b7cc-0019bb4983d8");
    assert_eq!(user["is_totp_enabled"], false);
    assert_eq!(user["resource_type"], "user");
    let changed = studio.update("User", &user["id"], &json!({"last_name": "L"}));
    assert_eq!(
        changed,
        json!({"__entity_type__": "User", "id": user["id"], "last_name": "L", "resource_type": "user"})
    );
    let plain = json!({"action": "update", "entity_type": "User", "entity_key": user["id"],
        "entity_data": {"email": "a@b"}});
    assert_eq!(
        studio.one(&plain)["data"]["email"],
        "a@b",
        "a plain string is a key too"
    );
}

#[test]
fn a_batch_mixes_actions_and_sees_its_own_writes() {
    let studio = Studio::new();
    let project = studio.project("p");
    let answers = studio.call(&json!([
        create("Shot", &json!({"id": "s-1", "name": "010", "parent": reference(&project)})),
        {"action": "query", "expression": "select name from Shot where parent.name is p"},
        delete("Shot", &json!("s-1")),
        {"action": "query", "expression": "Shot"},
        {"action": "query_server_information", "values": ["version"]},
    ]));
    assert_eq!(answers[0]["data"]["id"], "s-1");
    assert_eq!(answers[1]["data"][0]["name"], "010");
    assert_eq!(answers[2], json!({"action": "delete", "data": true}));
    assert_eq!(answers[3]["data"], json!([]));
    assert_eq!(answers[4]["version"], "4.13.0");
}

#[test]
fn what_a_batch_asks_first_is_what_there_was_before_it() {
    let studio = Studio::new();
    let project = studio.project("p");
    let shot = studio.below("Shot", "0", &project);
    let query = json!({"action": "query", "expression": "select name from Shot"});
    let rename = |name: &str| update("Shot", &shot["id"], &json!({"name": name}));
    let names = |operations: &[Value]| -> Vec<Value> {
        let answers = studio.call(&json!(operations));
        let answers = answers.as_array().unwrap().iter();
        let asked = answers.filter(|answer| answer["action"] == "query");
        asked
            .map(|answer| answer["data"][0]["name"].clone())
            .collect()
    };
    assert_eq!(names(&[query.clone(), rename("1")]), ["0"]);
    assert_eq!(names(&[rename("2"), query.clone()]), ["2"]);
    let both = [
        query.clone(),
        rename("3"),
        query.clone(),
        rename("4"),
        query.clone(),
    ];
    assert_eq!(names(&both), ["2", "3", "4"]);
    // Batches of any size do the same.
    let many = (0..150).map(|number| rename(&format!("many {number}")));
    let many: Vec<Value> = std::iter::once(query.clone()).chain(many).collect();
    assert_eq!(names(&many), ["4"]);
    let many: Vec<Value> = many.into_iter().skip(1).chain([query]).collect();
    assert_eq!(names(&many), ["many 149"]);
}

#[test]
fn a_batch_persists_completely_or_not_at_all() {
    let studio = Studio::new();
    let project = studio.project("p");
    let shot = studio.below("Shot", "010", &project);
    let before = studio.query("select name, description, metadata.key from TypedContext");
    let bad = create("User", &json!({"username": "admin"}));
    let answer = studio.call(&json!([
        update(
            "Shot",
            &shot["id"],
            &json!({"name": "changed", "description": "d"})
        ),
        create(
            "Metadata",
            &json!({"parent_id": shot["id"], "parent_type": "Shot", "key": "k", "value": "v"})
        ),
        create("Task", &json!({"name": "t", "parent": reference(&shot)})),
        delete("Shot", &shot["id"]),
        bad,
    ]));
    assert_eq!(answer["exception"], "DuplicateEntryError");
    assert_eq!(
        studio.query("select name, description, metadata.key from TypedContext"),
        before
    );
    assert!(studio.query("Metadata").is_empty());
    assert_eq!(
        studio.query("Shot where parent.name is p").len(),
        1,
        "indexes are as before"
    );
    assert!(studio.query("Shot where name is changed").is_empty());
    studio.below("Shot", "020", &project);
}

#[test]
fn pages_of_other_origins_may_ask_with_a_key() {
    let studio = Studio::new();
    let question = [
        ("origin", "http://localhost:3000"),
        ("access-control-request-method", "POST"),
        (
            "access-control-request-headers",
            "ftrack-user,ftrack-api-key",
        ),
    ];
    let allowed = send(studio.server.url(), "OPTIONS", "/api", &question, b"");
    assert_eq!(allowed.status, 204);
    assert!(
        allowed
            .headers
            .contains("access-control-allow-headers: ftrack-user,ftrack-api-key")
    );
    let body = br#"[{"action":"query_server_information"}]"#;
    let answer = studio.post(&[question[0]], body);
    // The official JavaScript client has browsers send cookies along, so the origin has to be named.
    for headers in [&allowed.headers, &answer.headers] {
        assert!(headers.contains("access-control-allow-origin: http://localhost:3000"));
        assert!(headers.contains("access-control-allow-credentials: true"));
        assert!(headers.contains("vary: origin"));
    }
    let anonymous = send(studio.server.url(), "POST", "/api", &question[..1], body);
    assert_eq!(anonymous.json()["exception"], "InvalidCredentialsError");
}
