use ftrack_query::{Query, attr};
use ftrack_session::{ErrorKind, FetchPolicy, Value};

use crate::Studio;

#[test]
fn text_and_built_queries_find_the_same() {
    let studio = Studio::new();
    let text = studio
        .session
        .query("Task where status.name is \"In progress\"")
        .all()
        .unwrap();
    let built = Query::from("Task").filter(attr("status.name").is("In progress"));
    assert!(!text.is_empty());
    assert_eq!(text, studio.session.query(built).all().unwrap());
}

#[test]
fn an_entity_is_the_same_however_it_is_reached() {
    let studio = Studio::new();
    let project = studio.project();
    let child = project
        .collection("children")
        .unwrap()
        .get(0)
        .unwrap()
        .unwrap();
    let parent: ftrack_session::Entity = child.get("parent").unwrap();
    assert_eq!(parent, project);
    project.set("full_name", "Another name").unwrap();
    assert_eq!(parent.get::<String>("full_name").unwrap(), "Another name");
}

#[test]
fn pages_join_without_gaps_or_repeats() {
    let studio = Studio::new();
    let all = studio.session.query("Task").all().unwrap();
    let trace = studio.session.trace();
    let paged = studio.session.query("Task").page_size(7).all().unwrap();
    assert_eq!(paged, all);
    assert_eq!(trace.request_count(), all.len().div_ceil(7));

    let slice = studio
        .session
        .query("Task offset 3 limit 10")
        .page_size(4)
        .all()
        .unwrap();
    assert_eq!(slice, all[3..13]);
    assert!(
        studio
            .session
            .query("Task limit 0")
            .all()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn words_in_literals_are_no_paging() {
    let studio = Studio::new();
    let found = studio
        .session
        .query("Task where name is \"limit 5 offset 3\"")
        .all()
        .unwrap();
    assert!(found.is_empty());
}

#[test]
fn one_and_first_say_what_they_found() {
    let studio = Studio::new();
    let kind = |query: &str| studio.session.query(query).one().unwrap_err().kind();
    assert_eq!(
        kind("Project where name is nowhere"),
        ErrorKind::NoResultFound
    );
    assert_eq!(kind("Project"), ErrorKind::MultipleResultsFound);
    assert_eq!(kind("Project limit 1"), ErrorKind::InvalidArgument);
    assert!(studio.session.query("Project").first().unwrap().is_some());
    assert!(
        studio
            .session
            .query("Project where name is nowhere")
            .first()
            .unwrap()
            .is_none()
    );
    assert_eq!(
        studio
            .session
            .query("Project limit 1")
            .first()
            .unwrap_err()
            .kind(),
        ErrorKind::InvalidArgument
    );
}

#[test]
fn what_is_required_is_missed_in_the_words_of_the_program() {
    let studio = Studio::new();
    let session = &studio.session;
    let found = session.query("Project").require("there are no projects");
    assert_eq!(found.unwrap().entity_type(), "Project");
    let error = session
        .query("Project where name is nowhere")
        .require("start the production first")
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoResultFound);
    assert_eq!(error.to_string(), "start the production first");
    let query = error.details()["query"].as_str().unwrap();
    assert!(query.contains("nowhere"), "{query}");
}

#[test]
fn what_is_wrong_with_a_query_is_said_by_kind() {
    let studio = Studio::new();
    let error = |query: &str| studio.session.query(query).all().unwrap_err();
    let unknown_type = error("Taks");
    assert_eq!(unknown_type.kind(), ErrorKind::UnrecognisedEntityType);
    assert!(
        unknown_type.to_string().contains("did you mean \"Task\"?"),
        "{unknown_type}"
    );
    assert_eq!(error("").kind(), ErrorKind::Parse);
    let unknown_attribute = error("select nmae from Task");
    assert!(
        unknown_attribute.is(ErrorKind::Server),
        "{unknown_attribute:?}"
    );
    assert!(
        unknown_attribute.to_string().contains("nmae"),
        "{unknown_attribute}"
    );
    let syntax = error("Task where name is");
    assert!(
        syntax.details()["syntax"].as_str().unwrap().contains('^'),
        "{syntax:?}"
    );
    let built = studio
        .session
        .query(Query::from("Task").filter(attr("na me").is(1)))
        .all()
        .unwrap_err();
    assert_eq!(built.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn values_have_the_types_that_are_asked_for() {
    let studio = Studio::new();
    let query =
        "select name, bid, start_date, status.name, link, parent from Task where bid > 0 limit 1";
    let task = studio.session.query(query).all().unwrap().remove(0);
    let _deny = studio.session.fetching(FetchPolicy::Deny);
    let bid: f64 = task.get("bid").unwrap();
    assert!(bid > 0.0);
    let name: String = task.get("name").unwrap();
    assert!(!name.is_empty());
    let start: Option<chrono::DateTime<chrono::Utc>> = task.get("start_date").unwrap();
    assert_eq!(
        start.map(|time| time.naive_utc()),
        task.get("start_date").unwrap()
    );
    assert!(task.get::<serde_json::Value>("link").unwrap().is_array());
    assert!(matches!(task.value("parent").unwrap(), Value::Reference(_)));

    let wrong = task.get::<bool>("name").unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::WrongType);
    let said = wrong.to_string();
    assert!(
        said.contains("\"name\"") && said.contains("Task(") && said.contains("a boolean"),
        "{said}"
    );
    assert_eq!(
        task.get::<String>("name.id").unwrap_err().kind(),
        ErrorKind::WrongType
    );
    assert_eq!(
        task.get::<String>("nmae").unwrap_err().kind(),
        ErrorKind::UnknownAttribute
    );
}

#[test]
fn records_are_rows_of_the_callers_own_types() {
    #[derive(serde::Deserialize)]
    struct Status {
        name: String,
    }
    #[derive(serde::Deserialize)]
    struct Task {
        id: String,
        name: String,
        status: Status,
        start_date: Option<chrono::NaiveDateTime>,
    }
    let studio = Studio::new();
    let query = "select name, status.name, start_date from Task";
    let tasks: Vec<Task> = studio
        .session
        .query(query)
        .page_size(20)
        .records()
        .map(Result::unwrap)
        .collect();
    let other = studio.other_session();
    assert_eq!(tasks.len(), other.query("Task").all().unwrap().len());
    for task in tasks.iter().take(30) {
        let entity = other.get("Task", &task.id).unwrap().unwrap();
        assert_eq!(entity.get::<String>("name").unwrap(), task.name);
        assert_eq!(
            entity.get::<String>("status.name").unwrap(),
            task.status.name
        );
        assert_eq!(
            entity
                .get::<Option<chrono::NaiveDateTime>>("start_date")
                .unwrap(),
            task.start_date
        );
    }
    let mut failing = studio.session.query("Taks").records::<Task>();
    assert_eq!(
        failing.next().unwrap().err().unwrap().kind(),
        ErrorKind::UnrecognisedEntityType
    );
    assert!(failing.next().is_none());
}

#[test]
fn get_answers_from_what_is_known() {
    let studio = Studio::new();
    let user = studio.session.query("User").first().unwrap().unwrap();
    let trace = studio.session.trace();
    assert_eq!(studio.session.get("User", user.id()).unwrap(), Some(user));
    assert_eq!(trace.request_count(), 0);
    assert_eq!(studio.session.get("User", "nobody").unwrap(), None);
    assert_eq!(trace.request_count(), 1);
    let wrong = studio.session.get("Metadata", "one").unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn results_by_position_are_fetched_as_far_as_needed() {
    let studio = Studio::new();
    let all = studio.session.query("Task").all().unwrap();
    let trace = studio.session.trace();
    let mut results = studio
        .session
        .query("Task")
        .page_size(10)
        .results()
        .unwrap();
    assert_eq!(results.get(3).unwrap().as_ref(), Some(&all[3]));
    assert!(
        trace.request_count() <= 2,
        "the page that was needed, and the next one on its way"
    );
    assert_eq!(results.slice(8..12).unwrap(), &all[8..12]);
    assert_eq!(results.len().unwrap(), all.len());
    assert_eq!(results.get(all.len()).unwrap(), None);
    assert!(results.slice(all.len()..all.len() + 5).unwrap().is_empty());
}
