//! The API key: on the wire to its own server, and nowhere else.

use std::fmt::Write as _;
use std::io;
use std::sync::Mutex;
use std::time::Duration;

use ftrack_session::{
    EncodeStrategy, Entity, Error, Formatter, ServerAccessor, Session, Trace, UserHelpers, values,
};
use ftrack_test_kit::http::{Received, Server, Then, answer, reply};
use ftrack_test_kit::log::Log;
use ftrack_transport::{ConnectionOptions, RetryPolicy};

use crate::support::builder_for;

/// The key of the test's server. What contains any part of it that is worth something is a leak.
const KEY: &str = "6e9fa2ce-the-key-that-nobody-may-see";
const PARTS: [&str; 3] = ["6e9fa2ce", "that-nobody-may", "secret-cookie"];

/// Crates that have something to say in the story below: a log without them would prove nothing.
const TARGETS: [&str; 4] = [
    "ftrack_session",
    "ftrack_transport",
    "ftrack_event",
    "hyper",
];

/// A log of lines with a part of the key, and of the first of each crate that has something to say.
fn watch() -> Log {
    let unseen = Mutex::new(TARGETS.to_vec());
    Log::with_filter(move |line| {
        let mut unseen = unseen.lock().unwrap();
        let before = unseen.len();
        unseen.retain(|target| !line.contains(target));
        unseen.len() < before || PARTS.iter().any(|part| line.contains(part))
    })
}

/// The lines with a part of the key.
fn leaks(log: &Log) -> Vec<String> {
    PARTS
        .iter()
        .flat_map(|part| log.lines_with(&[part]))
        .collect()
}

/// What is said of something, in every way that there is.
fn told(text: &mut String, error: &Error) {
    let _ = write!(text, "{error} {error:?} {error:#?} {:?} ", error.details());
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        let _ = write!(text, "{source} {source:?} ");
        cause = source.source();
    }
}

/// Everything that a program does, with much of it going wrong, and what the types of this crate say of themselves.
fn story(url: &str) -> String {
    let mut text = String::new();
    let trace = Trace::new();
    let builder = builder_for(url)
        .api_user("admin")
        .api_key(KEY)
        .cookie("affinity", "secret-cookie")
        .trace(&trace)
        .retry(RetryPolicy::default().retries(1));
    let _ = write!(text, "{builder:?}");
    let session = builder.connect().unwrap();
    told(
        &mut text,
        &builder_for(url)
            .api_key("6e9fa2ce-wrong")
            .connect()
            .unwrap_err(),
    );
    let unreachable = builder_for("http://127.0.0.1:1").api_key(KEY).connect();
    told(&mut text, &unreachable.unwrap_err());
    let page = Server::saying(answer("502 Bad Gateway", "text/html", "<h1>lunch</h1>"));
    told(
        &mut text,
        &builder_for(&page.url()).api_key(KEY).connect().unwrap_err(),
    );

    let task = entities(&session, &mut text);
    events(&session, &task, &mut text);
    files(&session, &mut text);
    let _ = write!(
        text,
        "{session:?} {:?} {:?}",
        session.downgrade(),
        session.api_key()
    );
    let _ = write!(
        text,
        "{:?} {:?}",
        session.server_information(),
        session.begin()
    );
    let _ = write!(text, "{:?} {trace:?}", trace.requests());
    let options = ConnectionOptions::new(url, "admin", KEY).unwrap();
    let _ = write!(text, "{options:?} {options:#?}");
    // Closing with something left to do is a warning.
    task.set("description", "never sent").unwrap();
    session.close();
    told(&mut text, &session.query("Task").first().unwrap_err());
    text
}

/// Reads, formats, encodes, changes and commits, with much of it going wrong; a task.
fn entities(session: &Session, text: &mut String) -> Entity {
    let query = session.query("select name, status.name from Task");
    let _ = write!(
        text,
        "{query:?} {:?}",
        query.clone().records::<serde_json::Value>()
    );
    let tasks = query.all().unwrap();
    let _ = write!(text, "{:?} {:?}", tasks[0], tasks[0].items().unwrap());
    let _ = write!(text, "{:?}", tasks[0].collection("timelogs").unwrap());
    let _ = write!(text, "{:?}", tasks[0].metadata().unwrap());
    let _ = write!(text, "{}", Formatter::new().format(&tasks[0]).unwrap());
    let _ = write!(
        text,
        "{}",
        session.encode(&tasks, EncodeStrategy::All).unwrap()
    );
    told(
        text,
        &session.query("Task where nmae is 1").all().unwrap_err(),
    );
    told(text, &session.query("Taks").all().unwrap_err());

    tasks[0].set("description", "changed").unwrap();
    let _ = write!(text, "{:?}", session.recorded_operations());
    let _ = write!(text, "{:?}", session.commit().unwrap());
    session
        .create("User", values! { "username": "admin" })
        .unwrap();
    told(text, &session.commit().unwrap_err());
    session.rollback();
    let jane = session.query("User where username is jane").one().unwrap();
    let _ = write!(text, "{:?}", jane.reset_api_key().unwrap());
    told(
        text,
        &session
            .call(&[serde_json::json!({"action": "nonsense"})])
            .unwrap_err(),
    );
    let _ = session.widget_url("info", Some(&tasks[0]), None);
    tasks[0].clone()
}

