//! A plugin on the other side of the boundary, without a library in between.

use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::time::Duration;

use ftrack_plugin_abi::{Entry, LoadedLibrary};
use ftrack_session::extension::Internals;
use ftrack_session::{Plugin, PluginArguments, Result, SchemaCache, Session, SessionBuilder};
use ftrack_transport::{
    ApiResponse, Body, CallOptions, Completer, Pending, Request, Response, Transport,
};
use parking_lot::Mutex;

use crate::export::entry;
use crate::exported::Exported;
use crate::register::LibraryPlugin;

const SCHEMAS: &str = r#"[[{"id": "User", "primary_key": ["id"], "default_projections": ["id"],
    "properties": {"id": {"type": "string"}, "username": {"type": "string"}}}]]"#;

/// Answers what a session asks when it starts, echoes what is sent to it, and leaves calls to the test.
#[derive(Debug, Default)]
struct Server {
    calls: Mutex<Vec<Completer<ApiResponse>>>,
    exchanges: Mutex<Vec<(String, bool, Option<Duration>)>>,
}

impl Transport for Server {
    fn call(&self, body: Vec<u8>, _: CallOptions) -> Pending<ApiResponse> {
        let body = String::from_utf8(body).unwrap();
        let answer = if body.contains("query_server_information") {
            r#"[{"version": "4.13.0", "is_timezone_support_enabled": true}]"#
        } else if body.contains("query_schemas") {
            SCHEMAS
        } else {
            let (completer, pending) = Pending::channel();
            self.calls.lock().push(completer);
            return pending;
        };
        Pending::ready(Ok(ApiResponse::new(200, answer)))
    }

    fn request(&self, mut request: Request) -> Pending<Response> {
        let seen = (
            request.url().to_owned(),
            request.has_credentials(),
            request.time_limit(),
        );
        self.exchanges.lock().push(seen);
        let body: Box<dyn Read + Send> = match request.take_body() {
            Body::Bytes(bytes) => Box::new(Cursor::new(bytes)),
            Body::Reader { reader, .. } => reader,
            _ => Box::new(io::empty()),
        };
        let headers = vec![("x-method".to_owned(), format!("{:?}", request.method()))];
        Pending::ready(Ok(Response::new(201, headers, body)))
    }

    fn close(&self) {
        self.calls.lock().clear();
    }

    fn server_url(&self) -> &'static str {
        "https://studio.example"
    }
}

/// Keeps the session of the library for the test.
struct Keeper;

static KEPT: Mutex<Vec<Session>> = Mutex::new(Vec::new());

impl Plugin for Keeper {
    fn register(&self, session: &Session, _: &PluginArguments) -> Result<()> {
        KEPT.lock().push(session.clone());
        Ok(())
    }
}

struct KeeperLibrary;

impl Exported for KeeperLibrary {
    const NAME: &'static str = "keeper";
    const VERSION: &'static str = "1.0.0";

    fn plugin() -> Box<dyn Plugin> {
        Box::new(Keeper)
    }
}

static ENTRY: Entry = entry::<KeeperLibrary>();

/// A session, and the one that a plugin of it has.
fn sessions() -> (Arc<Server>, Session, Session) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock();
    let server = Arc::new(Server::default());
    let session = SessionBuilder::new()
        .transport(Arc::<Server>::clone(&server))
        .schema_cache(SchemaCache::Disabled)
        .connect()
        .unwrap();
    let library = LoadedLibrary::from_entry(&ENTRY).unwrap();
    let plugin = LibraryPlugin::new("keeper.so".into(), library, PluginArguments::default());
    plugin.register(&session).unwrap();
    let inner = KEPT.lock().pop().unwrap();
    (server, session, inner)
}

/// Gives what was asked for, a piece at a time.
struct Pieces(Vec<&'static [u8]>);

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.pop() {
            Some(mut piece) => piece.read(buffer),
            None => Ok(0),
        }
    }
}

#[test]
fn files_are_streamed_through_the_transport_of_the_program() {
    let (server, session, inner) = sessions();
    let transport = inner.transport();
    let read = |request| {
        let mut response = transport.request(request).wait().unwrap();
        let mut text = String::new();
        response.read_to_string(&mut text).unwrap();
        assert_eq!(response.status(), 201);
        (response.header("x-method").unwrap().to_owned(), text)
    };
    let pieces = Pieces(vec![b"es", b"m", b"fra"]);
    let upload = Request::put("https://storage.example/a").reader(pieces, Some(6));
    assert_eq!(read(upload), ("Put".to_owned(), "frames".to_owned()));
    let bytes = Request::put("https://studio.example/b")
        .with_credentials()
        .timeout(Duration::from_secs(5))
        .bytes(*b"bytes");
    assert_eq!(read(bytes), ("Put".to_owned(), "bytes".to_owned()));
    assert_eq!(read(Request::get("https://studio.example/c")).1, "");
    let expected = [
        ("https://storage.example/a".to_owned(), false, None),
        (
            "https://studio.example/b".to_owned(),
            true,
            Some(Duration::from_secs(5)),
        ),
        ("https://studio.example/c".to_owned(), false, None),
    ];
    assert_eq!(*server.exchanges.lock(), expected);
    session.close();
    let closed = transport.request(Request::get("https://studio.example/c"));
    assert!(matches!(
        closed.wait(),
        Err(ftrack_transport::Error::Closed)
    ));
}

#[test]
fn a_reader_that_fails_in_the_library_fails_in_the_program() {
    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }

    let (_server, _session, inner) = sessions();
    let request = Request::put("https://storage.example/a").reader(Broken, None);
    let mut response = inner.transport().request(request).wait().unwrap();
    let error = response.read_to_end(&mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("the disk is gone"), "{error}");
}

#[test]
fn answers_come_when_they_come_and_what_nobody_waits_for_is_cancelled() {
    let (server, _session, inner) = sessions();
    let transport = inner.transport();
    let mut first = transport.call(b"[1]".to_vec(), CallOptions::new());
    let second = transport.call(b"[2]".to_vec(), CallOptions::new());
    assert_eq!(first.wait_timeout(Duration::ZERO).unwrap(), None);
    drop(second);
    let mut calls = std::mem::take(&mut *server.calls.lock()).into_iter();
    let (answered, cancelled) = (calls.next().unwrap(), calls.next().unwrap());
    assert!(cancelled.is_cancelled() && !answered.is_cancelled());
    std::thread::spawn(move || answered.complete(Ok(ApiResponse::new(200, "[]"))));
    assert_eq!(first.wait().unwrap(), ApiResponse::new(200, "[]"));
}

#[test]
fn requests_under_way_are_interrupted_when_the_session_is_dropped() {
    let (_server, session, inner) = sessions();
    let transport = inner.transport();
    let waiting = transport.call(b"[1]".to_vec(), CallOptions::new());
    drop(session);
    assert!(matches!(
        waiting.wait(),
        Err(ftrack_transport::Error::Interrupted)
    ));
    let late = transport.call(b"[2]".to_vec(), CallOptions::new());
    assert!(matches!(late.wait(), Err(ftrack_transport::Error::Closed)));
}
