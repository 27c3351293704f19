//! The API key: on the wire to its own server, and nowhere else.

use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use ftrack_session::{
    EncodeStrategy, Entity, Error, Formatter, ServerAccessor, Session, Trace, UserHelpers, values,
};
use ftrack_transport::{ConnectionOptions, RetryPolicy};
use tracing_subscriber::fmt::MakeWriter;

use crate::fake::{answering, forward, http, recording, serving};
use crate::support::builder_for;

/// The key of the test's server. What contains any part of it that is worth something is a leak.
const KEY: &str = "6e9fa2ce-the-key-that-nobody-may-see";
const PARTS: [&str; 3] = ["6e9fa2ce", "that-nobody-may", "secret-cookie"];

/// Everything that is logged in this process, at any level: only what matters is kept.
#[derive(Debug, Default)]
struct Watch {
    leaks: Mutex<Vec<String>>,
    targets: Mutex<Vec<&'static str>>,
}

/// Crates that have something to say in the story below: a log without them would prove nothing.
const TARGETS: [&str; 4] = [
    "ftrack_session",
    "ftrack_transport",
    "ftrack_event",
    "hyper",
];

impl Watch {
    fn see(&self, line: &str) {
        if PARTS.iter().any(|part| line.contains(part)) {
            self.leaks.lock().unwrap().push(line.to_owned());
        }
        for target in TARGETS {
            let mut seen = self.targets.lock().unwrap();
            if line.contains(target) && !seen.contains(&target) {
                seen.push(target);
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Log(&'static Watch);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.see(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        self.0
            .see(&format!("{} {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}

/// Watches all logs of this process from now on.
fn watch() -> &'static Watch {
    static WATCH: OnceLock<Watch> = OnceLock::new();
    let watch = WATCH.get_or_init(Watch::default);
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(Log(watch))
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    log::set_boxed_logger(Box::new(Log(watch))).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    watch
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
    let page = answering(http("502 Bad Gateway", "text/html", "<h1>lunch</h1>"));
    told(
        &mut text,
        &builder_for(&page).api_key(KEY).connect().unwrap_err(),
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
    let _ = session.get_widget_url("info", Some(&tasks[0]), None);
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
    assert!(server.get_url(&component).unwrap().contains(KEY));
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
    let watch = watch();
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
    let leaks = watch.leaks.lock().unwrap();
    assert!(leaks.is_empty(), "{leaks:#?}");
    let targets = watch.targets.lock().unwrap();
    for target in TARGETS {
        assert!(targets.contains(&target), "{target} is not in the log");
    }
}

/// Nothing of ours in what somebody else was sent.
#[track_caller]
fn is_clean(requests: &Mutex<Vec<Vec<u8>>>) {
    for request in &*requests.lock().unwrap() {
        let request = String::from_utf8_lossy(request).to_lowercase();
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
fn a_redirect_of_the_api_is_not_followed() {
    let (elsewhere, requests) = recording(http("200 OK", "application/json", "[]"));
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect"] {
        let moved =
            format!("HTTP/1.1 {status}\r\nlocation: {elsewhere}/api\r\ncontent-length: 0\r\n\r\n");
        let error = careful(&answering(moved.into_bytes()))
            .connect()
            .unwrap_err();
        assert!(error.to_string().contains("redirect"), "{error}");
        assert!(error.to_string().contains(&elsewhere), "{error}");
    }
    assert!(requests.lock().unwrap().is_empty());
}

#[test]
fn signed_addresses_and_redirects_of_files_go_elsewhere_without_the_key() {
    let server = ftrack_server::Server::builder()
        .demo(true)
        .api_key(KEY)
        .start()
        .unwrap();
    let (storage, requests) = recording(http("200 OK", "text/plain", "from elsewhere"));
    let (address, target) = (server.address(), storage.clone());
    let (front, _) = serving(move |request| {
        let text = String::from_utf8_lossy(request);
        if text.starts_with("GET /component/get") {
            let moved = format!(
                "HTTP/1.1 302 Found\r\nlocation: {target}/bucket/file?signature=s\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            return Ok(moved.into_bytes());
        }
        if text.contains("get_upload_metadata") {
            let url = format!("{target}/bucket/upload?signature=s");
            let answer = serde_json::json!([{"url": url, "headers": {"content-disposition": "x"}, "component_id": "c"}]);
            return Ok(http("200 OK", "application/json", &answer.to_string()));
        }
        forward(address, request)
    });
    let session: Session = careful(&front).connect().unwrap();
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

    let seen = requests.lock().unwrap().len();
    assert!(seen >= 2, "an upload and a download: {seen}");
    is_clean(&requests);
}

#[test]
fn watching_for_leaks_would_find_one() {
    let watch = Watch::default();
    watch.see(&format!("hyper: sent {KEY}"));
    assert_eq!(watch.leaks.lock().unwrap().len(), 1);
    let requests = Arc::new(Mutex::new(vec![
        format!("ftrack-api-key: {KEY}").into_bytes(),
    ]));
    assert!(std::panic::catch_unwind(|| is_clean(&requests)).is_err());
}
