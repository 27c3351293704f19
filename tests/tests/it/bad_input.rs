//! What goes wrong between a session and what it believes to be a server: each has its own kind of error, with a
//! message that says what was wrong and where.

use std::time::Duration;

use ftrack_session::{Error, ErrorKind, Session, values};

use crate::fake::{answering, http, nobody};
use crate::support::{builder, builder_for, server, session};

/// Fails to start, as this kind of error with these words in its message or in that of a cause.
#[track_caller]
fn refuses(outcome: Result<Session, Error>, kind: ErrorKind, words: &[&str]) {
    let error = outcome.expect_err("a session that cannot be");
    assert_eq!(error.kind(), kind, "{error:?}");
    let message = told(&error);
    for word in words {
        assert!(message.contains(word), "{word:?} is not in {message:?}");
    }
    assert!(
        !message.contains("a-key-of-no-use"),
        "the key is in {message:?}"
    );
}

/// The message with those of its causes.
fn told(error: &Error) -> String {
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        message.push_str(": ");
        message.push_str(&source.to_string());
        cause = source.source();
    }
    message
}

#[test]
fn a_server_that_is_not_there() {
    let url = nobody();
    refuses(
        builder_for(&url).connect(),
        ErrorKind::Connection,
        &["could not connect", &url],
    );
}

#[test]
fn a_name_that_is_nobodys() {
    let outcome = builder_for("http://no-such-host.invalid").connect();
    refuses(outcome, ErrorKind::Connection, &["no-such-host.invalid"]);
}

#[test]
fn a_scheme_that_is_not_http() {
    let outcome = builder_for("ftp://studio.example").connect();
    refuses(outcome, ErrorKind::InvalidArgument, &["server_url"]);
    refuses(
        builder_for("studio.example").connect(),
        ErrorKind::InvalidArgument,
        &["server_url"],
    );
}

#[test]
fn a_server_without_tls_asked_for_tls() {
    let server = server();
    let url = server.url().replace("http://", "https://");
    refuses(
        builder_for(&url).connect(),
        ErrorKind::Connection,
        &["secure connection"],
    );
}

#[test]
fn a_wrong_key_and_an_unknown_user() {
    let server = server();
    let outcome = builder(&server).api_key("a-key-of-no-use").connect();
    refuses(outcome, ErrorKind::Authentication, &["server reported"]);
    refuses(
        builder(&server).api_user("nobody").connect(),
        ErrorKind::Authentication,
        &[],
    );
    let strict = builder(&server)
        .api_key("a-key-of-no-use")
        .strict_api(true)
        .connect();
    refuses(strict, ErrorKind::Authentication, &[]);
}

#[test]
fn html_instead_of_json() {
    let page = "<html><body><h1>Sign in to the studio network</h1></body></html>";
    let url = answering(http("200 OK", "text/html", page));
    refuses(builder_for(&url).connect(), ErrorKind::MalformedAnswer, &[]);
    let url = answering(http("502 Bad Gateway", "text/html", page));
    refuses(
        builder_for(&url).connect(),
        ErrorKind::MalformedAnswer,
        &["502", "Sign in"],
    );
}

#[test]
fn a_huge_page_is_shown_short_and_safe() {
    let mut page = "<html>{} {0} %s \u{1b}[31m\u{202e}".to_owned();
    while page.len() < 10_000_000 {
        page.push_str("<p>The studio network is down for maintenance.</p>\n");
    }
    for status in ["200 OK", "404 Not Found", "503 Service Unavailable"] {
        let url = answering(http(status, "text/html", &page));
        let error = builder_for(&url).connect().expect_err(status);
        assert_eq!(error.kind(), ErrorKind::MalformedAnswer, "{status}");
        for text in [told(&error), format!("{error:?}"), format!("{error:#?}")] {
            assert!(text.len() < 4_000, "{status}: {} bytes", text.len());
            assert!(text.contains("<html>{} {0} %s"), "{status}: {text}");
            let is_safe = |character: char| character == '\n' || !character.is_control();
            assert!(text.chars().all(is_safe), "{status}: {text}");
            assert!(!text.contains('\u{202e}'), "{status}: {text}");
        }
    }
}

#[test]
fn a_refusal_of_any_length_is_shown_short_and_safe() {
    let content = format!("{{}} \u{1b}[2J {}", "no ".repeat(4_000_000));
    let exception = "Exception\u{1b}[2J".repeat(100_000);
    let body = serde_json::json!({"exception": exception, "content": content});
    let url = answering(http("200 OK", "application/json", &body.to_string()));
    let error = builder_for(&url).connect().expect_err("a refusal");
    assert_eq!(error.kind(), ErrorKind::Server);
    assert_eq!(
        error.details()["content"],
        content,
        "programs see all of it"
    );
    for text in [told(&error), format!("{error:?}")] {
        assert!(text.len() < 8_000, "{} bytes", text.len());
        assert!(!text.contains('\u{1b}') && text.contains("{}"), "{text}");
    }
}

