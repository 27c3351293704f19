//! Dropping never waits: neither for a server that has stopped answering, nor for threads or uploads, wherever the last
//! handle is dropped.

use std::cell::RefCell;
use std::io::Write;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use ftrack_location::{Accessor, CreateOptions, Upload};
use ftrack_session::{RetryPolicy, SchemaCache, ServerAccessor, Session, WeakSession};
use ftrack_test_kit::http::{Server, Then, reply};
use ftrack_test_kit::wait::ends;

/// What the server answers before it falls silent: of itself, its entity types, and the first of many shots.
const ANSWERS: [&str; 3] = [
    r#"[{"version": "4.13.0", "schema_hash": "x", "is_timezone_support_enabled": true}]"#,
    r#"[[{"id": "Shot", "primary_key": ["id"], "default_projections": ["id", "name"], "properties": {
        "id": {"type": "string", "default": "{uid}"}, "name": {"type": "string"}}}]]"#,
    r#"[{"action": "query", "data": [{"__entity_type__": "Shot", "id": "s", "name": "010"}],
        "metadata": {"next": {"offset": 1}}}]"#,
];

/// A session of which a request is under way that is never answered, and the server that does not answer.
fn hung_session() -> (Session, Server) {
    let (sender, unanswered) = mpsc::channel();
    let server = Server::start(move |number, _, stream| {
        if let Some(answer) = ANSWERS.get(number) {
            return reply(stream, "200 OK", "", answer.as_bytes());
        }
        let _ = sender.send(());
        Then::Keep
    });
    let session = ftrack_session::SessionBuilder::new()
        .server_url(server.url())
        .api_user("ada")
        .api_key("key")
        .retry(RetryPolicy::none())
        .schema_cache(SchemaCache::Disabled)
        .connect()
        .unwrap();
    let mut shots = session.query("Shot").page_size(1).into_iter();
    assert_eq!(shots.next().unwrap().unwrap().id(), "s");
    // The next page was asked for.
    unanswered.recv_timeout(Duration::from_secs(60)).unwrap();
    drop(shots);
    (session, server)
}

fn is_gone(session: &WeakSession) -> bool {
    session.upgrade().is_none()
}

#[test]
fn on_a_worker_of_a_runtime() {
    ends("dropping a session", || {
        for workers in [1, 2] {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(workers)
                .enable_all()
                .build()
                .unwrap();
            let (session, _server) = hung_session();
            let weak = session.downgrade();
            runtime
                .block_on(runtime.spawn(async move { drop(session) }))
                .unwrap();
            assert!(is_gone(&weak));
        }
    });
}

#[test]
fn while_a_thread_ends() {
    thread_local! {
        static HELD: RefCell<Option<Session>> = const { RefCell::new(None) };
    }
    ends("dropping a session", || {
        let (session, _server) = hung_session();
        let weak = session.downgrade();
        // What a thread keeps for itself is dropped when its own things are half gone.
        thread::spawn(move || HELD.with(|held| held.replace(Some(session))))
            .join()
            .unwrap();
        assert!(is_gone(&weak));
    });
}

#[test]
fn while_the_process_unwinds() {
    ends("dropping a session", || {
        let (session, _server) = hung_session();
        let weak = session.downgrade();
        let panicked = thread::spawn(move || {
            let _session = session;
            std::panic::resume_unwind(Box::new("on purpose"));
        });
        assert!(panicked.join().is_err());
        assert!(is_gone(&weak));
    });
}

#[test]
fn with_an_upload_that_is_open() {
    ends("dropping a session", || {
        let (session, _server) = hung_session();
        let weak = session.downgrade();
        let mut upload = upload(&session);
        upload.write_all(b"pixels").unwrap();
        drop(session);
        assert!(
            is_gone(&weak),
            "an upload keeps the connection and no session"
        );
        drop(upload);
    });
}

#[test]
fn while_an_upload_is_being_sent() {
    ends("dropping a session", || {
        let (session, _server) = hung_session();
        let weak = session.downgrade();
        let mut upload = upload(&session);
        upload.write_all(b"pixels").unwrap();
        // Asks where to send the file to, and gets no answer.
        let sending = thread::spawn(move || upload.finish());
        drop(session);
        assert!(is_gone(&weak));
        assert!(!sending.is_finished(), "nobody answered");
    });
}

fn upload(session: &Session) -> Box<dyn Upload> {
    let accessor = ServerAccessor::new(session);
    let options = CreateOptions::new().file_name("plate.exr");
    accessor
        .create("0c1de1b6-30b5-4e2b-8a3c-6f1a7c5d9e10", &options)
        .unwrap()
}
