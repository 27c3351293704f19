//! Stories that need a server which misbehaves: its answers are written down here.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use ftrack_session::{EntityState, ErrorKind, Identity, Session, WeakSession, values};
use ftrack_test_kit::wait::ends;
use ftrack_transport::{ApiResponse, Error, ScriptedTransport};
use serde_json::json;

const INFORMATION: &str =
    r#"[{"version": "4.13.0", "schema_hash": "x", "is_timezone_support_enabled": true}]"#;
const SCHEMAS: &str = r#"[[{"id": "Shot", "primary_key": ["id"], "default_projections": ["id", "name"], "properties": {
    "id": {"type": "string", "default": "{uid}"}, "name": {"type": "string"}, "sort": {"type": "number"}}},
    {"id": "User", "primary_key": ["id"], "properties": {"id": {"type": "string"}}}]]"#;

/// A session whose server gives these answers to what comes after the start. `None` is a broken connection.
fn session(answers: Vec<Option<String>>) -> (Session, Arc<ScriptedTransport>) {
    let asked = AtomicUsize::new(0);
    let transport = Arc::new(ScriptedTransport::answering(move |_| {
        let body = match asked.fetch_add(1, Ordering::SeqCst) {
            0 => INFORMATION.to_owned(),
            1 => SCHEMAS.to_owned(),
            number => match answers.get(number - 2) {
                Some(Some(body)) => body.clone(),
                _ => return Err(Error::Interrupted),
            },
        };
        Ok(ApiResponse::new(200, body))
    }));
    let cache = ftrack_session::SchemaCache::Disabled;
    let session = ftrack_session::SessionBuilder::new()
        .transport(transport.clone())
        .schema_cache(cache)
        .connect()
        .unwrap();
    (session, transport)
}

fn bodies(transport: &ScriptedTransport) -> Vec<serde_json::Value> {
    transport
        .calls()
        .iter()
        .skip(2)
        .map(|call| serde_json::from_slice(&call.body).unwrap())
        .collect()
}

const NOTHING: &str =
    r#"[{"action": "query", "data": [], "metadata": {"next": {"offset": null}}}]"#;

fn found(id: &str) -> String {
    format!(r#"[{{"action": "query", "data": [{{"__entity_type__": "Shot", "id": "{id}"}}]}}]"#)
}

fn created(id: &str) -> String {
    format!(
        r#"[{{"action": "create", "data": {{"__entity_type__": "Shot", "id": "{id}", "name": "010"}}}}]"#
    )
}

fn refused(exception: &str) -> String {
    format!(r#"{{"exception": "{exception}", "content": "no"}}"#)
}

#[test]
fn a_commit_that_arrived_although_its_answer_was_lost_is_not_repeated() {
    let (session, transport) = session(vec![None, Some(found("s"))]);
    let shot = session
        .create("Shot", values! { "id": "s", "name": "010" })
        .unwrap();
    let committed = session.commit().unwrap();
    assert!(!committed.sent_again);
    assert_eq!(shot.state(), None);
    let sent = bodies(&transport);
    assert_eq!(sent.len(), 2);
    assert_eq!(
        sent[1][0]["expression"],
        "select id from Shot where id is \"s\""
    );
}

#[test]
fn a_commit_that_did_not_arrive_is_sent_again() {
    let (session, transport) = session(vec![None, Some(NOTHING.to_owned()), Some(created("s"))]);
    session
        .create("Shot", values! { "id": "s", "name": "010" })
        .unwrap();
    assert!(session.commit().unwrap().sent_again);
    let sent = bodies(&transport);
    assert_eq!(sent.len(), 3);
    assert_eq!(sent[0], sent[2]);
}

#[test]
fn a_duplicate_refusal_after_sending_again_means_that_the_first_one_arrived_late() {
    let answers = vec![
        None,
        Some(NOTHING.to_owned()),
        Some(refused("IntegrityError")),
        Some(found("s")),
    ];
    let (session, _) = session(answers);
    let shot = session
        .create("Shot", values! { "id": "s", "name": "010" })
        .unwrap();
    session.commit().unwrap();
    assert_eq!(shot.state(), None);
}

#[test]
fn updates_are_sent_again_because_that_does_no_harm() {
    let update =
        r#"[{"action": "update", "data": {"__entity_type__": "Shot", "id": "s", "name": "020"}}]"#;
    let (session, transport) = session(vec![Some(found("s")), None, Some(update.to_owned())]);
    let shot = session.query("Shot").first().unwrap().unwrap();
    shot.set("name", "020").unwrap();
    assert!(session.commit().unwrap().sent_again);
    assert_eq!(bodies(&transport).len(), 3);
    assert_eq!(shot.get::<String>("name").unwrap(), "020");
}

#[test]
fn an_invitation_whose_answer_was_lost_is_not_sent_again() {
    let (session, transport) = session(vec![None]);
    let user = session.entity(&Identity::new("User", "u")).unwrap();
    session.send_user_invite(&user).unwrap_err();
    assert_eq!(bodies(&transport).len(), 1);
    let call = &transport.calls()[2];
    assert!(
        !call.options.idempotent,
        "nor may the transport send it again"
    );
}

#[test]
fn an_unknown_outcome_is_said_and_nothing_is_lost() {
    let (session, _) = session(vec![None, None]);
    let shot = session
        .create("Shot", values! { "id": "s", "name": "010" })
        .unwrap();
    let error = session.commit().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommitOutcomeUnknown);
    assert!(error.is(ErrorKind::Connection));
    assert_eq!(shot.state(), Some(EntityState::Created));
    assert_eq!(session.recorded_operations().len(), 1);
}

#[test]
fn a_broken_answer_to_a_commit_keeps_the_operations() {
    for body in [
        "[{\"action\": \"create\", \"data\": {\"__entity_type__\": \"Sh",
        "<html>",
        "[]",
        "[1, 2]",
    ] {
        let (session, _) = session(vec![Some(body.to_owned()), Some(NOTHING.to_owned())]);
        let shot = session
            .create("Shot", values! { "id": "s", "name": "010" })
            .unwrap();
        let error = session.commit().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MalformedAnswer, "{body}");
        assert_eq!(shot.state(), Some(EntityState::Created), "{body}");
    }
}

