use serde_json::json;

use super::*;

fn location(id: &str, name: &str) -> KnownLocation {
    KnownLocation {
        id: id.to_owned(),
        name: name.to_owned(),
        label: format!("Label of {name}"),
        description: format!("Description of {name}"),
    }
}

/// The built-in locations and one of the studio's own.
fn studio() -> Studio {
    Studio {
        locations: vec![
            location(crate::symbol::ORIGIN_LOCATION_ID, "ftrack.origin"),
            location(crate::symbol::SERVER_LOCATION_ID, "ftrack.server"),
            location("l-1", "studio.london"),
        ],
        scenario: json!({"scenario": "ftrack.automatic", "data": {}}),
    }
}

fn configured(studio: Studio) -> Studio {
    let scenario = json!({"scenario": "ftrack.centralized-storage", "data": {
        "location_id": "l-1", "location_name": "studio.london",
        "accessor": {"mount_points": {"linux": "/mnt/london", "osx": "", "windows": "L:\\"}},
    }});
    Studio { scenario, ..studio }
}

fn show(studio: &Studio, values: &Json) -> Json {
    match advance(values, studio).unwrap() {
        Answer::Show(form) => form.into_json(),
        Answer::Save(_) => panic!("saved, when a form was expected"),
    }
}

/// What a user interface sends back: each item's value under its name, with `entered` in place of what was proposed.
fn fill(form: &Json, entered: &Json) -> Json {
    let mut values = Map::new();
    for item in form["items"].as_array().unwrap() {
        if let Some(name) = item["name"].as_str() {
            let value = entered.get(name).unwrap_or(&item["value"]);
            values.insert(name.to_owned(), value.clone());
        }
    }
    values.into()
}

fn item<'form>(form: &'form Json, name: &str) -> &'form Json {
    let items = form["items"].as_array().unwrap();
    items.iter().find(|item| item["name"] == name).unwrap()
}

fn step(form: &Json) -> &str {
    item(form, "step")["value"].as_str().unwrap()
}

fn first_label(form: &Json) -> &str {
    assert_eq!(form["items"][0]["type"], "label");
    form["items"][0]["value"].as_str().unwrap()
}

#[test]
fn a_new_location_is_asked_for_step_by_step() {
    let studio = studio();
    let form = show(&studio, &json!({}));
    assert_eq!(
        (step(&form), &form["state"]),
        ("select_location", &json!("configuring"))
    );
    assert_eq!(
        item(&form, "location_id")["data"],
        json!([
            {"label": "Create new location", "value": "create_new_location"},
            {"label": "Label of studio.london (studio.london)", "value": "l-1",
             "description": "Description of studio.london"},
        ])
    );

    let form = show(
        &studio,
        &fill(&form, &json!({"location_id": "create_new_location"})),
    );
    assert_eq!(step(&form), "configure_location");
    for (name, proposed) in [
        ("location_name", "studio.central-storage-location"),
        ("location_label", "Studio location"),
    ] {
        assert_eq!(item(&form, name)["type"], "text");
        assert_eq!(item(&form, name)["value"], proposed);
    }

    let form = show(&studio, &fill(&form, &json!({})));
    assert_eq!(step(&form), "select_mount_point");
    let entered = json!({"linux_mount_point": " /mnt/storage ", "windows_mount_point": "S:\\"});
    let form = show(&studio, &fill(&form, &entered));
    assert_eq!(
        (step(&form), &form["state"]),
        ("confirm_summary", &json!("confirm"))
    );
    let summary = first_label(&form);
    for part in [
        "studio.central-storage-location",
        "* Linux: /mnt/storage\n* OS X: *Not set*\n* Windows: S:\\\n",
        "cannot be used on, OS X",
    ] {
        assert!(summary.contains(part), "{part}: {summary}");
    }

    let Answer::Save(plan) = advance(&fill(&form, &json!({})), &studio).unwrap() else {
        panic!("nothing to save");
    };
    assert!(matches!(plan.location, PlannedLocation::New(_)));
    assert_eq!(
        plan.scenario("l-2"),
        json!({"scenario": "ftrack.centralized-storage", "data": {
            "location_id": "l-2",
            "location_name": "studio.central-storage-location",
            "accessor": {"mount_points": {"linux": "/mnt/storage", "osx": "", "windows": "S:\\"}},
        }})
    );
    let form = plan.saved().into_json();
    assert_eq!(
        (step(&form), &form["state"]),
        ("save_configuration", &json!("done"))
    );
    assert!(advance(&fill(&form, &json!({})), &studio).is_err());
}

#[test]
fn a_location_that_exists_needs_mount_points_only() {
    let studio = studio();
    let form = show(
        &studio,
        &json!({"step": "select_location", "location_id": "l-1"}),
    );
    assert_eq!(step(&form), "select_mount_point");
    let form = show(&studio, &fill(&form, &json!({"linux_mount_point": "/a"})));
    assert!(first_label(&form).contains("Label of studio.london"));
    let Answer::Save(plan) = advance(&fill(&form, &json!({})), &studio).unwrap() else {
        panic!("nothing to save");
    };
    assert_eq!(
        plan.location,
        PlannedLocation::Existing(location("l-1", "studio.london"))
    );
}

