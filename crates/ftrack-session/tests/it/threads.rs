use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

use ftrack_session::{Entity, SchemaCache, Session, values};
use ftrack_transport::{ApiResponse, ScriptedTransport};

use crate::Studio;

#[test]
fn threads_read_set_and_commit_units_of_their_own() {
    const THREADS: usize = 8;
    const ROUNDS: usize = 6;
    let studio = Studio::new();
    let project = studio.project();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0_usize;
            while !stop.load(Ordering::Relaxed) {
                for task in studio.session.query("select id from Task limit 20") {
                    reads += task.unwrap().get::<String>("status.name").unwrap().len();
                }
                studio.session.reset();
            }
            reads
        });
        let writers: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (session, project) = (&studio.session, &project);
                scope.spawn(move || {
                    let unit = session.begin();
                    let parent = unit.attach(project).unwrap();
                    for round in 0..ROUNDS {
                        let name = format!("thread_{thread}_{round}");
                        unit.create("Sequence", values! { "name": name, "parent": &parent })
                            .unwrap();
                        assert_eq!(unit.commit().unwrap().operations, 1);
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        assert!(reader.join().unwrap() > 0);
    });
    let found = studio
        .other_session()
        .query("Sequence where name like \"thread_%\"")
        .all()
        .unwrap();
    assert_eq!(found.len(), THREADS * ROUNDS);
}

#[test]
fn a_value_that_is_set_during_a_commit_survives_it() {
    let studio = Studio::new();
    let project = studio.project();
    let stop = AtomicBool::new(false);
    let last = std::thread::scope(|scope| {
        let setter = scope.spawn(|| {
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) {
                number += 1;
                project.set("full_name", format!("name {number}")).unwrap();
                assert_eq!(
                    project.get::<String>("full_name").unwrap(),
                    format!("name {number}")
                );
            }
            number
        });
        let mut commits = 0;
        while commits < 20 {
            commits += studio.session.commit().unwrap().operations;
        }
        stop.store(true, Ordering::Relaxed);
        setter.join().unwrap()
    });
    studio.session.commit().unwrap();
    let found = studio
        .other_session()
        .get("Project", project.id())
        .unwrap()
        .unwrap();
    assert_eq!(
        found.get::<String>("full_name").unwrap(),
        format!("name {last}")
    );
}

#[test]
fn threads_that_want_the_same_wait_for_one_answer() {
    let studio = Studio::new();
    let tasks = studio
        .session
        .query("select id from Task limit 40")
        .all()
        .unwrap();
    let trace = studio.session.trace();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for task in &tasks {
                    assert!(!task.get::<String>("name").unwrap().is_empty());
                }
            });
        }
    });
    assert_eq!(trace.request_count(), 1);
}

/// Everything at once, on one session: each thread changes a task in the shared session and another in a unit of work.
#[test]
fn eight_threads_read_set_commit_populate_and_reset() {
    const THREADS: usize = 8;
    const ROUNDS: usize = 12;
    let studio = Studio::new();
    let query = "select id from Task order by id limit 20";
    let tasks = studio.session.query(query).all().unwrap();
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (session, tasks) = (&studio.session, &tasks);
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        one_round(session, tasks, thread, round);
                    }
                })
            })
            .collect();
        for thread in running {
            thread.join().unwrap();
        }
    });
    studio.session.commit().unwrap();
    assert!(studio.session.recorded_operations().is_empty());

    let other = studio.other_session();
    for thread in 0..THREADS {
        let task = other.get("Task", tasks[thread].id()).unwrap().unwrap();
        let metadata = task.metadata().unwrap();
        let last = (ROUNDS - 1).to_string();
        let shared = metadata.get::<String>("round").unwrap();
        assert_eq!(shared, last, "thread {thread}");
        let own = other.get("Task", tasks[THREADS + thread].id());
        let own = own.unwrap().unwrap().get::<String>("description");
        assert_eq!(own.unwrap(), last, "thread {thread}");
    }
    // Nothing is poisoned, and the session goes on.
    studio.session.reset();
    assert_eq!(studio.session.query(query).all().unwrap(), tasks);
}

