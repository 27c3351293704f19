//! Requests that ask for more than anybody needs: each is refused, and the server goes on.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use ftrack_server::{Error, Server, ServerLimits};
use serde_json::{Value, json};

use crate::client::{Answer, Studio, create};

/// A query that looks at everything below everything above everything below everything, eight times.
fn endless() -> String {
    let open = "descendants any (ancestors any (".repeat(4);
    format!(
        "Project where {open}name like \"%nowhere\"{}",
        ")".repeat(8)
    )
}

fn query(expression: &str) -> Value {
    json!([{"action": "query", "expression": expression}])
}

/// A server with the production to look at.
fn with_limits(change: impl FnOnce(&mut ServerLimits)) -> Studio {
    let mut limits = ServerLimits::default();
    change(&mut limits);
    let server = Server::builder().demo(true).limits(limits).start().unwrap();
    Studio { server }
}

fn strict(studio: &Studio, body: &[u8]) -> Answer {
    studio.post(&[("ftrack-strict-api", "true")], body)
}

/// Asserts that a request is refused with this status and a message that says this.
#[track_caller]
fn assert_refused(studio: &Studio, operations: &Value, status: u16, says: &str) {
    let answer = strict(studio, operations.to_string().as_bytes());
    let content = answer.json()["content"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert_eq!(answer.status, status, "{content}");
    assert!(content.contains(says), "{content}");
    let after = studio.query("select name from Project limit 1");
    assert_eq!(after.len(), 1, "the server goes on");
}

/// A connection that sends a query, and does not wait for the answer.
fn ask(studio: &Studio, expression: &str) -> TcpStream {
    let mut stream = TcpStream::connect(studio.server.address()).unwrap();
    let body = query(expression).to_string();
    write!(
        stream,
        "POST /api HTTP/1.1\r\nhost: x\r\nftrack-user: admin\r\nftrack-api-key: {}\r\nftrack-strict-api: true\r\n\
         content-length: {}\r\n\r\n{body}",
        studio.server.api_key(),
        body.len()
    )
    .unwrap();
    stream
}

#[test]
fn a_path_of_thousands_of_attributes_is_refused_wherever_it_stands() {
    let studio = Studio::demo();
    let path = |length: usize| format!("{}id", "parent.".repeat(length - 1));
    for (length, says) in [
        (7_300, "more than 64 attributes"),
        (33, "has 33 attributes"),
    ] {
        let path = path(length);
        for expression in [
            format!("Task where {path} is x"),
            format!("select {path} from Task"),
            format!("Task order by {path}"),
            format!("Task where {path} has ()"),
            format!("Task where {path} in (a)"),
            format!("Task where id in (select {path} from Task)"),
            format!("Task where parent has ({path} is x)"),
        ] {
            assert_refused(&studio, &query(&expression), 400, says);
        }
    }
    let expression = format!("select {0} from Task where {0} is x", path(32));
    assert_eq!(
        studio.query(&expression).len(),
        0,
        "as long a path as may be"
    );
}

#[test]
fn a_query_as_deep_as_may_be_is_evaluated() {
    let studio = with_limits(|limits| limits.steps = 1_000_000);
    let path = format!("{}parent", "parent.children.".repeat(15));
    let expression = format!(
        "Task where {}name like \"%nowhere\"{}",
        format!("not {path} has (").repeat(15),
        ")".repeat(15)
    );
    let answer = strict(&studio, query(&expression).to_string().as_bytes());
    // It is too much, or it is done; the server is there after it.
    assert!([200, 413].contains(&answer.status));
    assert_eq!(studio.query("Project limit 1").len(), 1);
}

#[test]
fn a_projection_of_three_thousand_attributes_is_refused() {
    let studio = Studio::demo();
    let path = "children.parent.".repeat(1_500) + "name";
    let expression = format!("select {path} from Project");
    assert_refused(&studio, &query(&expression), 400, "more than 64 attributes");
}

#[test]
fn a_query_without_end_is_over_when_its_steps_are() {
    let studio = with_limits(|limits| limits.steps = 300_000);
    assert_refused(&studio, &query(&endless()), 413, "more than 300000 steps");
    let search = json!([{"action": "search", "entity_type": "Project", "expression": endless(), "terms": ["x"]}]);
    assert_refused(&studio, &search, 413, "more than 300000 steps");
    let sub_select = format!("Task where parent_id in (select id from {})", endless());
    assert_refused(&studio, &query(&sub_select), 413, "more than 300000 steps");
}

#[test]
fn a_query_without_end_is_over_when_its_time_is() {
    let studio = with_limits(|limits| limits.time = Duration::from_millis(200));
    assert_refused(&studio, &query(&endless()), 413, "more than 0.2 seconds");
}

#[test]
fn what_is_read_while_writers_wait_may_take_less() {
    let studio = with_limits(|limits| limits.batch_steps = 100_000);
    let schema = studio.query("ProjectSchema limit 1")[0]["id"].clone();
    let data = json!({"name": "kept", "full_name": "kept", "project_schema_id": schema});
    let mut operations = json!([create("Project", &data)]);
    operations
        .as_array_mut()
        .unwrap()
        .extend(query(&endless()).as_array().unwrap().clone());
    assert_refused(&studio, &operations, 413, "more than 100000 steps");
    assert!(studio.query("Project where name is kept").is_empty());
}

#[test]
fn nobody_waits_for_a_long_query() {
    let studio = with_limits(|limits| limits.time = Duration::from_secs(600));
    let mut asking: Vec<TcpStream> = (0..4).map(|_| ask(&studio, &endless())).collect();
    let project = studio.project("beside");
    for number in 0..20 {
        studio.below("Task", &format!("task {number}"), &project);
        let id = &project["id"];
        let found = studio.query(&format!("Task where project_id is {id}"));
        assert_eq!(found.len(), number + 1);
    }
    for stream in &mut asking {
        stream.set_nonblocking(true).unwrap();
        let outcome = stream.read(&mut [0; 1]).map_err(|error| error.kind());
        assert_eq!(
            outcome,
            Err(std::io::ErrorKind::WouldBlock),
            "the query was not long"
        );
    }
}

#[test]
fn a_query_ends_when_its_client_leaves() {
    let studio = with_limits(|limits| {
        limits.time = Duration::from_secs(600);
        limits.steps = u64::MAX;
    });
    // So many that no further long query can even wait for its turn.
    let crowd: Vec<TcpStream> = (0..100).map(|_| ask(&studio, &endless())).collect();
    let is_refused = |mut stream: &TcpStream| {
        stream
            .set_read_timeout(Some(Duration::from_millis(20)))
            .unwrap();
        let mut head = [0; 12];
        stream.read_exact(&mut head).is_ok() && head.ends_with(b"503")
    };
    assert!((0..30).any(|_| crowd.iter().any(is_refused)));
    drop(crowd);
    // A query that takes a while, but ends by itself.
    let open = "descendants any (ancestors any (".repeat(2);
    let long = format!(
        "Project where {open}name like \"%nowhere\"{}",
        ")".repeat(4)
    );
    let mut answer = strict(&studio, query(&long).to_string().as_bytes());
    for _ in 0..200 {
        if answer.status != 503 {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
        answer = strict(&studio, query(&long).to_string().as_bytes());
    }
    assert_eq!(
        answer.status,
        200,
        "{}",
        String::from_utf8_lossy(&answer.body)
    );
}

#[test]
fn the_server_stops_in_the_middle_of_a_long_query() {
    let studio = with_limits(|limits| limits.time = Duration::from_secs(3_600));
    let _asking = ask(&studio, &endless());
    std::thread::sleep(Duration::from_millis(200));
    let (done, stopped) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        studio.server.stop();
        done.send(())
    });
    assert!(stopped.recv_timeout(Duration::from_secs(60)).is_ok());
}

