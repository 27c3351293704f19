use std::sync::Arc;

use ftrack_session::{ErrorKind, SchemaCache, Trace};
use ftrack_transport::{ApiResponse, ScriptedTransport};

use crate::{Studio, builder};

#[test]
fn a_session_knows_its_server() {
    let studio = Studio::new();
    let session = &studio.session;
    assert_eq!(session.server_url(), studio.server.url());
    assert_eq!(session.api_user(), "admin");
    assert!(session.types().any(|name| name == "Task"));
    assert!(session.server_information().version().is_some());
    assert!(session.server_information().is_timezone_support_enabled());
    assert!(!session.closed());
    let key = session.api_key().unwrap();
    assert_eq!(key.expose(), studio.server.api_key());
    assert!(!format!("{key:?} {session:?}").contains(studio.server.api_key()));
}

#[test]
fn a_known_schema_makes_starting_one_request() {
    let studio = Studio::new();
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let trace = Trace::new();
        let cache = SchemaCache::Folder(folder.path().into());
        let session = builder(&studio.server)
            .schema_cache(cache)
            .trace(&trace)
            .connect()
            .unwrap();
        (trace.request_count(), session.types().len())
    };
    assert_eq!(start(), (2, 128));
    assert_eq!(start(), (1, 128));
    for file in std::fs::read_dir(folder.path()).unwrap() {
        std::fs::write(file.unwrap().path(), b"ftrack-schemas-1 damaged").unwrap();
    }
    assert_eq!(start(), (2, 128), "a damaged file is read anew");
    assert_eq!(start(), (1, 128));
}

#[test]
fn a_wrong_key_is_refused_by_its_own_kind_and_never_shown() {
    let studio = Studio::new();
    let error = builder(&studio.server)
        .api_key("a-wrong-secret")
        .connect()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(!format!("{error} {error:?}").contains("a-wrong-secret"));
}

#[test]
fn an_address_without_a_scheme_is_explained() {
    let error = ftrack_session::SessionBuilder::new()
        .server_url("studio.example")
        .api_user("a")
        .api_key("k")
        .connect()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(
        error.to_string().contains("https://studio.example"),
        "{error}"
    );
}

#[test]
fn a_server_that_is_not_there_is_a_connection_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", taken.local_addr().unwrap());
    drop(taken);
    let retry = ftrack_session::RetryPolicy::none();
    let session = ftrack_session::SessionBuilder::new()
        .server_url(address)
        .api_user("a")
        .api_key("k")
        .retry(retry)
        .connect();
    let error = session.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.is_retryable());
}

#[test]
fn what_is_no_answer_is_malformed() {
    for body in ["<html>Welcome</html>", "[", "{}", "[1]", "null", "[[]]", ""] {
        let transport = ScriptedTransport::new();
        transport.push(ApiResponse::new(200, body));
        let error = ftrack_session::SessionBuilder::new()
            .transport(Arc::new(transport))
            .connect()
            .unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::MalformedAnswer,
            "{body:?}: {error}"
        );
    }
}

#[test]
fn an_old_server_is_refused() {
    let transport = ScriptedTransport::new();
    transport.push(ApiResponse::new(200, r#"[{"version": "3.2.1"}]"#));
    let error = ftrack_session::SessionBuilder::new()
        .transport(Arc::new(transport))
        .connect()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ServerCompatibility);
    assert!(error.is(ErrorKind::Server));
    assert!(error.to_string().contains("3.2.1"), "{error}");
}

#[test]
fn a_closed_session_answers_nothing_more() {
    let studio = Studio::new();
    let session = &studio.session;
    session.close();
    session.close();
    assert!(session.closed());
    assert_eq!(
        session.query("Project").first().unwrap_err().kind(),
        ErrorKind::ConnectionClosed
    );
    session
        .create("Project", ftrack_session::values! { "name": "late" })
        .unwrap();
    assert_eq!(
        session.commit().unwrap_err().kind(),
        ErrorKind::ConnectionClosed
    );
}