#[test]
fn what_is_configured_is_proposed_with_a_warning() {
    let studio = configured(studio());
    let form = show(&studio, &Json::Null);
    assert_eq!(item(&form, "location_id")["value"], "l-1");
    assert!(first_label(&form).contains("configured already"));
    let form = show(&studio, &fill(&form, &json!({})));
    assert_eq!(item(&form, "linux_mount_point")["value"], "/mnt/london");
    assert_eq!(item(&form, "osx_mount_point")["value"], "");
    assert_eq!(item(&form, "windows_mount_point")["value"], "L:\\");
}

#[test]
fn what_is_proposed_depends_on_the_locations_there_are() {
    assert_eq!(
        item(&show(&studio(), &json!({})), "location_id")["value"],
        Json::Null
    );
    let mut empty = studio();
    empty.locations.pop();
    let form = show(&empty, &json!({}));
    assert_eq!(item(&form, "location_id")["value"], "create_new_location");
}

#[test]
fn a_location_that_cannot_be_chosen_is_asked_for_again() {
    for id in [
        json!("gone"),
        json!(null),
        json!(""),
        json!(crate::symbol::SERVER_LOCATION_ID),
    ] {
        let form = show(
            &studio(),
            &json!({"step": "select_location", "location_id": id}),
        );
        assert_eq!(step(&form), "select_location", "{id}");
        assert!(first_label(&form).contains("no such location"), "{id}");
    }
}

#[test]
fn name_label_and_description_are_checked() {
    let good = json!({
        "location_name": "studio.paris", "location_label": "Paris", "location_description": "Ours",
    });
    for (field, value, problem) in [
        ("location_name", "", "needs a label, a name"),
        ("location_label", "  ", "needs a label"),
        ("location_description", "", "and a description"),
        ("location_name", "studio.london", "is taken"),
        ("location_name", "ftrack.server", "is taken"),
        ("location_name", "ftrack.paris", "are reserved"),
    ] {
        let mut values = good.clone();
        values[field] = value.into();
        values["step"] = "configure_location".into();
        values["configuration"] =
            json!({"select_location": {"location_id": "create_new_location"}});
        let form = show(&studio(), &values);
        assert_eq!(step(&form), "configure_location", "{field}={value:?}");
        assert!(
            first_label(&form).contains(problem),
            "{}",
            first_label(&form)
        );
        // What was right need not be entered again.
        assert_eq!(item(&form, field)["value"], value.trim());
        let other = if field == "location_label" {
            "location_name"
        } else {
            "location_label"
        };
        assert_eq!(item(&form, other)["value"], good[other]);
    }
}

#[test]
fn a_name_that_was_taken_meanwhile_is_noticed_before_saving() {
    let values = json!({"step": "confirm_summary", "configuration": {
        "select_location": {"location_id": "create_new_location"},
        "configure_location": {
            "location_name": "studio.london", "location_label": "L", "location_description": "D",
        },
        "select_mount_point": {"linux_mount_point": "/a"},
    }});
    let form = show(&studio(), &values);
    assert_eq!(step(&form), "configure_location");
    assert!(first_label(&form).contains("studio.london is taken"));
    assert_eq!(
        item(&form, "configuration")["value"]["select_mount_point"]["linux_mount_point"],
        "/a"
    );
}

#[test]
fn what_the_server_refuses_can_be_tried_again() {
    let values = json!({"step": "confirm_summary", "configuration": {
        "select_location": {"location_id": "l-1"}, "select_mount_point": {"linux_mount_point": "/a"},
    }});
    let Answer::Save(plan) = advance(&values, &studio()).unwrap() else {
        panic!("nothing to save");
    };
    let form = plan
        .refused(&Error::new(ErrorKind::Server, "not today"))
        .into_json();
    assert_eq!(
        (step(&form), &form["state"]),
        ("confirm_summary", &json!("confirm"))
    );
    assert!(first_label(&form).contains("not today"));
    assert!(matches!(
        advance(&fill(&form, &json!({})), &studio()),
        Ok(Answer::Save(_))
    ));
}

#[test]
fn steps_and_values_that_make_no_sense_are_refused_or_passed_over() {
    for step in [json!("no_such_step"), json!(3), json!({})] {
        let error = advance(&json!({"step": step}), &studio()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{step}");
    }
    for values in [
        json!([1]),
        json!("x"),
        json!({"configuration": 3, "step": null}),
    ] {
        assert_eq!(
            step(&show(&studio(), &values)),
            "select_location",
            "{values}"
        );
    }
    // A scenario that somebody else wrote badly is not a scenario.
    for scenario in [
        json!(3),
        json!({"scenario": "ftrack.centralized-storage", "data": 5}),
    ] {
        let studio = Studio {
            scenario,
            ..studio()
        };
        let form = show(
            &studio,
            &json!({"step": "select_location", "location_id": "l-1"}),
        );
        assert_eq!(item(&form, "linux_mount_point")["value"], "");
    }
}