#[test]
fn what_became_of_a_commit_with_a_broken_answer_is_asked() {
    let (session, transport) = session(vec![Some("<html>".to_owned()), Some(found("s"))]);
    let shot = session
        .create("Shot", values! { "id": "s", "name": "010" })
        .unwrap();
    session.commit().unwrap();
    assert_eq!(shot.state(), None);
    assert_eq!(session.recorded_operations().len(), 0);
    assert_eq!(bodies(&transport).len(), 2);
}

#[test]
fn a_commit_with_a_broken_answer_is_in_doubt_if_nobody_can_be_asked() {
    let (session, _) = session(vec![Some("<html>".to_owned()), None]);
    let values = values! { "id": "s", "name": "010" };
    session.create("Shot", values).unwrap();
    let error = session.commit().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommitOutcomeUnknown);
    assert!(error.details()["asking"].is_string());
    assert_eq!(session.recorded_operations().len(), 1);
}

#[test]
fn refusals_have_their_kinds() {
    for (exception, kind) in [
        ("InvalidCredentialsError", ErrorKind::Authentication),
        ("PermissionError", ErrorKind::PermissionDenied),
        ("ValidationError", ErrorKind::Validation),
        ("IntegrityError", ErrorKind::Integrity),
        ("DuplicateEntryError", ErrorKind::DuplicateEntry),
        ("SomethingElse", ErrorKind::Server),
    ] {
        let (session, _) = session(vec![Some(refused(exception))]);
        let error = session.query("Shot").all().unwrap_err();
        assert_eq!(error.kind(), kind, "{exception}");
        assert_eq!(error.details()["exception"], exception);
    }
}

