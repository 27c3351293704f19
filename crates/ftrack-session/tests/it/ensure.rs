use ftrack_session::{ErrorKind, values};

use crate::Studio;

#[test]
fn the_first_time_it_creates_then_it_finds_and_changes() {
    let studio = Studio::new();
    let session = &studio.session;
    let first = session
        .ensure("User", values! { "username": "martin" }, &[])
        .unwrap();
    let again = session
        .ensure("User", values! { "username": "martin" }, &[])
        .unwrap();
    assert_eq!(first, again);
    let user = values! { "username": "martin", "email": "martin@example.com" };
    let changed = session.ensure("User", user, &["username"]).unwrap();
    assert_eq!(changed, first);
    let found = studio
        .other_session()
        .query("User where username is martin")
        .one()
        .unwrap();
    assert_eq!(found.get::<String>("email").unwrap(), "martin@example.com");
}

#[test]
fn finding_takes_one_request_and_an_unchanged_entity_no_commit() {
    let studio = Studio::new();
    let user = || values! { "username": "martin", "email": "martin@example.com" };
    studio
        .session
        .ensure("User", user(), &["username"])
        .unwrap();
    let other = studio.other_session();
    let trace = other.trace();
    other.ensure("User", user(), &["username"]).unwrap();
    assert_eq!(trace.request_count(), 1);
}

#[test]
fn values_are_never_part_of_the_query_s_syntax() {
    let studio = Studio::new();
    for name in [
        "a\" or username is \"admin",
        "it's",
        "back\\slash",
        "end\\",
        "limit 1",
        "björk \u{1f3ac}",
    ] {
        let user = studio
            .session
            .ensure("User", values! { "username": name }, &[])
            .unwrap();
        let found = studio
            .other_session()
            .ensure("User", values! { "username": name }, &[])
            .unwrap();
        assert_eq!(found.identity(), user.identity(), "{name}");
        assert_eq!(found.get::<String>("username").unwrap(), name);
    }
}

#[test]
fn entities_are_found_by_what_they_refer_to() {
    let studio = Studio::new();
    let project = studio.project();
    let values = || values! { "name": "ensured", "parent": &project };
    let sequence = studio.session.ensure("Sequence", values(), &[]).unwrap();
    assert_eq!(
        studio.session.ensure("Sequence", values(), &[]).unwrap(),
        sequence
    );
}

#[test]
fn it_needs_values_to_find_the_entity_by() {
    let studio = Studio::new();
    let none: [(&str, ftrack_session::Value); 0] = [];
    let kind = |result: ftrack_session::Result<_>| {
        result
            .map(|_: ftrack_session::Entity| ())
            .unwrap_err()
            .kind()
    };
    assert_eq!(
        kind(studio.session.ensure("User", none, &[])),
        ErrorKind::InvalidArgument
    );
    let user = values! { "username": "martin" };
    assert_eq!(
        kind(studio.session.ensure("User", user, &["email"])),
        ErrorKind::InvalidArgument
    );
    let active = values! { "status": "active" };
    assert_eq!(
        kind(studio.session.ensure("Project", active, &[])),
        ErrorKind::MultipleResultsFound
    );
}

#[test]
fn points_in_time_are_found_again_whatever_their_offset() {
    let studio = Studio::new();
    let session = &studio.session;
    let user = session.query("User").first().unwrap().unwrap();
    let utc = chrono::DateTime::parse_from_rfc3339("2024-03-31T22:30:15.250Z").unwrap();
    let kiritimati = chrono::FixedOffset::east_opt(14 * 3600).unwrap();
    let values = |start: chrono::DateTime<chrono::FixedOffset>| {
        values! { "user_id": user.id(), "start": start, "duration": 60.0 }
    };
    let first = session
        .ensure("Timelog", values(utc), &["user_id", "start"])
        .unwrap();
    let other = studio.other_session();
    for same in [utc, utc.with_timezone(&kiritimati)] {
        let found = other
            .ensure("Timelog", values(same), &["user_id", "start"])
            .unwrap();
        assert_eq!(found, first, "{same}");
    }
    let later = utc + chrono::TimeDelta::seconds(1);
    let second = other
        .ensure("Timelog", values(later), &["user_id", "start"])
        .unwrap();
    assert_ne!(second, first);

    let day = chrono::NaiveDate::from_ymd_opt(2024, 4, 1).unwrap();
    let values = || values! { "name": "a day", "start_date": day, "parent": &studio.project() };
    let keys = ["name", "start_date"];
    let task = session.ensure("Milestone", values(), &keys).unwrap();
    assert_eq!(other.ensure("Milestone", values(), &keys).unwrap(), task);
}