fn events(session: &Session, task: &Entity, text: &mut String) {
    let hub = session.event_hub();
    hub.connect().unwrap();
    let subscribed = hub.subscribe("topic=ftrack.update", |_| Ok(None)).unwrap();
    task.set("description", "changed again").unwrap();
    session.commit().unwrap();
    hub.wait(Duration::from_millis(300)).unwrap();
    let _ = write!(text, "{hub:?} {subscribed:?}");
}

fn files(session: &Session, text: &mut String) {
    let file = tempfile::Builder::new().suffix(".txt").tempfile().unwrap();
    std::fs::write(&file, "of a shot").unwrap();
    let server = session.location("ftrack.server").unwrap();
    let component = session
        .create_component(file.path(), values! {}, &server)
        .unwrap();
    // The address is made to be given away, key and all; it is not logged, and in no error.
    assert!(server.url(&component).unwrap().contains(KEY));
    let accessor = ServerAccessor::new(session);
    let mut content = String::new();
    let mut reader = ftrack_location::Accessor::open(&accessor, &component.id()).unwrap();
    io::Read::read_to_string(&mut reader, &mut content).unwrap();
    assert_eq!(content, "of a shot");
    let missing = ftrack_location::Accessor::open(&accessor, "no-such-component");
    let _ = write!(text, "{:?} {accessor:?} {server:?}", missing.err());
}

#[test]
fn the_key_is_in_no_log_and_no_text() {
    let log = watch();
    log.all_of_this_process();
    let server = ftrack_server::Server::builder()
        .demo(true)
        .api_key(KEY)
        .start()
        .unwrap();
    // It lets nobody in without the key: so that was on the wire.
    let text = story(server.url());
    for part in PARTS {
        assert!(!text.contains(part), "{part} is in {text}");
    }
    assert_eq!(leaks(&log), [""; 0]);
    for target in TARGETS {
        assert!(
            !log.lines_with(&[target]).is_empty(),
            "{target} is not in the log"
        );
    }
}

/// Nothing of ours in what somebody else was sent.
#[track_caller]
fn is_clean(requests: &[Received]) {
    for request in requests {
        let request = request.text().to_lowercase();
        for ours in [
            KEY,
            "secret-cookie",
            "ftrack-api-key",
            "ftrack-user",
            "x-studio",
        ] {
            assert!(!request.contains(ours), "{ours} is in {request}");
        }
    }
}

fn careful(url: &str) -> ftrack_session::SessionBuilder {
    builder_for(url)
        .api_user("admin")
        .api_key(KEY)
        .header("x-studio", "north")
        .cookie("affinity", "secret-cookie")
}

#[test]
fn signed_addresses_and_redirects_of_files_go_elsewhere_without_the_key() {
    let server = ftrack_server::Server::builder()
        .demo(true)
        .api_key(KEY)
        .start()
        .unwrap();
    let storage = Server::saying(answer("200 OK", "text/plain", "from elsewhere"));
    let (address, target) = (server.address(), storage.url());
    let front = Server::start(move |_, request, connection| {
        if request.line.starts_with("GET /component/get") {
            let location = format!("location: {target}/bucket/file?signature=s\r\n");
            return reply(connection, "302 Found", &location, b"");
        }
        if request.text().contains("get_upload_metadata") {
            let url = format!("{target}/bucket/upload?signature=s");
            let metadata = serde_json::json!([{"url": url, "headers": {"content-disposition": "x"}, "component_id": "c"}]);
            return reply(connection, "200 OK", "", metadata.to_string().as_bytes());
        }
        let answered = request.forward(address).unwrap();
        io::Write::write_all(connection, &answered).unwrap();
        Then::Close
    });
    let session: Session = careful(&front.url()).connect().unwrap();
    let accessor = ServerAccessor::new(&session);
    let values = values! { "name": "plate", "file_type": ".txt" };
    let component = session.create("FileComponent", values).unwrap();
    session.commit().unwrap();

    let options = ftrack_location::CreateOptions::default();
    let mut upload =
        ftrack_location::Accessor::create(&accessor, &component.id(), &options).unwrap();
    io::Write::write_all(&mut upload, b"of a shot").unwrap();
    upload.finish().unwrap();
    let mut content = String::new();
    let mut reader = ftrack_location::Accessor::open(&accessor, &component.id()).unwrap();
    io::Read::read_to_string(&mut reader, &mut content).unwrap();
    assert_eq!(content, "from elsewhere");

    let seen = storage.received();
    assert!(seen.len() >= 2, "an upload and a download: {seen:?}");
    is_clean(&seen);
}

#[test]
fn watching_for_leaks_would_find_one() {
    let log = watch();
    log.note(&format!("hyper: sent {KEY}"));
    assert!(!leaks(&log).is_empty());
    let mut request = Received::default();
    request.headers.push(("ftrack-api-key".into(), KEY.into()));
    assert!(std::panic::catch_unwind(|| is_clean(&[request])).is_err());
}