#[test]
fn text_of_the_server_is_shown_short_and_safe() {
    let content = format!("\\u001b[31m{{}} {}", "x".repeat(100_000));
    let body = format!(r#"{{"exception": "ServerError", "content": "{content}"}}"#);
    let (session, _) = session(vec![Some(body)]);
    let error = session.query("Shot").all().unwrap_err();
    let said = error.to_string();
    assert!(said.len() < 1_000, "{}", said.len());
    assert!(!said.contains('\u{1b}') && said.contains("{}"), "{said}");
}

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Row {
    id: String,
    end: Option<String>,
    status: Status,
}

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Status {
    name: Option<String>,
}

/// Two rows and a page of them; `second` is what the second one says of the status that both have.
fn page_of_two(second: &serde_json::Value, next: Option<u64>) -> String {
    let status = serde_json::json!({"__entity_type__": "Status", "id": "s", "name": "Done"});
    let end = serde_json::json!({"__type__": "datetime", "value": "2026-01-02T03:04:05"});
    let page = serde_json::json!([{"action": "query", "metadata": {"next": {"offset": next}}, "data": [
        {"__entity_type__": "Shot", "id": "1", "end": end, "status": status},
        {"__entity_type__": "Shot", "id": "2", "end": null, "status": second},
    ]}]);
    page.to_string()
}

fn row(id: &str, end: Option<&str>) -> Row {
    Row {
        id: id.into(),
        end: end.map(str::to_owned),
        status: Status {
            name: Some("Done".into()),
        },
    }
}

#[test]
fn records_are_whole_whether_or_not_the_server_spells_entities_out() {
    let whole = serde_json::json!({"__entity_type__": "Status", "id": "s", "name": "Done"});
    let bare = serde_json::json!({"__entity_type__": "Status", "id": "s"});
    for second in [whole, bare] {
        let (session, _) = session(vec![
            Some(page_of_two(&second, Some(2))),
            Some(page_of_two(&second, Some(4))),
            Some(page_of_two(&second, None)),
        ]);
        let records = session.query("Shot").page_size(2).records::<Row>();
        let rows: Vec<Row> = records.map(Result::unwrap).collect();
        assert_eq!(rows.len(), 6);
        for pair in rows.chunks(2) {
            let expected = [row("1", Some("2026-01-02T03:04:05")), row("2", None)];
            assert_eq!(pair, expected);
        }
    }
}

#[test]
fn a_row_that_is_no_record_is_an_error_by_itself() {
    let whole = serde_json::json!({"__entity_type__": "Status", "id": "s", "name": "Done"});
    let wrong = serde_json::json!("s");
    let (session, _) = session(vec![
        Some(page_of_two(&whole, Some(2))),
        Some(page_of_two(&wrong, Some(4))),
        Some(refused("ServerError")),
    ]);
    let rows: Vec<_> = session
        .query("Shot")
        .page_size(2)
        .records::<Row>()
        .collect();
    let outcomes: Vec<Result<&str, ErrorKind>> = rows
        .iter()
        .map(|row| {
            row.as_ref()
                .map(|row| &*row.id)
                .map_err(ftrack_session::Error::kind)
        })
        .collect();
    let expected = [
        Ok("1"),
        Ok("2"),
        Ok("1"),
        Err(ErrorKind::WrongType),
        Err(ErrorKind::Server),
    ];
    assert_eq!(outcomes, expected);
}

/// Answers as a server would that has one shot.
fn answered(request: &serde_json::Value) -> serde_json::Value {
    let action = &request["action"];
    let data = match action.as_str() {
        Some("query") => json!([{"__entity_type__": "Shot", "id": "s", "name": "010"}]),
        Some("create") => request["entity_data"].clone(),
        _ => json!({"__entity_type__": "Shot", "id": request["entity_key"][0]}),
    };
    json!({"action": action, "data": data})
}

#[test]
fn nothing_is_locked_while_a_request_is_under_way() {
    let weak = Arc::new(OnceLock::<WeakSession>::new());
    let known = Arc::clone(&weak);
    let asked = AtomicUsize::new(0);
    let transport = ScriptedTransport::answering(move |body| {
        if let Some(session) = known.get().and_then(WeakSession::upgrade) {
            let elsewhere = std::thread::spawn(move || {
                let shot = session.entity(&Identity::new("Shot", "s")).unwrap();
                shot.set("name", "set meanwhile").unwrap();
                assert_eq!(shot.get::<String>("name").unwrap(), "set meanwhile");
                let values = values! { "name": "made meanwhile" };
                session.create("Shot", values).unwrap();
                assert!(!session.recorded_operations().is_empty());
            });
            elsewhere.join().unwrap();
        }
        Ok(match asked.fetch_add(1, Ordering::SeqCst) {
            0 => ApiResponse::new(200, INFORMATION),
            1 => ApiResponse::new(200, SCHEMAS),
            _ => {
                let requests: Vec<serde_json::Value> = serde_json::from_slice(body).unwrap();
                let answers: Vec<_> = requests.iter().map(answered).collect();
                ApiResponse::new(200, serde_json::to_vec(&answers).unwrap())
            }
        })
    });
    ends("a request under way", move || {
        let session = ftrack_session::SessionBuilder::new()
            .transport(Arc::new(transport))
            .schema_cache(ftrack_session::SchemaCache::Disabled)
            .connect()
            .unwrap();
        weak.set(session.downgrade()).unwrap();
        assert_eq!(session.query("Shot").all().unwrap().len(), 1);
        assert_eq!(session.commit().unwrap().operations, 2);
        // What came while the batch was on its way waits for the next one.
        assert_eq!(session.recorded_operations().len(), 2);
    });
}