fn one_round(session: &Session, tasks: &[Entity], thread: usize, round: usize) {
    let value = round.to_string();
    let mine = &tasks[thread];
    mine.metadata().unwrap().set("round", &*value).unwrap();
    let unit = session.begin();
    let own = unit.attach(&tasks[8 + thread]).unwrap();
    own.set("description", &*value).unwrap();
    match (thread + round) % 4 {
        0 => session.populate(tasks, ["status.name", "bid"]).unwrap(),
        1 => {
            // What this one forgets is in a session of its own: nobody else's changes are lost.
            unit.commit().unwrap();
            unit.reset();
            assert!(unit.recorded_operations().is_empty());
        }
        2 => drop(session.query("select name, link from Task").all().unwrap()),
        _ => {
            for task in tasks {
                assert!(!task.get::<String>("status.name").unwrap().is_empty());
            }
        }
    }
    unit.commit().unwrap();
    session.commit().unwrap();
    let known = mine.metadata().unwrap().get::<String>("round");
    assert_eq!(known.unwrap(), value, "thread {thread} in round {round}");
}

#[test]
fn a_page_that_was_fetched_before_a_commit_brings_nothing_old_back() {
    let studio = Studio::new();
    let session = &studio.session;
    let query = "select name, description from Task order by id limit 6";
    let tasks = session.query(query).all().unwrap();
    // The next page is on its way before anything is changed.
    let mut pages = session.query(query).page_size(2).into_iter();
    pages.next().unwrap().unwrap();
    for task in &tasks {
        task.set("description", "new").unwrap();
    }
    session.commit().unwrap();
    assert_eq!(pages.map(Result::unwrap).count(), 5);
    for task in &tasks {
        assert_eq!(task.get::<String>("description").unwrap(), "new");
    }
    // What somebody else changes comes with the next query.
    let other = studio.other_session();
    let same = other.get("Task", tasks[0].id()).unwrap().unwrap();
    same.set("description", "newer").unwrap();
    other.commit().unwrap();
    session.query(query).all().unwrap();
    assert_eq!(tasks[0].get::<String>("description").unwrap(), "newer");
}

/// A session whose third request, a commit, is answered when the barrier is reached.
fn slow_session(answered: Arc<Barrier>) -> Session {
    let asked = AtomicUsize::new(0);
    let transport = ScriptedTransport::answering(move |_| {
        let body = match asked.fetch_add(1, Ordering::SeqCst) {
            0 => r#"[{"version": "4.13.0", "is_timezone_support_enabled": true}]"#,
            1 => {
                r#"[[{"id": "Shot", "primary_key": ["id"], "properties": {
                    "id": {"type": "string", "default": "{uid}"}, "name": {"type": "string"}}}]]"#
            }
            _ => {
                answered.wait();
                r#"[{"action": "create", "data": {"__entity_type__": "Shot", "id": "s", "name": "010"}}]"#
            }
        };
        Ok(ApiResponse::new(200, body))
    });
    ftrack_session::SessionBuilder::new()
        .transport(Arc::new(transport))
        .schema_cache(SchemaCache::Disabled)
        .connect()
        .unwrap()
}

#[test]
fn a_rollback_waits_for_a_commit_that_is_under_way() {
    let answered = Arc::new(Barrier::new(2));
    let session = slow_session(Arc::clone(&answered));
    let values = values! { "id": "s", "name": "010" };
    let shot = session.create("Shot", values).unwrap();
    let trace = session.trace();
    std::thread::scope(|scope| {
        let commit = scope.spawn(|| session.commit().unwrap());
        let rollback = scope.spawn(|| {
            // The commit has taken its operations once the server knows of them.
            answered.wait();
            session.rollback();
        });
        assert_eq!(commit.join().unwrap().operations, 1);
        rollback.join().unwrap();
    });
    assert_eq!(trace.request_count(), 1);
    assert_eq!(shot.state(), None);
    // It was committed, so it is still the one that the session knows.
    assert_eq!(session.get("Shot", "s").unwrap(), Some(shot.clone()));
    assert_eq!(shot.get::<String>("name").unwrap(), "010");
}
