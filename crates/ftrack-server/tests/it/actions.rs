//! Actions besides queries and writes.

use serde_json::{Value, json};

use crate::client::{Studio, send};

#[test]
fn a_reset_key_replaces_the_old_one_at_once() {
    let studio = Studio::new();
    let user = studio.create("User", &json!({"username": "ada", "is_active": true}));
    let reset = json!({"action": "reset_remote", "reset_type": "api_key", "entity_type": "User",
        "entity_key": user["id"]});
    let key = |answer: serde_json::Value| answer["data"]["api_key"].as_str().unwrap().to_owned();
    let (first, second) = (key(studio.one(&reset)), key(studio.one(&reset)));
    assert_ne!(first, second);
    let ask = |key: &str| {
        let credentials = [("ftrack-user", "ada"), ("ftrack-api-key", key)];
        let body = br#"[{"action":"query","expression":"select username from User"}]"#;
        send(studio.server.url(), "POST", "/api", &credentials, body).json()
    };
    assert_eq!(ask(&first)["exception"], "InvalidCredentialsError");
    assert!(ask(&second).is_array());
    studio.update("User", &user["id"], &json!({"is_active": false}));
    assert_eq!(ask(&second)["exception"], "InvalidCredentialsError");
    let mut other = reset.clone();
    other["reset_type"] = json!("password");
    studio.refused(&other);
    let mut other = reset;
    other["entity_type"] = json!("Task");
    studio.refused(&other);
}

#[test]
fn users_reset_no_key_but_their_own() {
    let studio = Studio::new();
    let user = studio.create("User", &json!({"username": "ada", "is_active": true}));
    let admin = studio.query("User where username is admin")[0]["id"].clone();
    let reset = |id: &serde_json::Value| json!([{"action": "reset_remote", "reset_type": "api_key", "entity_type": "User", "entity_key": id}]);
    let key = studio.call(&reset(&user["id"]))[0]["data"]["api_key"]
        .as_str()
        .unwrap()
        .to_owned();
    let credentials = [("ftrack-user", "ada"), ("ftrack-api-key", key.as_str())];
    let body = reset(&admin).to_string();
    let answer = send(
        studio.server.url(),
        "POST",
        "/api",
        &credentials,
        body.as_bytes(),
    )
    .json();
    assert_eq!(answer["exception"], "PermissionError");
}

