//! What was entered so far.

use serde_json::{Map, Value as Json};

use super::KnownLocation;
use super::step::Step;
use crate::storage_scenario::settings::MountPoints;

/// What stands in the list of locations for one that is to be created.
pub(super) const NEW_LOCATION: &str = "create_new_location";

/// What was entered in each step, by the name of the step. It travels in a hidden item of every form.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft(Map<String, Json>);

impl Draft {
    /// What came with a form: earlier steps under `configuration`, and beside it the step that was just done.
    pub(super) fn new(previous: Step, values: &mut Map<String, Json>) -> Self {
        let mut draft = match values.remove("configuration") {
            Some(Json::Object(configuration)) => configuration,
            _ => Map::new(),
        };
        if !values.is_empty() {
            let values = std::mem::take(values);
            draft.insert(previous.name().to_owned(), values.into());
        }
        Self(draft)
    }

    /// What was entered in a field; empty if nothing was.
    pub(super) fn text(&self, step: Step, field: &str) -> &str {
        let entered = self.0.get(step.name()).and_then(|values| values.get(field));
        entered.and_then(Json::as_str).unwrap_or_default().trim()
    }

    pub(super) fn has(&self, step: Step) -> bool {
        self.0.contains_key(step.name())
    }

    pub(super) fn wants_new_location(&self) -> bool {
        self.text(Step::SelectLocation, "location_id") == NEW_LOCATION
    }

    pub(super) fn new_location(&self) -> KnownLocation {
        let text = |field| self.text(Step::ConfigureLocation, field).to_owned();
        KnownLocation {
            id: String::new(),
            name: text("location_name"),
            label: text("location_label"),
            description: text("location_description"),
        }
    }

    pub(super) fn mount_points(&self) -> MountPoints {
        let text = |field| self.text(Step::SelectMountPoint, field).to_owned();
        MountPoints {
            linux: text("linux_mount_point"),
            osx: text("osx_mount_point"),
            windows: text("windows_mount_point"),
        }
    }

    pub(super) fn into_json(self) -> Json {
        self.0.into()
    }
}
