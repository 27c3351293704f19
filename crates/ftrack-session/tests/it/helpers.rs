//! The helper methods of notes, timers, project schemas, jobs, users and review sessions.

use ftrack_session::{
    Entity, ErrorKind, JobHelpers, NoteHelpers, NoteOptions, ProjectSchemaHelpers,
    ReviewSessionHelpers, Session, TimerHelpers, TimerOptions, UserHelpers, Value, values,
};
use serde_json::json;

use crate::Studio;

fn user(session: &Session, name: &str) -> Entity {
    session
        .query(format!("User where username is \"{name}\""))
        .one()
        .unwrap()
}

fn task(session: &Session) -> Entity {
    let task = "Task where parent.name is \"030\" and name is lighting";
    session.query(task).first().unwrap().unwrap()
}

fn names(entities: &[Entity]) -> Vec<String> {
    entities
        .iter()
        .map(|entity| entity.get("name").unwrap())
        .collect()
}

#[test]
fn a_note_goes_to_its_recipients_under_its_labels() {
    let studio = Studio::new();
    let session = &studio.session;
    let (jane, john) = (user(session, "jane"), user(session, "john"));
    let animators = session
        .query("Group where name is Animation")
        .one()
        .unwrap();
    let labels = session
        .query("NoteLabel where name in (Internal, Technical)")
        .all()
        .unwrap();
    let options = NoteOptions::new()
        .recipients([&john, &animators])
        .labels(&labels);
    let task = task(session);
    let before = task.collection("notes").unwrap().len();
    let note = task.create_note("Two more", &jane, options).unwrap();
    let trace = session.trace();
    session.commit().unwrap();
    assert_eq!(trace.request_count(), 1);

    let other = studio.other_session();
    let note = other.get("Note", note.id()).unwrap().unwrap();
    assert_eq!(note.get::<String>("content").unwrap(), "Two more");
    assert_eq!(note.get::<String>("author.username").unwrap(), "jane");
    assert_eq!(note.get::<String>("parent_id").unwrap(), task.id());
    let recipients = note.collection("recipients").unwrap().entities().unwrap();
    let recipients: Vec<String> = recipients
        .iter()
        .map(|recipient| recipient.get("resource_id").unwrap())
        .collect();
    assert!(recipients.contains(&john.id()) && recipients.contains(&animators.id()));
    assert_eq!(note.collection("note_label_links").unwrap().len(), 2);
    let task = other.get("Task", task.id()).unwrap().unwrap();
    assert_eq!(task.collection("notes").unwrap().len(), before + 1);
}

#[test]
fn a_category_becomes_a_label_where_the_server_has_labels() {
    let studio = Studio::new();
    let session = &studio.session;
    let jane = user(session, "jane");
    let category = session
        .query("NoteCategory where name is \"External Note\"")
        .one()
        .unwrap();
    let options = NoteOptions::new().category(&category);
    let note = task(session)
        .create_note("Outside", &jane, options)
        .unwrap();
    session.commit().unwrap();
    let links = studio
        .other_session()
        .query(format!(
            "select label.name from NoteLabelLink where note_id is {}",
            note.id()
        ))
        .all()
        .unwrap();
    assert_eq!(links.len(), 1);
    assert_eq!(
        links[0].get::<String>("label.name").unwrap(),
        "External Note"
    );
}

#[test]
fn a_reply_belongs_to_its_note() {
    let studio = Studio::new();
    let session = &studio.session;
    let john = user(session, "john");
    let note = task(session)
        .create_note("First", &john, NoteOptions::new())
        .unwrap();
    let reply = note.create_reply("Second", &john).unwrap();
    session.commit().unwrap();
    let reply = studio
        .other_session()
        .get("Note", reply.id())
        .unwrap()
        .unwrap();
    assert_eq!(reply.get::<String>("in_reply_to.content").unwrap(), "First");
}

#[test]
fn notes_that_others_have_written_meanwhile_are_kept() {
    let studio = Studio::new();
    let sessions = [studio.other_session(), studio.other_session()];
    let tasks = sessions.each_ref().map(task);
    for task in &tasks {
        task.collection("notes").unwrap();
    }
    for (session, task) in sessions.iter().zip(&tasks) {
        let author = user(session, "jane");
        let note = task.create_note("Mine", &author, NoteOptions::new());
        let note = note.unwrap();
        note.create_reply("And mine", &author).unwrap();
        session.commit().unwrap();
    }
    let text = "Note where content is Mine and parent_id is";
    let text = format!("{text} \"{}\"", tasks[0].id());
    let notes = studio.session.query(text).all().unwrap();
    assert_eq!(notes.len(), 2);
    for note in notes {
        assert_eq!(note.collection("replies").unwrap().len(), 1);
    }
}

