//! `ftrack.update`: what subscribers hear of writes.

use serde_json::{Value, json};

use crate::client::{Studio, create, delete, reference, update};
use crate::event_client::Peer;
use crate::permissions::Guest;

async fn listener(studio: &Studio) -> Peer {
    Peer::subscribed(studio, "listener", "topic=ftrack.update").await
}

/// The entities of the next update.
async fn entities(peer: &mut Peer) -> Vec<Value> {
    let event = peer.event().await;
    event["data"]["entities"].as_array().unwrap().clone()
}

/// The change of an entity of this type.
fn of<'a>(entities: &'a [Value], entity_type: &str) -> &'a Value {
    let mut found = entities
        .iter()
        .filter(|entity| entity["entity_type"] == entity_type);
    let first = found.next().unwrap_or_else(|| panic!("{entity_type}"));
    assert!(found.next().is_none(), "more than one {entity_type}");
    first
}

fn types(entity: &Value) -> Vec<&str> {
    let parents = entity["parents"].as_array().unwrap();
    parents
        .iter()
        .map(|parent| parent["entity_type"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn an_update_says_what_changed_below_what() {
    let studio = Studio::new();
    let project = studio.project("film");
    let shot = studio.below("Shot", "010", &project);
    let task = studio.below("Task", "comp", &shot);
    let mut peer = listener(&studio).await;
    let data = json!({
        "name": "anim", "end_date": {"__type__": "datetime", "value": "2026-01-02T03:04:05"},
    });
    studio.update("Task", &task["id"], &data);
    let event = peer.event().await;
    for (name, expected) in [
        ("topic", json!("ftrack.update")),
        ("target", json!("")),
        ("inReplyToEvent", json!(null)),
    ] {
        assert_eq!(event[name], expected, "{name}");
    }
    assert_eq!(event.as_object().unwrap().len(), 7);
    let user = studio.values("User where username is admin", "id");
    let source = &event["source"];
    assert_eq!(source["user"], json!({"id": user[0], "username": "admin"}));
    assert_eq!(source["applicationId"], "ftrack.client.web");
    assert!(event["sent"].is_string() && event["id"].is_string());
    let data = &event["data"];
    assert_eq!(data["user"]["userid"], user[0]);
    assert!(!data["user"]["name"].as_str().unwrap().is_empty());
    assert_eq!(data["pushToken"], Value::Null);
    assert_eq!(data["clientToken"], Value::Null);
    let above = [&project["id"], &shot["id"]];
    let parents = data["parents"].as_array().unwrap();
    assert_eq!(
        parents.len(),
        above.len() + 1,
        "the entity itself is among them"
    );
    assert!(above.iter().all(|id| parents.contains(id)));
    let parent = |entity: &Value, table: &str, above: &Value| {
        json!({
            "entityId": entity["id"], "entityType": table,
            "entity_type": entity["__entity_type__"], "parentId": above,
        })
    };
    let expected = json!([{
        "entity_type": "Task", "entityType": "task", "entityId": task["id"],
        "objectTypeId": task["object_type_id"], "action": "update", "parentId": shot["id"],
        "parents": [
            parent(&task, "task", &shot["id"]),
            parent(&shot, "task", &project["id"]),
            parent(&project, "show", &Value::Null),
        ],
        "keys": ["enddate", "name"],
        "changes": {
            "name": {"new": "anim", "old": "comp"},
            "enddate": {"new": "2026-01-02T03:04:05", "old": null},
        },
    }]);
    assert_eq!(data["entities"], expected);
}

#[tokio::test]
async fn creating_and_deleting_say_all_values() {
    let studio = Studio::new();
    let project = studio.project("film");
    let mut peer = listener(&studio).await;
    let shot = studio.below("Shot", "010", &project);
    let found = entities(&mut peer).await;
    let added = of(&found, "Shot");
    assert_eq!(added["action"], "add");
    assert_eq!(added["entityId"], shot["id"]);
    assert_eq!(added["parentId"], project["id"]);
    let change = json!({"new": "010", "old": null});
    assert_eq!(added["changes"]["name"], change);
    let change = json!({"new": project["id"], "old": null});
    assert_eq!(added["changes"]["parent_id"], change);
    assert_eq!(added["changes"]["showid"], change);
    studio.below("Task", "comp", &shot);
    entities(&mut peer).await;
    studio.one(&delete("Project", &project["id"]));
    let found = entities(&mut peer).await;
    for (entity_type, line) in [
        ("Project", &["Project"][..]),
        ("Shot", &["Shot", "Project"]),
        ("Task", &["Task", "Shot", "Project"]),
    ] {
        let removed = of(&found, entity_type);
        assert_eq!(removed["action"], "remove");
        assert_eq!(types(removed), line);
        assert!(removed["changes"]["name"]["old"].is_string());
        assert_eq!(removed["changes"]["name"]["new"], Value::Null);
    }
}

#[tokio::test]
async fn one_batch_is_one_update() {
    let studio = Studio::new();
    let project = studio.project("film");
    let mut peer = listener(&studio).await;
    let mut shot = create(
        "Shot",
        &json!({"id": "5f2e2f52-6e5f-4a3c-8f2e-111111111111", "name": "010"}),
    );
    shot["entity_data"]["parent"] = reference(&project);
    let id = shot["entity_data"]["id"].clone();
    let gone = create(
        "Shot",
        &json!({
            "id": "5f2e2f52-6e5f-4a3c-8f2e-222222222222", "name": "020", "parent": reference(&project),
        }),
    );
    let gone_id = gone["entity_data"]["id"].clone();
    let answer = studio.call(&json!([
        shot,
        update("Shot", &id, &json!({"name": "011"})),
        gone,
        delete("Shot", &gone_id),
        update("Project", &project["id"], &json!({"full_name": "b"})),
        update("Project", &project["id"], &json!({"full_name": "c"})),
    ]));
    assert!(answer.is_array(), "{answer}");
    let found = entities(&mut peer).await;
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(of(&found, "Shot")["action"], "add");
    assert_eq!(of(&found, "Shot")["changes"]["name"]["new"], "011");
    let changes = json!({"fullname": {"new": "c", "old": "film"}});
    assert_eq!(of(&found, "Project")["changes"], changes);
    assert_eq!(peer.topics().await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_changes_nothing_is_not_told() {
    let studio = Studio::new();
    let project = studio.project("film");
    let mut peer = listener(&studio).await;
    studio.query("Project");
    studio.update("Project", &project["id"], &json!({"full_name": "film"}));
    let batch = json!([
        update("Project", &project["id"], &json!({"full_name": "other"})),
        update("Project", &project["id"], &json!({"no_such_attribute": 1})),
    ]);
    assert!(studio.call(&batch)["exception"].is_string());
    let there_and_back = json!([
        update("Project", &project["id"], &json!({"full_name": "other"})),
        update("Project", &project["id"], &json!({"full_name": "film"})),
    ]);
    assert!(studio.call(&there_and_back).is_array());
    assert_eq!(peer.topics().await, Vec::<Value>::new());
}

#[tokio::test]
async fn tokens_of_the_request_come_back() {
    let studio = Studio::new();
    let project = studio.project("film");
    let mut peer = listener(&studio).await;
    for (headers, client, push) in [
        (vec![], Value::Null, Value::Null),
        (
            vec![("ftrack-Clienttoken", "me"), ("ftrack-pushtoken", "p1")],
            json!("me"),
            json!("p1"),
        ),
        (
            vec![
                ("ftrack-Clienttoken", "me"),
                ("ftrack-pushtoken", "undefined"),
            ],
            json!("me"),
            Value::Null,
        ),
        (vec![("ftrack-pushtoken", "")], Value::Null, Value::Null),
    ] {
        let name = uuid::Uuid::new_v4().to_string();
        let operation = update("Project", &project["id"], &json!({"full_name": name}));
        studio.post(&headers, json!([operation]).to_string().as_bytes());
        let event = peer.event().await;
        assert_eq!(event["data"]["clientToken"], client, "{headers:?}");
        assert_eq!(event["data"]["pushToken"], push, "{headers:?}");
        let change = &event["data"]["entities"][0]["changes"]["fullname"]["new"];
        assert_eq!(*change, json!(name));
    }
}

#[tokio::test]
async fn updates_can_be_filtered_by_who_caused_them() {
    let studio = Studio::new();
    let project = studio.project("film");
    let mut mine = Peer::subscribed(
        &studio,
        "mine",
        "topic=ftrack.update and data.clientToken=me and source.user.username=admin",
    )
    .await;
    let mut others = Peer::subscribed(
        &studio,
        "others",
        "topic=ftrack.* and not data.clientToken=me",
    )
    .await;
    for (token, name) in [("me", "a"), ("you", "b")] {
        let operation = update("Project", &project["id"], &json!({"full_name": name}));
        let headers = [("ftrack-clienttoken", token)];
        studio.post(&headers, json!([operation]).to_string().as_bytes());
    }
    for (peer, expected) in [(&mut mine, "a"), (&mut others, "b")] {
        let found = entities(peer).await;
        assert_eq!(found[0]["changes"]["fullname"]["new"], expected);
        assert_eq!(peer.topics().await, Vec::<Value>::new());
    }
}

#[tokio::test]
async fn custom_attributes_change_their_entity() {
    let studio = Studio::demo();
    let row = &studio.query(
        "select entity_id, key, value, configuration.type.name from ContextCustomAttributeValue \
         where configuration.type.name is text limit 1",
    )[0];
    let mut peer = listener(&studio).await;
    let key = json!([row["configuration_id"], row["entity_id"]]);
    for (value, old) in [("first", &row["value"]), ("second", &json!("first"))] {
        let data = json!({"__entity_type__": "ContextCustomAttributeValue", "value": value});
        studio.one(&json!({
            "action": "update", "entity_type": "ContextCustomAttributeValue",
            "entity_key": key, "entity_data": data,
        }));
        let found = entities(&mut peer).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["entityId"], row["entity_id"]);
        assert_eq!(found[0]["action"], "update");
        assert_eq!(found[0]["keys"], json!([row["key"]]));
        let change = &found[0]["changes"][row["key"].as_str().unwrap()];
        assert_eq!(*change, json!({"new": value, "old": old}));
    }
}

#[tokio::test]
async fn everything_stands_below_its_project() {
    let studio = Studio::demo();
    let version = &studio.query("select asset.parent from AssetVersion limit 1")[0];
    let mut peer = listener(&studio).await;
    let reference = reference(version);
    let note = studio.create(
        "Note",
        &json!({
            "content": "good", "parent_id": version["id"], "parent_type": "AssetVersion",
        }),
    );
    let found = entities(&mut peer).await;
    let line = types(of(&found, "Note"));
    assert_eq!(line[..3], ["Note", "AssetVersion", "Asset"]);
    assert_eq!(line.last(), Some(&"Project"));
    assert_eq!(of(&found, "Note")["changes"]["text"]["new"], "good");
    studio.create(
        "FileComponent",
        &json!({"name": "main", "version": reference}),
    );
    let found = entities(&mut peer).await;
    let line = types(of(&found, "FileComponent"));
    assert_eq!(line[..3], ["FileComponent", "AssetVersion", "Asset"]);
    studio.create(
        "Metadata",
        &json!({
            "key": "k", "value": "v", "parent_id": note["id"], "parent_type": "Note",
        }),
    );
    let found = entities(&mut peer).await;
    let line = types(of(&found, "Metadata"));
    assert_eq!(line[..3], ["Metadata", "Note", "AssetVersion"]);
    let id = format!("{},k", note["id"].as_str().unwrap());
    assert_eq!(of(&found, "Metadata")["entityId"], json!(id));
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_arrive_in_the_order_of_the_commits() {
    let studio = Studio::new();
    let project = studio.project("film");
    let mut peer = listener(&studio).await;
    let (threads, rounds) = (4, 25);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (studio, id) = (&studio, &project["id"]);
            scope.spawn(move || {
                for round in 0..rounds {
                    let name = json!({"full_name": format!("{thread}-{round}")});
                    studio.update("Project", id, &name);
                }
            });
        }
    });
    let mut last = json!("film");
    for _ in 0..threads * rounds {
        let found = entities(&mut peer).await;
        let change = &found[0]["changes"]["fullname"];
        assert_eq!(change["old"], last);
        last = change["new"].clone();
    }
}

#[tokio::test]
async fn updates_tell_of_what_one_may_see() {
    let studio = Studio::new();
    let (ours, theirs) = (studio.project("ours"), studio.project("theirs"));
    let guest = Guest::new(&studio);
    guest.allow(&ours);
    let mut all = listener(&studio).await;
    let mut some = Peer::connect_as(&studio, "ada", &guest.key).await;
    some.subscribe(json!({"id": "ada"}), "topic=ftrack.update")
        .await;
    studio.below("Shot", "theirs", &theirs);
    studio.call(&json!([
        create("Shot", &json!({"name": "both", "parent": reference(&ours)})),
        create(
            "Shot",
            &json!({"name": "both", "parent": reference(&theirs)})
        ),
    ]));
    let status = studio.query("Status limit 1")[0]["id"].clone();
    studio.update("Status", &status, &json!({"sort": 77}));
    studio.one(&delete("Project", &theirs["id"]));
    studio.one(&delete("Project", &ours["id"]));
    let projects = |event: &Value| -> Vec<Value> {
        let entities = event["data"]["entities"].as_array().unwrap();
        let tops = entities.iter().map(|entity| {
            let parents = entity["parents"].as_array().unwrap();
            parents.last().unwrap()["entityId"].clone()
        });
        let mut tops: Vec<Value> = tops.filter(|top| *top != guest.id).collect();
        tops.dedup();
        tops
    };
    let (ours, theirs) = (ours["id"].clone(), theirs["id"].clone());
    for expected in [
        vec![theirs.clone()],
        vec![ours.clone(), theirs.clone()],
        vec![status.clone()],
        vec![theirs.clone()],
        vec![ours.clone()],
    ] {
        assert_eq!(projects(&all.event().await), expected);
    }
    for expected in [vec![ours.clone()], vec![status], vec![ours]] {
        let event = some.event().await;
        assert_eq!(projects(&event), expected);
        assert!(
            !event.to_string().contains(theirs.as_str().unwrap()),
            "{event}"
        );
    }
}

#[tokio::test]
async fn moving_is_told_as_such_and_custom_values_as_text() {
    let studio = Studio::new();
    let project = studio.project("film");
    let (one, two) = (
        studio.below("Sequence", "one", &project),
        studio.below("Sequence", "two", &project),
    );
    let shot = studio.below("Shot", "010", &one);
    let mut peer = listener(&studio).await;
    studio.update("Shot", &shot["id"], &json!({"parent_id": two["id"]}));
    let found = entities(&mut peer).await;
    let moved = of(&found, "Shot");
    assert_eq!(moved["action"], "move");
    assert_eq!(
        moved["changes"]["parent_id"],
        json!({"new": two["id"], "old": one["id"]})
    );
    for (key, value, told) in [
        ("fstart", json!(1001), "1001.0"),
        ("difficulty", json!(["hard"]), "hard"),
    ] {
        crate::query::set_custom(
            &studio,
            "ContextCustomAttributeValue",
            key,
            &shot["id"],
            &value,
        );
        let found = entities(&mut peer).await;
        assert_eq!(of(&found, "Shot")["changes"][key]["new"], told, "{key}");
    }
    studio.below("Task", "comp", &shot);
    let found = entities(&mut peer).await;
    let added = of(&found, "Task");
    let empty = json!({"new": null, "old": null});
    assert_eq!(added["changes"]["description"], empty, "empty columns too");
}
