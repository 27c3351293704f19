use ftrack_session::{EntityState, ErrorKind, Identity, Key, Value, values};

use crate::Studio;

/// 0.15.3: new entities had no state when they were looked up.
#[test]
fn v0_15_3_a_new_entity_is_created_wherever_it_is_met() {
    let studio = Studio::new();
    let session = &studio.session;
    let shot = session.create("Shot", values! { "name": "new" }).unwrap();
    assert_eq!(shot.state(), Some(EntityState::Created));
    let known = session.get("Shot", shot.id()).unwrap().unwrap();
    assert_eq!(known.state(), Some(EntityState::Created));
    let referred = session.entity(shot.identity()).unwrap();
    assert_eq!(referred.state(), Some(EntityState::Created));
    assert_eq!(session.created(), [shot]);
}

/// 0.15.2: large collections were slow to change.
#[test]
fn v0_15_2_a_large_collection_is_filled_in_one_operation() {
    let studio = Studio::new();
    let session = &studio.session;
    let parent = session.create("Folder", values! { "name": "big" }).unwrap();
    let children: Vec<_> = (0..3000)
        .map(|number| {
            let name = format!("f{number}");
            session.create("Folder", values! { "name": name }).unwrap()
        })
        .collect();
    let before = session.recorded_operations().len();
    let collection = parent.collection("children").unwrap();
    collection.extend(&children).unwrap();
    assert_eq!(collection.len(), 3000);
    assert_eq!(session.recorded_operations().len(), before + 1);
    assert_eq!(collection.index_of(&children[2999]), Some(2999));
    session.rollback();
}

/// 0.4.2: local values outlived the commit, and what is immutable could be changed.
#[test]
fn v0_4_2_what_is_immutable_is_so_after_the_commit() {
    let studio = Studio::new();
    let session = &studio.session;
    let user = session.query("User").first().unwrap().unwrap();
    let job = session
        .create(
            "Job",
            values! { "user": &user, "status": "running", "type": "api_job" },
        )
        .unwrap();
    session.commit().unwrap();
    assert!(job.attribute("status").unwrap().local_value().is_not_set());
    assert!(job.attribute("type").unwrap().local_value().is_not_set());
    let error = job.set("type", "other").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ImmutableAttribute);
    assert!(session.recorded_operations().is_empty());
}

/// 0.2.0: some states could not end.
#[test]
fn v0_2_0_every_state_ends_with_a_commit_or_a_rollback() {
    let studio = Studio::new();
    let session = &studio.session;
    let project = studio.project();
    for ends in [
        (|session| session.commit().map(|_| ()).unwrap()) as fn(&ftrack_session::Session),
        |session| session.rollback(),
    ] {
        let new = || {
            session.create(
                "Folder",
                values! { "name": Key::random().to_string(), "parent": &project },
            )
        };
        let (created, modified, deleted) = (new().unwrap(), new().unwrap(), new().unwrap());
        session.commit().unwrap();
        let brief = new().unwrap();
        modified.set("description", "x").unwrap();
        deleted.delete().unwrap();
        assert_eq!(brief.state(), Some(EntityState::Created));
        assert_eq!(modified.state(), Some(EntityState::Modified));
        assert_eq!(deleted.state(), Some(EntityState::Deleted));
        ends(session);
        for entity in [created, modified, deleted, brief] {
            assert_eq!(entity.state(), None);
        }
    }
}

/// 0.2.0: what is in encoded data beside attributes was taken for attributes.
#[test]
fn v0_2_0_the_type_in_encoded_data_is_no_attribute() {
    let studio = Studio::new();
    let project = studio.project();
    let text = studio
        .session
        .encode(&project, ftrack_session::EncodeStrategy::SetOnly)
        .unwrap();
    assert!(text.contains("__entity_type__"), "{text}");
    let decoded = studio.other_session().decode(&text).unwrap();
    let decoded = decoded.as_entity().unwrap();
    assert_eq!(decoded, &project);
    assert!(decoded.keys().all(|name| name != "__entity_type__"));
    assert_eq!(decoded.state(), None);
}

/// 0.2.0: one entity had two identities, depending on the kind of text that named its type.
#[test]
fn v0_2_0_an_identity_does_not_depend_on_the_kind_of_text() {
    let id = "0154901C-EAF9-11E5-B165-00505681EC7A".to_lowercase();
    let owned = Identity::new("User", id.clone());
    assert_eq!(owned, Identity::new("User", id.as_str()));
    assert_eq!(
        owned,
        Identity::new(String::from("User").as_str(), Key::from(id))
    );
}

/// 0.2.0: making a collection changed the state of its entity.
#[test]
fn v0_2_0_looking_at_a_collection_changes_nothing() {
    let studio = Studio::new();
    let project = studio.project();
    assert!(!project.collection("children").unwrap().is_empty());
    project.metadata().unwrap().keys().unwrap();
    project.custom_attributes().unwrap().items().unwrap();
    assert_eq!(project.state(), None);
    assert!(studio.session.recorded_operations().is_empty());
}

/// 0.1.0-beta.2: replacing an item by itself was refused as a duplicate.
#[test]
fn v0_1_0_beta_2_an_item_can_be_replaced_by_itself() {
    let studio = Studio::new();
    let children = studio.project().collection("children").unwrap();
    let first = children.get(0).unwrap().unwrap();
    children.set(0, &first).unwrap();
    assert_eq!(children.get(0).unwrap(), Some(first));
}

/// 0.5.0: new entities have empty collections, to be filled before the commit.
#[test]
fn v0_5_0_collections_of_a_new_entity_can_be_filled() {
    let studio = Studio::new();
    let session = &studio.session;
    let values = values! { "name": "new", "parent": &studio.project() };
    let sequence = session.create("Sequence", values).unwrap();
    let children = sequence.collection("children").unwrap();
    assert!(children.is_empty());
    let shot = session.create("Shot", values! { "name": "010" }).unwrap();
    children.push(&shot).unwrap();
    session.commit().unwrap();
    let found = studio.other_session();
    let found = found.get("Shot", shot.id()).unwrap().unwrap();
    assert_eq!(
        found.get::<Identity>("parent").unwrap(),
        *sequence.identity()
    );
    assert_ne!(found.value("parent").unwrap(), Value::Null);
}