#[test]
fn several_notes_on_one_entity_take_one_request_before_the_commit() {
    let studio = Studio::new();
    let session = &studio.session;
    let (task, author) = (task(session), user(session, "jane"));
    let trace = session.trace();
    for number in 0..10 {
        task.create_note(format!("{number}"), &author, NoteOptions::new())
            .unwrap();
    }
    assert_eq!(trace.request_count(), 1);
    session.commit().unwrap();
    assert!(trace.request_count() <= 2, "{:#?}", trace.requests());
}

#[test]
fn a_note_that_cannot_be_leaves_nothing_behind() {
    let studio = Studio::new();
    let session = &studio.session;
    let (task, jane) = (task(session), user(session, "jane"));
    let label = session.query("NoteLabel").first().unwrap().unwrap();
    let none = NoteOptions::new;
    let cases = [
        (jane.create_note("x", &jane, none()), ErrorKind::EntityType),
        (task.create_note("x", &task, none()), ErrorKind::EntityType),
        (
            task.create_note("x", &jane, none().recipient(&task)),
            ErrorKind::EntityType,
        ),
        (
            task.create_note("x", &jane, none().label(&task)),
            ErrorKind::EntityType,
        ),
        (
            task.create_note("x", &jane, none().category(&label).label(&label)),
            ErrorKind::InvalidArgument,
        ),
        (task.create_reply("x", &jane), ErrorKind::EntityType),
    ];
    for (number, (result, kind)) in cases.into_iter().enumerate() {
        assert_eq!(result.unwrap_err().kind(), kind, "case {number}");
    }
    assert!(session.recorded_operations().is_empty());
}

#[test]
fn an_entity_of_the_wrong_type_is_told_which_is_needed() {
    let studio = Studio::new();
    let task = task(&studio.session);
    let message = task
        .start_timer(None, TimerOptions::new())
        .unwrap_err()
        .to_string();
    let expected = format!("start_timer takes an entity of type User, not {task:?}");
    assert_eq!(message, expected);
    let kinds = [
        task.stop_timer().unwrap_err().kind(),
        task.types("Task").unwrap_err().kind(),
        task.statuses("Task", None).unwrap_err().kind(),
        task.send_invite().unwrap_err().kind(),
        task.reset_api_key().unwrap_err().kind(),
        task.job_data().unwrap_err().kind(),
        task.set_job_data(&json!({})).unwrap_err().kind(),
        task.add_invitee("x", "x@example.com").unwrap_err().kind(),
        studio
            .session
            .send_review_session_invite(&task)
            .unwrap_err()
            .kind(),
        studio
            .session
            .create_job(&task, "running", &json!({}))
            .unwrap_err()
            .kind(),
    ];
    assert!(
        kinds.iter().all(|kind| *kind == ErrorKind::EntityType),
        "{kinds:?}"
    );
}

#[test]
fn a_user_has_one_timer_at_a_time() {
    let studio = Studio::new();
    let session = &studio.session;
    let (jane, task) = (user(session, "jane"), task(session));
    let options = TimerOptions::new().comment("Blocking").name("First");
    let timer = jane.start_timer(Some(&task), options).unwrap();
    assert!(timer.state().is_none());

    let error = jane
        .start_timer(Some(&task), TimerOptions::new())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotUnique);
    assert!(error.to_string().contains("has a timer already"), "{error}");
    // What was refused is not in the way of the next commit.
    assert_eq!(session.commit().unwrap().operations, 0);

    let timelog = jane.stop_timer().unwrap();
    assert_eq!(timelog.get::<String>("comment").unwrap(), "Blocking");
    assert_eq!(timelog.get::<String>("name").unwrap(), "First");
    assert_eq!(timelog.get::<String>("context_id").unwrap(), task.id());
    let duration: f64 = timelog.get("duration").unwrap();
    assert!((0.0..3600.0).contains(&duration), "{duration}");
    let error = jane.stop_timer().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoResultFound);
}

#[test]
fn by_force_a_timer_that_runs_becomes_a_timelog() {
    let studio = Studio::new();
    let session = &studio.session;
    let (jane, task) = (user(session, "jane"), task(session));
    let force = || TimerOptions::new().force(true);
    jane.start_timer(Some(&task), force().comment("one"))
        .unwrap();
    jane.start_timer(None, force().comment("two")).unwrap();
    let count = |text: &str| session.query(text).all().unwrap().len();
    assert_eq!(count("Timelog where comment is one"), 1);
    assert_eq!(count("Timer where user.username is jane"), 1);
    assert!(
        jane.stop_timer()
            .unwrap()
            .value("context_id")
            .unwrap()
            .is_null()
    );
}

