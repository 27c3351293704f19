//! What queries find. Most cases are lines of `cases/query.txt`.

use serde_json::{Value, json};

use crate::client::{Studio, create, reference};

const CASES: &str = include_str!("../cases/query.txt");

/// The production that the cases are about.
fn production() -> Studio {
    let studio = Studio::new();
    let north = studio.project("north");
    let south = studio.project("south");
    studio.update("Project", &north["id"], &json!({"full_name": "North"}));
    studio.update(
        "Project",
        &south["id"],
        &json!({"is_private": true, "full_name": "South"}),
    );
    let one = studio.below("Sequence", "one", &north);
    let two = studio.below("Sequence", "two", &south);
    let lib = studio.below("Folder", "lib", &north);
    studio.below("AssetBuild", "tree", &lib);
    let ada = studio.create("User", &json!({"username": "ada", "first_name": "Ada"}));
    let status =
        |name: &str| studio.query(&format!("Status where name is \"{name}\""))[0]["id"].clone();
    for (name, shape, start) in [("010", "round", None), ("020", "flat", Some(990))] {
        let shot = studio.below("Shot", name, &one);
        let id = shot["id"].clone();
        studio.create(
            "Metadata",
            &json!({"parent_id": id, "parent_type": "Shot", "key": "shape", "value": shape}),
        );
        if let Some(start) = start {
            set_custom(
                &studio,
                "ContextCustomAttributeValue",
                "fstart",
                &id,
                &json!(start),
            );
        }
        let anim = studio.below("Task", "anim", &shot);
        let comp = studio.below("Task", "comp", &shot);
        let date = |day: &str| json!({"__type__": "datetime", "value": day});
        let first = json!({"bid": 4, "description": "d", "start_date": date("2024-05-01T00:00:00"),
            "status_id": status("Not started")});
        studio.update("Task", &anim["id"], &first);
        let second = json!({"bid": 8, "start_date": date("2024-05-03T00:00:00+00:00"),
            "status_id": status("In progress")});
        studio.update("Task", &comp["id"], &second);
        if name == "010" {
            let appointment = |kind: &str, task: &Value| json!({"type": kind, "resource_id": ada["id"], "context_id": task["id"]});
            studio.create("Appointment", &appointment("assignment", &anim));
            studio.create("Appointment", &appointment("allocation", &comp));
            studio.create(
                "Timelog",
                &json!({"user_id": ada["id"], "context_id": anim["id"], "duration": 60, "comment": ""}),
            );
        }
    }
    studio.below("Shot", "010", &two);
    studio
}

/// Sets a custom attribute by its key.
pub(crate) fn set_custom(
    studio: &Studio,
    value_type: &str,
    key: &str,
    entity: &Value,
    value: &Value,
) {
    let entity = entity.as_str().unwrap();
    let rows = studio.query(&format!(
        "select configuration_id from {value_type} where entity_id is {entity} and key is {key}"
    ));
    studio.one(&json!({
        "action": "update", "entity_type": value_type,
        "entity_key": [rows[0]["configuration_id"], entity], "entity_data": {"value": value},
    }));
}