#[test]
fn search_looks_for_all_terms_within_a_context() {
    let studio = Studio::new();
    let project = studio.project("p");
    let forest = studio.below("Sequence", "Forest", &project);
    let city = studio.below("Sequence", "City", &project);
    studio.below("Shot", "forest dawn", &forest);
    studio.below("Shot", "forest dusk", &city);
    let search = |fields: serde_json::Value| {
        let mut operation = json!({"action": "search", "entity_type": "TypedContext",
            "expression": "select name from TypedContext", "terms": [], "object_type_ids": []});
        operation
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        let answer = studio.one(&operation);
        assert_eq!(answer["action"], "search");
        let names: Vec<String> = answer["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entity| entity["name"].as_str().unwrap().to_owned())
            .collect();
        (names, answer["metadata"]["next"]["offset"].clone())
    };
    assert_eq!(
        search(json!({"terms": ["FOREST"]})).0,
        ["forest dawn", "forest dusk", "Forest"]
    );
    assert_eq!(
        search(json!({"terms": ["forest", "dusk"]})).0,
        ["forest dusk"]
    );
    assert_eq!(
        search(json!({"terms": ["forest"], "context_id": city["id"]})).0,
        ["forest dusk"]
    );
    let shot = "bad911de-3bd6-47b9-8b46-3476e237cb36";
    assert_eq!(
        search(json!({"terms": ["forest"], "object_type_ids": [shot]}))
            .0
            .len(),
        2
    );
    let paged = json!({"terms": ["forest"], "expression": "select name from TypedContext limit 2"});
    assert_eq!(search(paged).1, 2);
}

#[test]
fn widgets_have_addresses_with_tokens() {
    let studio = Studio::new();
    let project = studio.project("p");
    let answer = studio.one(
        &json!({"action": "get_widget_url", "name": "info", "theme": "dark",
        "entity_type": "Project", "entity_key": [project["id"]]}),
    );
    let url = answer["widget_url"].as_str().unwrap();
    assert!(url.starts_with(studio.server.url()));
    for part in ["token=", "theme=dark", project["id"].as_str().unwrap()] {
        assert!(url.contains(part), "{url}");
    }
    let again = studio.one(&json!({"action": "get_widget_url", "name": "tasks", "theme": null}));
    assert_ne!(again["widget_url"], answer["widget_url"]);
    studio.refused(&json!({"action": "get_widget_url", "name": "nothing"}));
}

#[test]
fn widget_addresses_lead_to_pages() {
    let studio = Studio::demo();
    let page = |operation: &Value| {
        let answer = studio.one(operation);
        let url = answer["widget_url"].as_str().unwrap().to_owned();
        let path = url.replace(studio.server.url(), "");
        let answer = crate::client::send(studio.server.url(), "GET", &path, &[], b"");
        (answer.status, String::from_utf8(answer.body).unwrap())
    };
    let shot = studio.query("Shot where name is \"010\" and parent.name is harbour")[0].clone();
    let name = "<script>\"&\\";
    let odd = studio.below("Task", name, &shot);
    let about = |widget: &str, entity: &Value, theme: Value| {
        json!({"action": "get_widget_url", "name": widget, "theme": theme,
            "entity_type": entity["__entity_type__"], "entity_key": [entity["id"]]})
    };
    let (status, text) = page(&about("info", &shot, json!("light")));
    assert_eq!(status, 200);
    assert!(
        text.contains("Wide: the bay at dusk") && text.contains("#ffffff"),
        "{text}"
    );
    let (status, text) = page(&about("info", &odd, json!("pink")));
    assert_eq!(status, 200);
    assert!(
        text.contains("&lt;script&gt;") && !text.contains("<script>"),
        "{text}"
    );
    assert!(
        text.contains("background:#222222"),
        "any other theme is the dark one"
    );
    let (status, text) = page(&about("tasks", &shot, Value::Null));
    assert!(status == 200 && text.contains("<td>layout</td>"), "{text}");
    let project = studio.query("Project where name is last_lantern")[0].clone();
    assert!(
        page(&about("tasks_browser", &project, Value::Null))
            .1
            .contains("animation")
    );
    let mine = json!({"action": "get_widget_url", "name": "tasks", "theme": null});
    assert_eq!(page(&mine).0, 200);

    let error = studio.refused(&json!({"action": "get_widget_url", "name": "info"}));
    assert!(
        error["content"]
            .as_str()
            .unwrap()
            .contains("is about an entity")
    );
    let answer = crate::client::send(studio.server.url(), "GET", "/widget/info?token=x", &[], b"");
    assert_eq!(answer.status, 404);
}

#[test]
fn invitations_and_delayed_jobs_are_answered() {
    let studio = Studio::new();
    let user = studio.query("User where username is admin")[0]["id"].clone();
    let invite = json!({"action": "send_user_invite", "user_id": user});
    assert_eq!(studio.one(&invite), json!({"sent": true}));
    studio.refused(&json!({"action": "send_user_invite", "user_id": "nobody"}));
    studio.refused(&json!({"action": "send_review_session_invite"}));
    let job = studio.one(&json!({"action": "delayed_job", "job_type": "SYNC_USERS_LDAP"}));
    assert_eq!(job["data"]["__entity_type__"], "Job");
    let stored = studio.query("select status, type from Job");
    assert_eq!(
        (&stored[0]["status"], &stored[0]["type"]),
        (&json!("done"), &json!("api_job"))
    );
    studio.refused(&json!({"action": "delayed_job", "job_type": "COFFEE"}));
}

#[test]
fn codes_of_phones_are_refused() {
    let studio = Studio::new();
    for (fields, expected) in [
        (json!({"secret": "s", "code": "123456"}), "two-factor"),
        (json!({"secret": "s"}), "needs the field code"),
        (
            json!({"secret": 5, "code": "1"}),
            "secret of configure_totp must be text",
        ),
    ] {
        let mut operation = fields;
        operation["action"] = json!("configure_totp");
        let refused = studio.refused(&operation);
        assert_eq!(refused["exception"], "ValidationError");
        assert!(
            refused["content"].as_str().unwrap().contains(expected),
            "{refused}"
        );
    }
}

#[test]
fn permissions_tell_the_roles_of_the_caller() {
    let studio = Studio::new();
    let answer = studio.one(&json!({"action": "permissions"}));
    assert_eq!(
        answer["data"]["security_roles"][0]["security_role"],
        "Administrator"
    );
    assert_eq!(answer["data"]["security_roles"][0]["projects"], json!(null));
}

#[test]
fn rollups_sum_over_everything_below() {
    let studio = Studio::new();
    let project = studio.project("p");
    let shot = studio.below("Shot", "010", &project);
    for (name, bid) in [("a", 100), ("b", 50)] {
        let task = studio.below("Task", name, &shot);
        studio.update("Task", &task["id"], &json!({"bid": bid}));
    }
    let answer =
        studio.one(&json!({"action": "compute_rollups", "ids": [project["id"], shot["id"]]}));
    assert_eq!(answer["data"][0]["bid"], 150.0);
    assert_eq!(answer["data"][1]["descendants"], 2);
}
