use ftrack_session::{Entity, ErrorKind, FetchPolicy, values};

use crate::Studio;

/// Tasks of which nothing is known but their ids.
fn tasks(studio: &Studio) -> Vec<Entity> {
    studio
        .session
        .query("select id from Task limit 40")
        .all()
        .unwrap()
}

#[test]
fn reading_one_attribute_of_many_takes_one_request() {
    let studio = Studio::new();
    let tasks = tasks(&studio);
    let trace = studio.session.trace();
    for task in &tasks {
        assert!(!task.get::<String>("status.name").unwrap().is_empty());
    }
    assert_eq!(trace.request_count(), 1);
    let request = &trace.requests()[0];
    assert!(request.caller.file().ends_with("load.rs"), "{request:?}");
}

#[test]
fn step_by_step_it_takes_two() {
    let studio = Studio::new();
    let tasks = tasks(&studio);
    let trace = studio.session.trace();
    for task in &tasks {
        let status: Entity = task.get("status").unwrap();
        assert!(!status.get::<String>("name").unwrap().is_empty());
    }
    assert!(trace.request_count() <= 2, "{}", trace.request_count());
}

#[test]
fn the_single_policy_asks_for_each() {
    let studio = Studio::new();
    let tasks = tasks(&studio);
    let _single = studio.session.fetching(FetchPolicy::Single);
    let trace = studio.session.trace();
    for task in tasks.iter().take(5) {
        task.get::<String>("description").unwrap_or_default();
    }
    assert_eq!(trace.request_count(), 5);
}

#[test]
fn switched_off_nothing_is_loaded_and_nothing_is_made_up() {
    let studio = Studio::new();
    let task = tasks(&studio).remove(0);
    let trace = studio.session.trace();
    {
        let _off = studio.session.auto_populating(false);
        assert!(task.value("name").unwrap().is_not_set());
        assert_eq!(
            task.get::<String>("name").unwrap_err().kind(),
            ErrorKind::NotLoaded
        );
        assert_eq!(task.get::<Option<String>>("name").unwrap(), None);
        assert_eq!(
            task.collection("assignments").unwrap_err().kind(),
            ErrorKind::NotLoaded
        );
    }
    assert_eq!(trace.request_count(), 0);
    assert!(!task.get::<String>("name").unwrap().is_empty());
}

#[test]
fn denied_it_names_the_projection_to_add() {
    let studio = Studio::new();
    let task = tasks(&studio).remove(0);
    let _deny = studio.session.fetching(FetchPolicy::Deny);
    let error = task.get::<String>("status.name").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
    assert_eq!(error.details()["projection"], "status.name");
}

#[test]
fn settings_are_those_of_the_thread() {
    let studio = Studio::new();
    let task = tasks(&studio).remove(0);
    let _off = studio.session.auto_populating(false);
    let name = std::thread::scope(|scope| {
        scope
            .spawn(|| task.get::<String>("name").unwrap())
            .join()
            .unwrap()
    });
    assert!(!name.is_empty());
    let inner = studio.session.fetching(FetchPolicy::Siblings);
    assert_eq!(studio.session.fetch_policy(), FetchPolicy::Siblings);
    drop(inner);
    assert_eq!(studio.session.fetch_policy(), FetchPolicy::Off);
}

#[test]
fn populate_loads_what_is_named_for_all() {
    let studio = Studio::new();
    let tasks = tasks(&studio);
    let trace = studio.session.trace();
    studio
        .session
        .populate(&tasks, ["name", "status.name", "parent.name"])
        .unwrap();
    assert_eq!(trace.request_count(), 1);
    let _deny = studio.session.fetching(FetchPolicy::Deny);
    for task in &tasks {
        let parent: String = task.get("parent.name").unwrap();
        let status: String = task.get("status.name").unwrap();
        assert!(!parent.is_empty() && !status.is_empty());
    }
}

#[test]
fn a_new_entity_is_never_asked_for() {
    let studio = Studio::new();
    let trace = studio.session.trace();
    let task = studio
        .session
        .create("Task", ftrack_session::values! { "name": "new" })
        .unwrap();
    assert!(task.value("status").unwrap().is_not_set());
    assert!(task.collection("children").unwrap().is_empty());
    task.populate(["status.name"]).unwrap();
    assert_eq!(trace.request_count(), 0);
}

#[test]
fn local_values_survive_loading() {
    let studio = Studio::new();
    let task = tasks(&studio).remove(0);
    task.set("description", "mine").unwrap();
    task.populate(["description"]).unwrap();
    assert_eq!(task.get::<String>("description").unwrap(), "mine");
    studio.session.rollback();
    assert_ne!(
        task.get::<Option<String>>("description")
            .unwrap()
            .as_deref(),
        Some("mine")
    );
}

