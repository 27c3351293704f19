//! Errors that help.

use std::error::Error as _;

use ftrack_session::{Entity, Error, ErrorKind, values};

use crate::Studio;

#[test]
fn the_alternate_form_prints_the_chain_of_causes() {
    let below = std::io::Error::other("disk is full");
    let error = Error::new(ErrorKind::File, "the cache cannot be written").with_source(below);
    assert_eq!(error.to_string(), "the cache cannot be written");
    assert_eq!(
        format!("{error:#}"),
        "the cache cannot be written: disk is full"
    );
}

#[test]
fn what_main_prints_is_for_people() {
    let below = std::io::Error::other("disk is full");
    let error = Error::new(ErrorKind::File, "the cache cannot be written")
        .with_detail("path", "/cache")
        .with_source(below);
    assert_eq!(
        format!("{error:?}"),
        "the cache cannot be written (File)\n  path: \"/cache\"\n\ncaused by:\n  disk is full"
    );
    assert!(format!("{error:#?}").contains("kind: File"));
}

#[test]
fn sources_can_be_downcast() {
    let below = std::io::Error::other("disk is full");
    let lower = ftrack_transport::Error::Engine { source: below };
    let error = Error::from(lower);
    assert!(error.source().unwrap().is::<std::io::Error>());
    let said = format!("{error:#}");
    assert_eq!(said.matches("disk is full").count(), 1, "{said}");

    let below = std::io::Error::other("no such disk");
    let error = Error::from(ftrack_cache::Error::backend(below));
    let mut cause = error.source();
    while let Some(found) = cause.filter(|found| !found.is::<std::io::Error>()) {
        cause = found.source();
    }
    assert!(cause.is_some(), "{error:?}");
}

#[test]
fn a_duplicate_is_said_in_the_names_of_the_program() {
    let studio = Studio::new();
    let session = &studio.session;
    let shot = session
        .query("select name, parent.name from Shot")
        .first()
        .unwrap()
        .unwrap();
    let parent: Entity = shot.get("parent").unwrap();
    let name = shot.get::<String>("name").unwrap();
    parent.set("description", "something else").unwrap();
    session
        .create("Shot", values! { "name": &name, "parent": &parent })
        .unwrap();
    let error = session.commit().unwrap_err();
    assert!(error.is(ErrorKind::NotUnique), "{error:?}");
    let parent = parent.get::<String>("name").unwrap();
    let said = format!("{parent} already has a Shot {name:?}");
    assert!(error.to_string().starts_with(&said), "{error}");
    session.rollback();
}

#[test]
fn a_reference_to_nothing_and_a_wrong_value_of_a_key_name_what_was_sent() {
    let studio = Studio::new();
    let session = &studio.session;
    let shot = session.query("Shot").first().unwrap().unwrap();
    let name = shot.get::<String>("name").unwrap();
    shot.set("status_id", "11111111-2222-3333-4444-555555555555")
        .unwrap();
    let error = session.commit().unwrap_err();
    assert!(
        error
            .to_string()
            .contains(&format!("update Shot {name:?}: status_id")),
        "{error}"
    );
    session.rollback();
    shot.custom_attributes()
        .unwrap()
        .set("fstart", "many")
        .unwrap();
    let error = session.commit().unwrap_err();
    let said = format!("update Shot {name:?}: custom_attributes.fstart");
    assert!(error.to_string().contains(&said), "{error}");
    session.rollback();
}

#[test]
fn errors_of_parsers_are_errors_of_a_session() {
    fn parse() -> ftrack_session::Result<()> {
        ftrack_query::Query::parse("Task where name is x")?;
        "2026-11-08T10:12:09".parse::<ftrack_session::Timestamp>()?;
        ftrack_expression::Expression::parse("topic=")?;
        Ok(())
    }
    let error = parse().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Parse);
    assert_eq!(error.details()["line"], 1);
    let time = Error::from("soon".parse::<ftrack_session::Timestamp>().unwrap_err());
    assert!(time.to_string().contains("soon"), "{time}");
}