#[test]
fn a_pattern_of_a_megabyte_is_refused() {
    let studio = Studio::demo();
    let pattern = "%a".repeat(500_000);
    let expression = format!("Task where name like \"{pattern}\"");
    assert_refused(
        &studio,
        &query(&expression),
        400,
        "a pattern of like has 1000000 bytes",
    );
}

#[test]
fn a_pattern_takes_steps_where_it_goes_back() {
    let studio = with_limits(|limits| limits.steps = 300_000);
    let description = "a".repeat(1_000_000);
    let project = studio.project("long");
    let data = json!({"name": "long", "parent_id": project["id"], "description": description});
    studio.create("Task", &data);
    let pattern = format!("%{}b", "a".repeat(4_000));
    let expression = format!("Task where name is long and description like \"{pattern}\"");
    assert_refused(&studio, &query(&expression), 413, "steps");
}

#[test]
fn a_short_query_cannot_ask_for_gigabytes() {
    let studio = with_limits(|limits| limits.answer_bytes = 1024 * 1024);
    let expression =
        "select descendants.ancestors.descendants.ancestors.descendants.id from Project";
    let body = query(expression).to_string();
    let headers = [
        ("ftrack-strict-api", "true"),
        ("ftrack-api-options", "denormalize:1"),
    ];
    let answer = studio.post(&headers, body.as_bytes());
    assert_eq!(answer.status, 413);
    let content = answer.json()["content"].as_str().unwrap().to_owned();
    assert!(
        content.starts_with("the answer is larger than 1048576 bytes"),
        "{content}"
    );
}