#[test]
fn json_of_another_shape() {
    for body in ["{}", "[]", "[1]", "null", "{\"a\": [1, 2]}", "[[[[]]]]"] {
        let url = answering(http("200 OK", "application/json", body));
        let error = builder_for(&url).connect().expect_err(body);
        assert!(error.is(ErrorKind::Server), "{body}: {error:?}");
    }
}

#[test]
fn an_answer_that_ends_too_early() {
    let mut answer = http("200 OK", "application/json", &"[".repeat(1000));
    answer.truncate(answer.len() - 500);
    let url = answering(answer);
    refuses(
        builder_for(&url).connect(),
        ErrorKind::Connection,
        &["broke before the whole answer"],
    );
    // The length fits, the text does not.
    let url = answering(http("200 OK", "application/json", "[{\"version\": \"4.1"));
    refuses(builder_for(&url).connect(), ErrorKind::MalformedAnswer, &[]);
}

#[test]
fn a_connection_that_is_closed_without_an_answer() {
    let url = answering(Vec::new());
    refuses(builder_for(&url).connect(), ErrorKind::Connection, &[]);
}

#[test]
fn a_server_that_never_answers() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let outcome = builder_for(&url)
        .timeout(Duration::from_millis(200))
        .connect();
    refuses(outcome, ErrorKind::Timeout, &["did not answer"]);
}

#[test]
fn a_server_that_is_too_old() {
    let url = answering(http(
        "200 OK",
        "application/json",
        "[{\"version\": \"3.2.0\"}]",
    ));
    refuses(
        builder_for(&url).connect(),
        ErrorKind::ServerCompatibility,
        &["3.2.0", "3.3.11"],
    );
}

#[test]
fn an_unknown_type() {
    let server = server();
    let session = session(&server);
    let trace = session.trace();
    for error in [
        session.query("Taks").all().unwrap_err(),
        session
            .query("select name from Taks where name is 1")
            .first()
            .unwrap_err(),
        session.get("Taks", "id").unwrap_err(),
        session.create("Taks", values! { "name": "a" }).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::UnrecognisedEntityType, "{error:?}");
        assert!(error.to_string().contains("Taks"), "{error}");
    }
    assert_eq!(trace.request_count(), 0, "the schema knows without asking");
}

#[test]
fn an_unknown_attribute() {
    let server = server();
    let session = session(&server);
    let query = "select name, status.name from Task";
    let task = session.query(query).first().unwrap().unwrap();
    for error in [
        task.value("nmae").unwrap_err(),
        task.get::<String>("status.nmae").unwrap_err(),
        task.set("nmae", "a").unwrap_err(),
        task.collection("nmae").unwrap_err(),
        session.create("Task", values! { "nmae": "a" }).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::UnknownAttribute, "{error:?}");
        assert!(error.to_string().contains("nmae"), "{error}");
    }
    assert!(session.recorded_operations().is_empty());
    for query in ["Task where nmae is 1", "select nmae from Task"] {
        let error = session.query(query).all().unwrap_err();
        assert!(
            error.is(ErrorKind::Server) || error.is(ErrorKind::Parse),
            "{error:?}"
        );
        assert!(error.to_string().contains("nmae"), "{error}");
    }
}

#[test]
fn a_syntax_error() {
    let server = server();
    let session = session(&server);
    for query in [
        "Task where name is",
        "Task where (name is 1",
        "Task where name like \"open",
    ] {
        let error = session.query(query).all().unwrap_err();
        assert!(
            error.is(ErrorKind::Parse) || error.is(ErrorKind::Server),
            "{query}: {error:?}"
        );
        let details = error.details();
        let syntax = details
            .get("syntax")
            .unwrap_or_else(|| panic!("{query}: {error:?}"));
        assert!(syntax.as_str().unwrap().contains('^'), "{syntax}");
    }
    assert!(session.query("").all().is_err());
    assert!(
        session.query("Task where name is model").all().is_ok(),
        "the session goes on"
    );
}

#[test]
fn missing_credentials_are_named() {
    let error = Session::builder()
        .server_url("ftrack.example")
        .api_user("a")
        .api_key("b")
        .connect()
        .expect_err("no scheme");
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().contains("server_url"), "{error}");
}