#[test]
fn a_path_that_there_is_not_is_refused_before_anything_is_sent() {
    let studio = Studio::new();
    let task = tasks(&studio).remove(0);
    let trace = studio.session.trace();
    let error = task.get::<String>("status.nmae").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownAttribute);
    assert!(
        error.to_string().contains("did you mean `name`?"),
        "{error}"
    );
    assert_eq!(trace.request_count(), 0);
    // A parent is a context; what only some kinds of contexts have is asked for all the same.
    assert!(task.get::<Option<String>>("parent.description").is_ok());
}

#[test]
fn a_query_has_a_policy_of_its_own_and_its_results_pass_it_on() {
    let studio = Studio::new();
    let session = &studio.session;
    let query = "select parent.id from Task limit 10";
    let strict = session.query(query).fetching(FetchPolicy::Deny);
    let usual = session.query(query).all().unwrap();
    let trace = session.trace();
    for task in strict.clone() {
        let task = task.unwrap();
        assert_eq!(task.fetch_policy(), FetchPolicy::Deny);
        assert_eq!(task.value("bid").unwrap_err().kind(), ErrorKind::NotLoaded);
        assert_eq!(task.items().unwrap_err().kind(), ErrorKind::NotLoaded);
        // What is reached from there is no different.
        let parent: Entity = task.get("parent").unwrap();
        let denied = parent.value("description").unwrap_err();
        assert_eq!(denied.details()["projection"], "description");
        assert!(parent.collection("children").is_err());
    }
    let first = strict.into_iter().next().unwrap().unwrap();
    assert!(trace.request_count() <= 2, "the query itself, twice");

    // Other handles of the same entities are as they were, and the thread has the last word.
    assert_eq!(usual[0], first);
    assert!(!usual[0].value("description").unwrap().is_not_set());
    assert!(first.value("sort").is_err());
    let single = first.fetching(FetchPolicy::Single);
    assert!(!single.value("sort").unwrap().is_not_set());
    let _off = session.auto_populating(false);
    assert!(first.value("end_date").unwrap().is_not_set());
}

#[test]
fn many_entities_are_loaded_in_pieces() {
    let studio = Studio::new();
    let session = &studio.session;
    for number in 0..1_100 {
        let values = values! { "username": format!("extra{number}"), "first_name": "Extra" };
        session.create("User", values).unwrap();
    }
    let trace = session.trace();
    assert_eq!(session.commit().unwrap().operations, 1_100);
    assert_eq!(
        trace.request_count(),
        1,
        "however large, it is one transaction"
    );

    let other = studio.other_session();
    let query = "select id from User where username like \"extra%\"";
    let users = other.query(query).page_size(2_000).all().unwrap();
    let trace = other.trace();
    other.populate(&users, ["first_name"]).unwrap();
    assert!(trace.request_count() <= 3, "500 at a time");
    for user in &users {
        assert_eq!(user.get::<String>("first_name").unwrap(), "Extra");
    }
    assert!(trace.request_count() <= 3, "{:#?}", trace.requests());
    for user in &users {
        assert!(user.get::<String>("username").unwrap().starts_with("extra"));
    }
    assert!(trace.request_count() <= 6, "on access as well");
}

/// Reads attributes here and there, always the same in the same order, and tells how many requests that took.
fn wander(studio: &Studio, policy: FetchPolicy, seed: u64) -> usize {
    const PATHS: [&str; 6] = [
        "name",
        "status.name",
        "parent.name",
        "bid",
        "type.name",
        "timelogs",
    ];
    let session = studio.other_session();
    session.set_fetch_policy(policy);
    let query = "select id from Task order by id limit 30";
    let tasks = session.query(query).all().unwrap();
    let trace = session.trace();
    let mut state = seed;
    let mut next = |limit: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 33).unwrap() % limit
    };
    for _ in 0..60 {
        let task = &tasks[next(tasks.len())];
        let path = PATHS[next(PATHS.len())];
        assert!(!task.value(path).unwrap().is_not_set(), "{path}");
    }
    trace.request_count()
}

#[test]
fn loading_for_all_never_takes_more_requests_than_loading_for_each() {
    let studio = Studio::new();
    for seed in 1..6 {
        let together = wander(&studio, FetchPolicy::Siblings, seed);
        let singly = wander(&studio, FetchPolicy::Single, seed);
        assert!(
            together < singly,
            "{together} and {singly} with seed {seed}"
        );
    }
}
