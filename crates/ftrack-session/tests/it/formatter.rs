//! Entities as text for people.

use ftrack_session::{Colours, Entity, FetchPolicy, Formatter, values};
use serde_json::json;

use crate::Studio;

fn plain<'a>() -> Formatter<'a> {
    Formatter::new().colours(Colours::Never)
}

/// A user of whom only this is known.
fn user(studio: &Studio) -> Entity {
    let text = json!({"__entity_type__": "User", "id": "u-1", "username": "martin", "email": null,
        "is_active": true, "assignments": [{"__entity_type__": "Appointment", "id": "a-1"}],
        "user_type": {"__entity_type__": "UserType", "id": "t-1"}});
    let decoded = studio.session.decode(&text.to_string()).unwrap();
    decoded.as_entity().unwrap().clone()
}

#[test]
fn attributes_are_listed_by_name() {
    let studio = Studio::new();
    let _off = studio.session.auto_populating(false);
    let text = plain().ignore_unset().format(&user(&studio)).unwrap();
    let expected = "\
User
 assignments: [Appointment(a-1)]
 email: null
 id: u-1
 is_active: true
 user_type: UserType
             id: t-1
 username: martin";
    assert_eq!(text, expected);
    let everything = plain().format(&user(&studio)).unwrap();
    assert!(
        everything.contains("\n first_name: NOT_SET\n"),
        "{everything}"
    );
}

#[test]
fn recursion_indents_and_ends_where_it_began() {
    let studio = Studio::new();
    let session = &studio.session;
    let shot = session.create("Shot", values! { "name": "010" }).unwrap();
    for name in ["model", "light"] {
        let task = session
            .create("Task", values! { "name": name, "parent": &shot })
            .unwrap();
        shot.collection("children").unwrap().push(&task).unwrap();
    }
    let text = plain()
        .recursive(true)
        .filter(|_, name, _| ["name", "children", "parent"].contains(&name))
        .ignore_unset()
        .indent(2)
        .format(&shot)
        .unwrap();
    let expected = "  Shot
   children: Task
              name: model
              parent: Shot{...}
             Task
              name: light
              parent: Shot{...}
   name: 010";
    assert_eq!(text, expected);
    let text = plain()
        .filter(|_, name, _| name == "name")
        .indent(2)
        .indent_first_line(false);
    assert_eq!(text.format(&shot).unwrap(), "Shot\n   name: 010");
}

#[test]
fn metadata_is_listed_with_its_values() {
    let studio = Studio::new();
    let shot = studio
        .session
        .create(
            "Shot",
            values! { "name": "010", "metadata": json!({"a": "1", "b": "2"}) },
        )
        .unwrap();
    let text = plain()
        .filter(|_, name, _| name == "metadata")
        .format(&shot)
        .unwrap();
    assert_eq!(text, "Shot\n metadata: {a: 1, b: 2}");
}

#[test]
fn colours_and_styles_are_applied() {
    let studio = Studio::new();
    let user = user(&studio);
    let _off = studio.session.auto_populating(false);
    let only_name = |formatter: Formatter<'static>| {
        formatter
            .filter(|_, name, _| name == "username")
            .format(&user)
            .unwrap()
    };
    let coloured = only_name(Formatter::new().colours(Colours::Always));
    assert_eq!(
        coloured,
        "\x1b[1;44;97mUser\x1b[0m\n \x1b[1;34musername\x1b[0m: martin"
    );
    let styled = plain()
        .header(|text| format!("== {text}"))
        .label(str::to_uppercase);
    assert_eq!(only_name(styled), "== User\n USERNAME: martin");
    // Tests do not write to a terminal, unless the environment says otherwise.
    if std::env::var_os("FORCE_COLOR").is_none() {
        assert_eq!(
            only_name(Formatter::new()).contains('\x1b'),
            Colours::Auto.are_on()
        );
    }
}

#[test]
fn what_is_missing_is_loaded_in_one_request() {
    let studio = Studio::new();
    let task = studio.session.query("Task").first().unwrap().unwrap();
    let trace = studio.session.trace();
    let text = plain().format(&task).unwrap();
    assert_eq!(trace.request_count(), 1, "{:?}", trace.requests());
    assert!(text.starts_with("Task\n"), "{text}");
    let unset = text
        .lines()
        .filter(|line| line.starts_with(" description: NOT_SET"));
    assert_eq!(unset.count(), 0);
    // The setting of the caller is as before.
    assert_eq!(studio.session.fetch_policy(), FetchPolicy::Siblings);
}
