use ftrack_cache::{Cache, MemoryCache};
use ftrack_session::{Entity, ErrorKind};

use crate::{Studio, builder};

/// 1.5.0: entities that came as part of another query kept their old values.
#[test]
fn v1_5_0_a_nested_query_updates_entities_that_are_known() {
    let studio = Studio::new();
    let shot = studio.session.query("select description from Shot").first();
    let shot = shot.unwrap().unwrap();
    let there = studio.other_session();
    let same = there.get("Shot", shot.id()).unwrap().unwrap();
    same.set("description", "changed elsewhere").unwrap();
    there.commit().unwrap();

    let text = format!(
        "select parent.description from Task where parent_id is \"{}\"",
        shot.id()
    );
    assert!(!studio.session.query(text).all().unwrap().is_empty());
    let trace = studio.session.trace();
    let description: String = shot.get("description").unwrap();
    assert_eq!(description, "changed elsewhere");
    assert_eq!(trace.request_count(), 0);
}

/// 1.4.0: collections that were fetched again were not taken over.
#[test]
fn v1_4_0_a_collection_that_is_fetched_again_is_as_the_server_has_it() {
    let studio = Studio::new();
    let query = "select children from Sequence where name is harbour";
    let sequence = studio.session.query(query).one().unwrap();
    let children = sequence.collection("children").unwrap();
    let before = children.len();

    let there = studio.other_session();
    let same = there.get("Sequence", sequence.id()).unwrap().unwrap();
    let new = there
        .create(
            "Shot",
            ftrack_session::values! { "name": "999", "parent": &same },
        )
        .unwrap();
    there.commit().unwrap();
    assert_eq!(children.len(), before);
    studio.session.query(query).one().unwrap();
    assert_eq!(children.len(), before + 1);
    assert!(children.identities().contains(new.identity()));
}

/// 0.15.4: the offset of a query was lost in `first`.
#[test]
fn v0_15_4_first_respects_an_offset() {
    let studio = Studio::new();
    let all = studio.session.query("Task order by id").all().unwrap();
    let third = studio.session.query("Task order by id offset 2").first();
    assert_eq!(third.unwrap().as_ref(), all.get(2));
}

/// 0.15.4: `one` of a query with an offset says nothing sensible, and is refused since.
#[test]
fn v0_15_4_one_takes_no_offset() {
    let studio = Studio::new();
    let error = studio.session.query("Task offset 2").one().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

/// 0.9.0: merging loaded references that were loaded already.
#[test]
fn v0_9_0_merging_many_that_refer_to_one_another_asks_for_nothing() {
    let studio = Studio::new();
    let query = "select name, parent.name, parent.children.name, project.name from Task";
    let tasks = studio.session.query(query).all().unwrap();
    let there = studio.other_session();
    let trace = there.trace();
    for task in &tasks {
        there.merge(task).unwrap();
    }
    assert_eq!(trace.request_count(), 0);
    let known = there.get("Task", tasks[0].id()).unwrap().unwrap();
    assert!(!known.get::<String>("name").unwrap().is_empty());
    assert_eq!(trace.request_count(), 0);
}

/// 0.8.0: addresses that are none were found out late.
#[test]
fn v0_8_0_addresses_that_make_no_sense_are_refused() {
    let studio = Studio::new();
    for address in [
        "",
        "studio",
        "studio.example",
        "ftp://studio.example",
        "http://",
        "//x",
        "http:// x",
    ] {
        let result = builder(&studio.server).server_url(address).connect();
        let error = result.expect_err(address);
        assert_eq!(
            error.kind(),
            ErrorKind::InvalidArgument,
            "{address}: {error}"
        );
    }
}

/// 0.5.2: what the server reported could be a page of HTML.
#[test]
fn v0_5_2_errors_of_the_server_are_readable() {
    let studio = Studio::new();
    let error = studio
        .session
        .query("Task where nmae is x")
        .all()
        .unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("nmae") && !message.contains('<'),
        "{message}"
    );
}

/// 0.5.0: a wrong user or key was reported in words that said anything but that.
#[test]
fn v0_5_0_a_wrong_user_or_key_is_called_that() {
    let studio = Studio::new();
    let wrong_key = builder(&studio.server).api_key("wrong").connect();
    let wrong_user = builder(&studio.server).api_user("nobody").connect();
    for result in [wrong_key, wrong_user] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    }
}

/// 0.5.0: entities that refer to each other could not be merged over a cache of texts.
#[test]
fn v0_5_0_entities_that_refer_in_circles_fit_into_a_serialised_cache() {
    let studio = Studio::new();
    let session = builder(&studio.server)
        .cache(|session| {
            let below = ftrack_cache::MemoryCache::new();
            Ok(Some(session.serialised(below)))
        })
        .connect()
        .unwrap();
    let query = "select name, children.name, children.parent.name, children.parent.children.parent from Sequence";
    let sequences = session.query(query).all().unwrap();
    assert!(!sequences.is_empty());
    for sequence in &sequences {
        for child in sequence.collection("children").unwrap().entities().unwrap() {
            assert_eq!(&child.get::<Entity>("parent").unwrap(), sequence);
        }
    }
}

/// 0.15.4: what only a cache below the first had could not be removed.
#[test]
fn v0_15_4_entities_are_removed_from_lower_caches_alone() {
    let studio = Studio::new();
    let session = builder(&studio.server)
        .cache(|session| Ok(Some(session.serialised(MemoryCache::new()))))
        .connect()
        .unwrap();
    let user = session.query("User").first().unwrap().unwrap();
    let key = session.cache_key(user.identity());
    session.reset();
    session.cache().remove(&key).unwrap();
    assert!(session.cache().get(&key).unwrap().is_none());
    assert!(session.cache().remove(&key).is_err());
}

/// 0.4.3: entity types were missing where a plugin had not been found.
#[test]
fn v0_4_3_entity_types_need_no_plugin() {
    let studio = Studio::new();
    let session = &studio.session;
    assert_eq!(session.types().len(), 128);
    for name in session.types() {
        assert!(session.schema().entity_type(name).is_ok(), "{name}");
    }
}