#[test]
fn another_refusal_of_a_timer_is_passed_on_and_kept() {
    let studio = Studio::new();
    let session = &studio.session;
    let (jane, project) = (user(session, "jane"), studio.project());
    let twin = values! { "name": project.get::<String>("name").unwrap() };
    session.create("Project", twin).unwrap();
    let error = jane.start_timer(None, TimerOptions::new()).unwrap_err();
    assert!(!error.to_string().contains("timer"), "{error}");
    assert!(session.recorded_operations().len() >= 2);
}

#[test]
fn a_project_schema_knows_statuses_and_types() {
    let studio = Studio::new();
    let session = &studio.session;
    let schema = session
        .query("ProjectSchema where name is VFX")
        .one()
        .unwrap();
    let types = schema.types("Task").unwrap();
    let types = names(&types);
    assert!(types.contains(&"Animation".to_owned()), "{types:?}");
    assert_eq!(names(&schema.types("Milestone").unwrap()), ["Deliverable"]);

    let production = session
        .query("Type where name is Production")
        .one()
        .unwrap();
    let animation = session.query("Type where name is Animation").one().unwrap();
    let cases: [(&str, Option<&Entity>, usize); 5] = [
        ("Task", None, 12),
        ("Task", Some(&animation), 12),
        ("Task", Some(&production), 4),
        ("AssetVersion", None, 7),
        ("Shot", None, 7),
    ];
    for (name, of_type, count) in cases {
        let type_id = of_type.map(Entity::id);
        let statuses = schema.statuses(name, type_id.as_deref()).unwrap();
        assert_eq!(statuses.len(), count, "{name} {of_type:?}");
        assert!(
            statuses
                .iter()
                .all(|status| status.entity_type() == "Status")
        );
    }
    let kind = |name: &str| schema.statuses(name, None).unwrap_err().kind();
    assert_eq!(kind("Shto"), ErrorKind::UnrecognisedEntityType);
    assert_eq!(kind("User"), ErrorKind::InvalidArgument);
    // Projects of this schema have no information.
    assert_eq!(kind("Information"), ErrorKind::InvalidArgument);
}

#[test]
fn statuses_of_many_types_take_few_requests() {
    let studio = Studio::new();
    let schema = studio
        .session
        .query("ProjectSchema where name is VFX")
        .one()
        .unwrap();
    let types = schema.types("Task").unwrap();
    let trace = studio.session.trace();
    for task_type in &types {
        assert!(
            !schema
                .statuses("Task", Some(&task_type.id()))
                .unwrap()
                .is_empty()
        );
    }
    assert!(trace.request_count() <= 2, "{:?}", trace.requests());
}

#[test]
fn a_job_carries_data() {
    let studio = Studio::new();
    let session = &studio.session;
    let jane = user(session, "jane");
    let job = session
        .create_job(&jane, "running", &json!({"description": "Rendering"}))
        .unwrap();
    session.commit().unwrap();
    let found = studio
        .other_session()
        .get("Job", job.id())
        .unwrap()
        .unwrap();
    assert_eq!(found.get::<String>("type").unwrap(), "api_job");
    assert_eq!(found.job_data().unwrap()["description"], "Rendering");

    job.set("data", "no JSON").unwrap();
    assert_eq!(job.job_data().unwrap_err().kind(), ErrorKind::Parse);
    job.set("data", Value::Null).unwrap();
    assert!(job.job_data().unwrap().is_null());
}

#[test]
fn clients_create_no_jobs_of_the_server() {
    let studio = Studio::new();
    let session = &studio.session;
    let create = |kind: &str| session.create("Job", values! { "type": kind, "status": "running" });
    let error = create("encode_media").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(session.recorded_operations().is_empty());
    assert!(create("api_job").is_ok());
}

#[test]
fn a_new_key_of_a_user_replaces_the_old_one() {
    let studio = Studio::new();
    let john = user(&studio.session, "john");
    let first = john.reset_api_key().unwrap();
    let second = john.reset_api_key().unwrap();
    let connect = |key| {
        crate::builder(&studio.server)
            .api_user("john")
            .api_key(key)
            .connect()
    };
    assert_eq!(
        connect(first).unwrap_err().kind(),
        ErrorKind::Authentication
    );
    assert_eq!(connect(second).unwrap().api_user(), "john");
}

#[test]
fn invitations_go_to_users_and_to_invitees() {
    let studio = Studio::new();
    let session = &studio.session;
    user(session, "john").send_invite().unwrap();
    let review = session
        .query("ReviewSession where name is \"Weekly review\"")
        .one()
        .unwrap();
    let invitee = review
        .add_invitee("John Doe", "john.doe@example.com")
        .unwrap();
    session.commit().unwrap();
    session.send_review_session_invite(&invitee).unwrap();
    let found = studio
        .other_session()
        .get("ReviewSession", review.id())
        .unwrap()
        .unwrap();
    let invitees = found
        .collection("review_session_invitees")
        .unwrap()
        .entities()
        .unwrap();
    assert!(names(&invitees).contains(&"John Doe".to_owned()));
}