#[test]
fn many_answers_of_one_request_are_one_answer() {
    let studio = with_limits(|limits| limits.answer_bytes = 1024 * 1024);
    let one = &query("select name, description from Task")[0];
    let operations = Value::Array(vec![one.clone(); 2_000]);
    assert_refused(&studio, &operations, 413, "the answer is larger");
    let schemas = Value::Array(vec![json!({"action": "query_schemas"}); 100]);
    assert_refused(&studio, &schemas, 413, "the answer is larger");
    let mut writing = schemas.as_array().unwrap().clone();
    writing.push(create(
        "Project",
        &json!({"name": "kept", "full_name": "kept"}),
    ));
    assert_refused(&studio, &Value::Array(writing), 413, "the answer is larger");
}

#[test]
fn a_batch_of_four_hundred_thousand_queries_is_refused() {
    let studio = with_limits(|limits| limits.values = 10_000_000);
    let one = r#"{"action":"query","expression":"Task"}"#;
    let body = format!("[{}{one}]", format!("{one},").repeat(399_999));
    let answer = strict(&studio, body.as_bytes());
    let content = answer.json()["content"].as_str().unwrap().to_owned();
    assert_eq!(answer.status, 413, "{content}");
    assert!(content.contains("more than 100000 operations"), "{content}");
}

#[test]
fn a_body_of_small_objects_is_refused_before_it_is_read() {
    let studio = Studio::demo();
    let objects = format!("[{}{{}}]", "{},".repeat(20_900_000));
    assert!(objects.len() > 62_000_000);
    for (body, says) in [
        (format!("[{objects}]"), "more than 2000000 values"),
        (objects, "more than 100000 operations"),
    ] {
        let answer = strict(&studio, body.as_bytes());
        let content = answer.json()["content"].as_str().unwrap().to_owned();
        assert_eq!(answer.status, 413, "{content}");
        assert!(content.contains(says), "{content}");
    }
}

#[test]
fn values_of_all_kinds_have_an_order() {
    let studio = Studio::demo();
    let tasks = studio.query("select id from Task limit 60");
    assert!(tasks.len() >= 30);
    let operations: Vec<Value> = tasks
        .iter()
        .zip(0_u32..)
        .map(|(task, number)| {
            let value = match number % 5 {
                0 => json!(number),
                1 => json!(number.to_string()),
                2 => json!(format!("2015-06-{:02}", number % 28 + 1)),
                3 => json!(f64::from(number) + 0.5),
                _ => json!(format!("{number}x")),
            };
            let data = json!({"key": "mixed", "value": value, "parent_id": task["id"], "parent_type": "Task"});
            create("Metadata", &data)
        })
        .collect();
    let types = studio.query("select name from CustomAttributeType");
    let type_of =
        |name: &str| types.iter().find(|found| found["name"] == name).unwrap()["id"].clone();
    let task_type = studio.query("ObjectType where name is Task")[0]["id"].clone();
    for (key, kind) in [
        ("a_number", "number"),
        ("a_text", "text"),
        ("a_switch", "boolean"),
    ] {
        let config = if kind == "number" {
            json!({"isdecimal": true})
        } else {
            json!({})
        };
        let data = json!({"key": key, "label": key, "type_id": type_of(kind), "entity_type": "task",
            "object_type_id": task_type, "config": config.to_string(), "is_hierarchical": false});
        let answer = studio.call(&json!([create("CustomAttributeConfiguration", &data)]));
        assert!(answer.is_array(), "{answer}");
    }
    let values = studio.query("select value from ContextCustomAttributeValue order by value");
    assert!(values.len() >= 30);
    let descending =
        studio.query("select value from ContextCustomAttributeValue order by value descending");
    assert_eq!(values.len(), descending.len());
    // What is kept as text may be refused for some; the order is what is asked for.
    let _ = studio.call(&Value::Array(operations));
    let ordered = studio.query("Metadata order by value");
    assert_eq!(ordered.len(), studio.query("Metadata").len());
}

#[test]
fn an_empty_key_lets_nobody_in() {
    for key in ["", " ", "\t\n"] {
        let refused = Server::builder().api_key(key).start();
        assert!(matches!(refused, Err(Error::EmptyKey)), "{key:?}");
    }
}
