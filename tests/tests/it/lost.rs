//! Commits on a connection that breaks: what was done is done once, and what was not done is not forgotten.

use ftrack_server::RunningServer;
use ftrack_session::{ErrorKind, Session, values};

use crate::fake::{Fault, Proxy};
use crate::support::{builder, server, session};

struct Stage {
    server: RunningServer,
    proxy: Proxy,
    author: Session,
}

impl Stage {
    fn new() -> Self {
        let server = server();
        let proxy = Proxy::start(server.address());
        let author = builder(&server).server_url(proxy.url()).connect().unwrap();
        Self {
            server,
            proxy,
            author,
        }
    }

    /// A sequence called `name`, not committed.
    fn create(&self, name: &str) {
        let project = self
            .author
            .query("Project where name is \"last_lantern\"")
            .one()
            .unwrap();
        self.author
            .create("Sequence", values! { "name": name, "parent": &project })
            .unwrap();
    }

    /// How many sequences of that name the server has.
    fn count(&self, name: &str) -> usize {
        let query = format!("Sequence where name is \"{name}\"");
        session(&self.server).query(query).all().unwrap().len()
    }
}

#[test]
fn a_create_whose_answer_was_lost_is_found_and_not_sent_again() {
    let stage = Stage::new();
    stage.create("found");
    stage.proxy.fail_next(&[Fault::LoseAnswer]);
    let committed = stage.author.commit().unwrap();
    assert!(!committed.sent_again);
    assert!(stage.author.recorded_operations().is_empty());
    assert_eq!(stage.count("found"), 1);
}

#[test]
fn a_create_that_never_arrived_is_sent_again() {
    let stage = Stage::new();
    stage.create("again");
    stage.proxy.fail_next(&[Fault::LoseRequest]);
    let committed = stage.author.commit().unwrap();
    assert!(committed.sent_again);
    assert_eq!(stage.count("again"), 1);
}

#[test]
fn an_update_whose_answer_was_lost_is_sent_again() {
    let stage = Stage::new();
    let user = stage
        .author
        .query("User where username is \"jane\"")
        .one()
        .unwrap();
    user.set("email", "jane@elsewhere.example").unwrap();
    stage.proxy.fail_next(&[Fault::LoseAnswer]);
    assert!(stage.author.commit().unwrap().sent_again);
    let read = session(&stage.server)
        .get("User", user.id().as_str())
        .unwrap()
        .unwrap();
    assert_eq!(
        read.get::<String>("email").unwrap(),
        "jane@elsewhere.example"
    );
}

#[test]
fn an_outcome_that_cannot_be_found_out_keeps_the_operations() {
    let stage = Stage::new();
    stage.create("unknown");
    let before = stage.author.recorded_operations().len();
    stage
        .proxy
        .fail_next(&[Fault::LoseRequest, Fault::LoseRequest]);
    let error = stage.author.commit().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommitOutcomeUnknown);
    assert_eq!(stage.author.recorded_operations().len(), before);
    assert_eq!(stage.count("unknown"), 0);
    stage.author.commit().unwrap();
    assert_eq!(stage.count("unknown"), 1);
}

#[test]
fn a_page_of_a_gateway_instead_of_the_answer_is_looked_into() {
    let stage = Stage::new();
    stage.create("page");
    stage.proxy.fail_next(&[Fault::ReplaceAnswer]);
    assert!(!stage.author.commit().unwrap().sent_again);
    assert!(stage.author.recorded_operations().is_empty());
    assert_eq!(stage.count("page"), 1);
}

#[test]
fn a_query_on_a_broken_connection_fails_and_the_next_one_works() {
    let stage = Stage::new();
    for fault in [Fault::LoseAnswer, Fault::LoseRequest, Fault::ReplaceAnswer] {
        stage.proxy.fail_next(&[fault]);
        let error = stage.author.query("Project").all().unwrap_err();
        assert!(
            error.is(ErrorKind::Connection) || error.is(ErrorKind::MalformedAnswer),
            "{fault:?}: {error:?}"
        );
    }
    assert!(stage.author.query("Project").all().unwrap().len() > 2);
}