#[test]
fn queries_find_what_the_cases_say() {
    let studio = production();
    let mut wrong = Vec::new();
    let cases = CASES
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in cases {
        let (expression, expected) = line.split_once(" =>").expect("a case");
        let answer = studio.call(&json!([{"action": "query", "expression": expression}]));
        let found = match answer[0]["data"].as_array() {
            Some(entities) => entities
                .iter()
                .map(|entity| entity.get("name").or(entity.get("username")).unwrap())
                .map(|name| name.as_str().unwrap())
                .collect::<Vec<_>>()
                .join(" "),
            None => format!("!{}", answer["content"].as_str().unwrap_or_default()),
        };
        if found != expected.trim() {
            wrong.push(format!(
                "{expression}\n  expected {expected}\n  found    {found}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_list_attribute_can_be_projected_and_filtered() {
    let studio = production();
    let schemas = studio.one(&json!({"action": "query_schemas"}));
    let mut seen = 0;
    for schema in schemas.as_array().unwrap() {
        let entity_type = schema["id"].as_str().unwrap();
        for (name, property) in schema["properties"].as_object().unwrap() {
            let kind = property["type"].as_str().unwrap_or_default();
            let is_restricted = property.get("restricted_projection").is_some();
            if kind != "array" && kind != "mapped_array" {
                continue;
            }
            seen += 1;
            studio.query(&format!(
                "select id from {entity_type} where {name} any () limit 3"
            ));
            studio.query(&format!(
                "select id from {entity_type} where not {name} any () limit 3"
            ));
            let projection = json!({"action": "query", "expression": format!("select {name} from {entity_type} limit 3")});
            if is_restricted {
                studio.refused(&projection);
                continue;
            }
            for entity in studio.one(&projection)["data"].as_array().unwrap() {
                assert!(entity[name].is_array(), "{entity_type}.{name}: {entity}");
            }
        }
    }
    assert_eq!(seen, 348);
}

#[test]
fn every_reference_can_be_projected_and_filtered() {
    let studio = production();
    let schemas = studio.one(&json!({"action": "query_schemas"}));
    for schema in schemas.as_array().unwrap() {
        let entity_type = schema["id"].as_str().unwrap();
        for (name, property) in schema["properties"].as_object().unwrap() {
            if property.get("type").is_none() && property.get("$ref").is_some() {
                studio.query(&format!("select {name} from {entity_type} limit 3"));
                studio.query(&format!("{entity_type} where {name} has () limit 3"));
            }
        }
    }
}

#[test]
fn pages_follow_each_other_without_gaps() {
    let studio = production();
    let page = |expression: &str| {
        let answer = studio.one(&json!({"action": "query", "expression": expression}));
        let names: Vec<String> = answer["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entity| entity["id"].as_str().unwrap().to_owned())
            .collect();
        (names, answer["metadata"]["next"]["offset"].clone())
    };
    let (all, next) = page("select id from TypedContext");
    assert_eq!((all.len(), next), (11, Value::Null));
    let mut seen = Vec::new();
    let mut offset = json!(0);
    while !offset.is_null() {
        let (ids, next) = page(&format!(
            "select id from TypedContext offset {offset} limit 3"
        ));
        seen.extend(ids);
        offset = next;
    }
    assert_eq!(seen, all);
    assert_eq!(page("select id from Project limit 1").1, 1);
    assert_eq!(page("select id from Project limit 2").1, Value::Null);
    assert_eq!(
        page("select id from Project offset 1 limit 5").1,
        Value::Null
    );
}

#[test]
fn projections_reach_through_references_and_collections() {
    let studio = production();
    let shots = studio.query(
        "select parent.name, children.name, children.assignments.resource.username, link, metadata.value, \
         status.state.short from Shot where name is \"010\" and project.name is north",
    );
    let shot = &shots[0];
    assert_eq!(shot["parent"]["name"], "one");
    assert_eq!(shot["children"][0]["name"], "anim");
    assert_eq!(
        shot["children"][0]["assignments"][0]["resource"]["username"],
        "ada"
    );
    assert_eq!(shot["children"][1]["assignments"], json!([]));
    assert_eq!(shot["metadata"][0]["value"], "round");
    let link: Vec<&Value> = shot["link"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| &part["name"])
        .collect();
    assert_eq!(link, ["north", "one", "010"]);
    assert_eq!(shot["link"][0]["type"], "Project");
    assert!(shot["status"]["state"]["short"].is_string());
    let dates = studio.query("select start_date from Task where name is anim");
    let date = json!({"__type__": "datetime", "value": "2024-05-01T00:00:00"});
    assert_eq!(dates[0]["start_date"], date);
}

#[test]
fn custom_attributes_are_spelled_out_with_key_and_value() {
    let studio = production();
    let shots = studio.query("select custom_attributes from Shot where name is \"020\"");
    let values = shots[0]["custom_attributes"].as_array().unwrap();
    let start = values
        .iter()
        .find(|value| value["key"] == "fstart")
        .unwrap();
    assert_eq!(start["value"], 990);
    assert_eq!(start["__entity_type__"], "ContextCustomAttributeValue");
    assert_eq!(start["entity_id"], shots[0]["id"]);
    let key = format!("{} and {}", start["configuration_id"], start["entity_id"]);
    let (configuration, entity) = key.split_once(" and ").unwrap();
    let direct = studio.query(&format!(
        "select value, configuration.key from ContextCustomAttributeValue \
         where (configuration_id is {configuration}and entity_id is {entity})"
    ));
    assert_eq!(direct[0]["value"], 990);
    assert_eq!(direct[0]["configuration"]["key"], "fstart");
    let by_key = studio.query(
        "select value from CustomAttributeValue where configuration.key is fstart and value is 990",
    );
    assert_eq!(by_key.len(), 1);
}

#[test]
fn one_table_goes_by_two_names() {
    let studio = production();
    let labels = studio.values("select name from NoteLabel order by name", "name");
    let categories = studio.query("select name from NoteCategory order by name");
    assert!(!labels.is_empty());
    assert_eq!(
        categories
            .iter()
            .map(|found| found["name"].clone())
            .collect::<Vec<_>>(),
        labels
    );
    assert_eq!(categories[0]["__entity_type__"], "NoteCategory");
    let made = studio.create("NoteCategory", &json!({"name": "New"}));
    assert_eq!(made["__entity_type__"], "NoteCategory");
    assert_eq!(studio.query("NoteLabel where name is New").len(), 1);
}

#[test]
fn a_query_without_projections_gives_the_defaults() {
    let studio = production();
    let project = &studio.query("Project where name is north")[0];
    assert_eq!(project["name"], "north");
    assert_eq!(project["context_type"], "show");
    let sub = studio.query("select children from Project where name is north");
    assert_eq!(sub[0]["children"][0]["__entity_type__"], "Folder");
    assert!(reference(&sub[0]["children"][0])["id"].is_string());
}

#[test]
fn what_an_index_tells_is_what_looking_at_each_entity_tells() {
    let studio = production();
    let project = studio.query("Project where name is north")[0]["id"].clone();
    let project = project.as_str().unwrap();
    for (family, condition) in [
        ("Task", format!("project.id is {project}")),
        ("TypedContext", format!("project.id is \"{project}\"")),
        ("Task", "project.id is lost".to_owned()),
        ("Task", "status.name in (\"IN progress\", other)".to_owned()),
        ("Task", "status.state.short is NOT_STARTED".to_owned()),
        ("Task", "status.name is None".to_owned()),
        ("Context", "parent.name is ONE".to_owned()),
        (
            "Context",
            "parent.parent.name is one or name is lib".to_owned(),
        ),
        (
            "Task",
            "parent has (name is \"010\" or name is x)".to_owned(),
        ),
        (
            "Task",
            "parent has (name is \"010\" and parent.name is one)".to_owned(),
        ),
        (
            "Task",
            "parent.parent has (project.name is north)".to_owned(),
        ),
        ("Task", "parent[Shot].name is \"020\"".to_owned()),
        ("Shot", "children.name is anim".to_owned()),
        (
            "Shot",
            "children has (status.name is \"In progress\")".to_owned(),
        ),
        ("Metadata", "key is shape and value is round".to_owned()),
        ("NoteCategory", "name is Internal".to_owned()),
        (
            "ContextCustomAttributeValue",
            "configuration.key is fstart".to_owned(),
        ),
        ("Appointment", "resource.username is ADA".to_owned()),
        ("Appointment", "context.name is anim".to_owned()),
    ] {
        let told = studio.query(&format!("{family} where {condition}"));
        let looked_at = studio.query(&format!("{family} where not (not ({condition}))"));
        assert_eq!(told, looked_at, "{family} where {condition}");
        let both = format!("{family} where {condition} and not (not ({condition}))");
        assert_eq!(studio.query(&both), told, "{both}");
    }
}

#[test]
fn the_first_entities_of_an_order_are_those_of_the_whole_order() {
    let studio = Studio::new();
    let project = studio.project("film");
    let mut operations = Vec::new();
    for number in 0..120_i64 {
        let mut data = json!({"name": format!("t{number}"), "parent": reference(&project)});
        if number % 7 != 0 {
            data["bid"] = json!(number * 13 % 5);
            data["description"] = json!(format!("d{}", number * 31 % 11));
        }
        operations.push(create("Task", &data));
    }
    studio.call(&json!(operations));
    for order in [
        "name",
        "bid",
        "bid descending",
        "bid, description descending",
        "description descending, bid, name descending",
        "parent.name",
        "parent.name descending, bid descending",
        "status.name, bid",
        "link",
    ] {
        let all = studio.query(&format!("select id from Task order by {order}"));
        assert_eq!(all.len(), 120);
        for (offset, limit) in [
            (0, 1),
            (0, 3),
            (5, 10),
            (0, 59),
            (50, 30),
            (0, 119),
            (100, 40),
        ] {
            let page = studio.query(&format!(
                "select id from Task order by {order} offset {offset} limit {limit}"
            ));
            let expected: Vec<Value> = all.iter().skip(offset).take(limit).cloned().collect();
            assert_eq!(page, expected, "{order} offset {offset} limit {limit}");
        }
    }
    let bids = studio.values("select bid from Task order by bid", "bid");
    let numbers = bids.iter().filter_map(Value::as_f64);
    assert!(numbers.is_sorted(), "{bids:?}");
    assert!(
        bids.iter()
            .skip_while(|bid| !bid.is_null())
            .all(Value::is_null),
        "{bids:?}"
    );
    let same = studio.values(
        "select id from Task where bid is 2 order by parent.name",
        "id",
    );
    let same: Vec<&str> = same.iter().filter_map(Value::as_str).collect();
    assert!(same.len() > 10 && same.is_sorted(), "{same:?}");
}

/// How many entities the server looked at for a query.
fn examined(studio: &Studio, expression: &str) -> u64 {
    let operations = json!([{"action": "query", "expression": expression}]);
    let answer = studio.post(&[], operations.to_string().as_bytes());
    assert!(
        answer.json().is_array(),
        "{expression}: {:?}",
        answer.json()
    );
    let timing = answer.headers.split("rows;desc=\"").nth(1).unwrap();
    timing.split('"').next().unwrap().parse().unwrap()
}

#[test]
fn indexes_save_looking_at_everything() {
    let studio = Studio::new();
    let status =
        |name: &str| studio.query(&format!("Status where name is \"{name}\""))[0]["id"].clone();
    let statuses = [
        status("Not started"),
        status("In progress"),
        status("Approved"),
    ];
    let mut operations = Vec::new();
    let projects: Vec<Value> = (0..4)
        .map(|number| studio.project(&format!("p{number}")))
        .collect();
    for (number, project) in (0..400).zip(projects.iter().cycle()) {
        operations.push(create(
            "Task",
            &json!({"name": format!("t{number}"), "parent": reference(project), "status_id": statuses[number % 3]}),
        ));
    }
    let tasks = studio.call(&json!(operations));
    let task = tasks[7]["data"]["id"].as_str().unwrap();
    let project = projects[1]["id"].as_str().unwrap();
    let named = "status.name in (\"Not started\", \"In progress\")";
    for (expression, most) in [
        (format!("Task where id is {task}"), 1),
        (format!("Context where id in ({task}, {task})"), 1),
        ("Task where name is t8".to_owned(), 1),
        (format!("Task where project_id is {project}"), 100),
        (
            format!("Task where project.id is {project} and {named}"),
            100,
        ),
        (
            format!("Task where project.name is p1 and {named} limit 5"),
            12,
        ),
        (
            format!("Task where parent has (name is p1) and {named} limit 5"),
            12,
        ),
        (
            "Task where status.name is Approved and name is t2".to_owned(),
            1,
        ),
        ("Project where children any (name is t9)".to_owned(), 1),
        ("Task limit 5".to_owned(), 6),
    ] {
        let looked_at = examined(&studio, &expression);
        assert!(looked_at <= most, "{expression}: {looked_at}");
    }
    assert_eq!(
        examined(&studio, "Task where description is x"),
        400,
        "nothing else helps"
    );
}
