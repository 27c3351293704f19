//! What goes wrong between a session and what it believes to be a server: each has its own kind of error, with a
//! message that says what was wrong and where.

use ftrack_session::{Error, ErrorKind, Session, values};
use ftrack_test_kit::http::{Server, answer};

use crate::support::{builder_for, server, session};

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
fn a_name_that_is_nobodys() {
    let outcome = builder_for("http://no-such-host.invalid").connect();
    refuses(outcome, ErrorKind::Connection, &["no-such-host.invalid"]);
}

#[test]
fn a_server_without_tls_asked_for_tls() {
    let server = server();
    let url = server.url().replace("http://", "https://");
    refuses(
        builder_for(&url).connect(),
        ErrorKind::Connection,
        &["TLS handshake"],
    );
}

#[test]
fn html_instead_of_json() {
    let page = "<html><body><h1>Sign in to the studio network</h1></body></html>";
    let fake = Server::saying(answer("200 OK", "text/html", page));
    refuses(
        builder_for(&fake.url()).connect(),
        ErrorKind::MalformedAnswer,
        &[],
    );
    let fake = Server::saying(answer("502 Bad Gateway", "text/html", page));
    refuses(
        builder_for(&fake.url()).connect(),
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
        let fake = Server::saying(answer(status, "text/html", &page));
        let error = builder_for(&fake.url()).connect().expect_err(status);
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
    let fake = Server::saying(answer("200 OK", "application/json", &body.to_string()));
    let error = builder_for(&fake.url()).connect().expect_err("a refusal");
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
fn an_answer_that_ends_too_early() {
    let mut cut = answer("200 OK", "application/json", &"[".repeat(1000));
    cut.truncate(cut.len() - 500);
    let fake = Server::saying(cut);
    refuses(
        builder_for(&fake.url()).connect(),
        ErrorKind::Connection,
        &["broke before the whole answer"],
    );
    // The length fits, the text does not.
    let fake = Server::saying(answer("200 OK", "application/json", "[{\"version\": \"4.1"));
    refuses(
        builder_for(&fake.url()).connect(),
        ErrorKind::MalformedAnswer,
        &[],
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
