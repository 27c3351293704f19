//! The forms, as the user interfaces of ftrack show them.

use serde_json::{Value as Json, json};

use super::draft::{Draft, NEW_LOCATION};
use super::step::Step;
use super::{KnownLocation, PlannedLocation, Studio, configured_data};
use crate::storage_scenario::settings::{MountPoints, Platform};

/// What is proposed for a new location.
const PROPOSED: [(&str, &str, &str); 3] = [
    ("Label", "location_label", "Studio location"),
    ("Name", "location_name", "studio.central-storage-location"),
    (
        "Description",
        "location_description",
        "The storage that the whole studio shares.",
    ),
];

/// Items to show, and how far the wizard is.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::storage_scenario) struct Form {
    items: Vec<Json>,
    state: &'static str,
}

impl Form {
    /// A form of a step, with the draft in hidden items.
    fn new(step: Step, state: &'static str, mut items: Vec<Json>, draft: Draft) -> Self {
        items.push(json!({"type": "hidden", "name": "configuration", "value": draft.into_json()}));
        items.push(json!({"type": "hidden", "name": "step", "value": step.name()}));
        Self { items, state }
    }

    /// Says first what was wrong.
    pub(super) fn with_warning(mut self, warning: &str) -> Self {
        self.items.insert(0, label(warning));
        self
    }

    /// The form as events carry it.
    pub(in crate::storage_scenario) fn into_json(self) -> Json {
        json!({ "items": self.items, "state": self.state })
    }
}

fn label(text: &str) -> Json {
    json!({ "type": "label", "value": text })
}

/// Which location is to stand for the storage.
pub(super) fn select_location(studio: &Studio, draft: Draft) -> Form {
    let choosable = studio.locations.iter().filter(|it| !it.is_built_in());
    let mut choices = vec![json!({ "label": "Create new location", "value": NEW_LOCATION })];
    choices.extend(choosable.map(|location| {
        json!({
            "label": format!("{} ({})", location.label, location.name),
            "description": location.description,
            "value": location.id,
        })
    }));
    let configured = configured_data(studio).and_then(|data| data.get("location_id")?.as_str());
    let proposed = configured.or((choices.len() == 1).then_some(NEW_LOCATION));
    let mut text = "#Select location#\nWhich location is to stand for the storage that everybody in the studio can \
                    reach? Take one that there is, or create one."
        .to_owned();
    if configured.is_some() {
        text.push_str(
            "\n\n**A storage is configured already. What was published to its location will not be found any more \
             where people look for it if you take another one.**",
        );
    }
    let items = vec![
        label(&text),
        json!({
            "type": "enumerator",
            "label": "Location",
            "name": "location_id",
            "value": proposed,
            "data": choices,
        }),
    ];
    Form::new(Step::SelectLocation, "configuring", items, draft)
}

/// What a new location is to be called.
pub(super) fn configure_location(draft: Draft) -> Form {
    let mut items = vec![label(
        "#Create location#\nA new location is created for the storage. Unless you have reasons to change them, the names \
         below will do.",
    )];
    for (text, name, proposed) in PROPOSED {
        let value = if draft.has(Step::ConfigureLocation) {
            draft.text(Step::ConfigureLocation, name)
        } else {
            proposed
        };
        items.push(json!({ "type": "text", "label": text, "name": name, "value": value }));
    }
    Form::new(Step::ConfigureLocation, "configuring", items, draft)
}

/// Where each platform mounts the storage.
pub(super) fn select_mount_point(stored: &MountPoints, draft: Draft) -> Form {
    let mut items = vec![label(
        "#Mount points#\nUnder which path is the storage mounted on each platform? A platform whose path is missing \
         or wrong can neither save files there nor find them.",
    )];
    for platform in Platform::ALL {
        let example = match platform {
            Platform::Linux => "/mnt/storage",
            Platform::MacOs => "/Volumes/storage",
            Platform::Windows => r"\\server\storage",
        };
        items.push(json!({
            "type": "text",
            "label": platform.label(),
            "name": format!("{}_mount_point", platform.key()),
            "empty_text": format!("Such as {example}"),
            "value": stored.for_platform(platform).unwrap_or_default(),
        }));
    }
    Form::new(Step::SelectMountPoint, "configuring", items, draft)
}

/// What is going to be saved.
pub(super) fn confirm(
    location: &PlannedLocation,
    mount_points: &MountPoints,
    draft: Draft,
) -> Form {
    let mut text = format!(
        "#Confirm storage setup#\n\nThis is what will be saved. It can be changed again at any time.\n##Location##\n\n\
         {}\n##Mount points##\n\n",
        described(location)
    );
    text.extend(Platform::ALL.map(|platform| {
        let path = mount_points.for_platform(platform).unwrap_or("*Not set*");
        format!("* {}: {path}\n", platform.label())
    }));
    let missing: Vec<&str> = Platform::ALL
        .into_iter()
        .filter(|platform| mount_points.for_platform(*platform).is_none())
        .map(Platform::label)
        .collect();
    if !missing.is_empty() {
        text.push_str("\nThe location has no mount point on, and cannot be used on, ");
        text.push_str(&missing.join(" and "));
    }
    Form::new(Step::ConfirmSummary, "confirm", vec![label(&text)], draft)
}

fn described(location: &PlannedLocation) -> String {
    match location {
        PlannedLocation::Existing(KnownLocation { label, .. }) => {
            format!("The location that is used: {label}\n")
        }
        PlannedLocation::New(KnownLocation {
            name,
            label,
            description,
            ..
        }) => format!(
            "A location is created:\n\n* Label: {label}\n* Name: {name}\n* Description: {description}\n"
        ),
    }
}

/// It was saved.
pub(super) fn done(draft: Draft) -> Form {
    let text = "#Done!#\nThe storage is configured. **Connect and other applications that are running have to be \
                started again to use it.**";
    Form::new(Step::SaveConfiguration, "done", vec![label(text)], draft)
}
