//! The wizard that asks for a centralized storage, without a session: from what a form was filled in with and what the
//! studio has, to the next form or to what is to be saved.
//!
//! A form carries in hidden items everything that was entered before, so nothing is kept between two steps.

mod draft;
mod form;
mod step;

use serde_json::{Map, Value as Json};

use self::draft::Draft;
pub(super) use self::form::Form;
use self::form::{configure_location, confirm, done, select_location, select_mount_point};
use self::step::Step;
use super::settings::{CentralizedStorage, MountPoints};
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;

/// What the wizard has to know of the studio.
#[derive(Debug, Default)]
pub(super) struct Studio {
    /// The locations that can be chosen, or whose names are taken.
    pub(super) locations: Vec<KnownLocation>,
    /// The scenario as it is stored, whichever it is.
    pub(super) scenario: Json,
}

/// A location of the studio.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct KnownLocation {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) label: String,
    pub(super) description: String,
}

/// What comes after a form was filled in.
#[derive(Debug)]
pub(super) enum Answer {
    /// The user is asked more.
    Show(Form),
    /// The user has confirmed.
    Save(Box<Plan>),
}

/// What the user wants.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) location: PlannedLocation,
    pub(super) mount_points: MountPoints,
    draft: Draft,
}

/// The location that stands for the storage.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PlannedLocation {
    Existing(KnownLocation),
    /// To be created; it has no id yet.
    New(KnownLocation),
}

impl Plan {
    /// The scenario to store when the location is known.
    pub(super) fn scenario(&self, id: &str) -> Json {
        let (PlannedLocation::Existing(location) | PlannedLocation::New(location)) = &self.location;
        let storage = CentralizedStorage {
            location_id: id.to_owned(),
            location_name: location.name.clone(),
            mount_points: self.mount_points.clone(),
        };
        storage.to_scenario()
    }

    /// What is shown when it was saved.
    pub(super) fn saved(self) -> Form {
        done(self.draft)
    }

    /// What is shown when it could not be saved: the summary again, so that the user can try once more.
    pub(super) fn refused(self, reason: &Error) -> Form {
        let warning = format!("**The settings could not be saved: {reason}.**");
        confirm(&self.location, &self.mount_points, self.draft).with_warning(&warning)
    }
}

/// Takes what a form was filled in with, `values`, and answers with what comes next.
///
/// # Errors
///
/// [`ErrorKind::InvalidArgument`] if the values say that they come from a step that there is not.
pub(super) fn advance(values: &Json, studio: &Studio) -> Result<Answer> {
    let mut values = values.as_object().cloned().unwrap_or_default();
    let previous = match values.get("step") {
        None | Some(Json::Null) => Step::SelectScenario,
        Some(step) => step.as_str().and_then(Step::named).ok_or_else(|| {
            let message = format!("the wizard has no step {step}");
            Error::new(ErrorKind::InvalidArgument, message)
        })?,
    };
    let draft = Draft::new(previous, &mut values);
    match previous {
        Step::SelectScenario => Ok(Answer::Show(select_location(studio, draft))),
        Step::SelectLocation => Ok(Answer::Show(after_select_location(studio, draft))),
        Step::ConfigureLocation | Step::SelectStructure => {
            Ok(Answer::Show(match planned_location(studio, &draft) {
                Ok(_) => ask_structure(studio, draft),
                Err(invalid) => invalid.ask_again(studio, draft),
            }))
        }
        Step::SelectMountPoint => Ok(finish(studio, draft, |plan| {
            Answer::Show(confirm(&plan.location, &plan.mount_points, plan.draft))
        })),
        // Between confirming and looking at it, others may have changed the locations.
        Step::ConfirmSummary => Ok(finish(studio, draft, |plan| Answer::Save(Box::new(plan)))),
        Step::SaveConfiguration => Err(Error::new(
            ErrorKind::InvalidArgument,
            "the wizard has saved its settings: nothing comes after that",
        )),
    }
}

fn after_select_location(studio: &Studio, draft: Draft) -> Form {
    if draft.wants_new_location() {
        return configure_location(draft);
    }
    match planned_location(studio, &draft) {
        // What exists needs no name.
        Ok(_) => ask_structure(studio, draft),
        Err(invalid) => invalid.ask_again(studio, draft),
    }
}

/// There is one structure to choose from, so this step is passed over.
fn ask_structure(studio: &Studio, draft: Draft) -> Form {
    let stored = studio.scenario.pointer("/data/accessor/mount_points");
    let stored = stored.filter(|_| configured_data(studio).is_some());
    let mount_points = stored.map(MountPoints::from_json).unwrap_or_default();
    select_mount_point(&mount_points, draft)
}

/// Goes on if everything that was entered makes sense still.
fn finish(studio: &Studio, draft: Draft, next: impl FnOnce(Plan) -> Answer) -> Answer {
    match planned_location(studio, &draft) {
        Ok(location) => next(Plan {
            location,
            mount_points: draft.mount_points(),
            draft,
        }),
        Err(invalid) => Answer::Show(invalid.ask_again(studio, draft)),
    }
}

/// The data of the stored scenario, if that is a centralized storage.
fn configured_data(studio: &Studio) -> Option<&Map<String, Json>> {
    let is_ours = studio.scenario.get("scenario")?.as_str()? == super::CENTRALIZED_STORAGE;
    studio.scenario.get("data")?.as_object().filter(|_| is_ours)
}

/// Why a step has to be done again.
struct InvalidInput {
    step: Step,
    warning: String,
}

impl InvalidInput {
    fn ask_again(self, studio: &Studio, draft: Draft) -> Form {
        let form = if self.step == Step::ConfigureLocation {
            configure_location(draft)
        } else {
            select_location(studio, draft)
        };
        form.with_warning(&self.warning)
    }
}

/// The location that the draft speaks of.
fn planned_location(studio: &Studio, draft: &Draft) -> Result<PlannedLocation, InvalidInput> {
    if draft.wants_new_location() {
        return new_location(studio, draft).map_err(|problems| InvalidInput {
            step: Step::ConfigureLocation,
            warning: format!("**{}**", problems.join(" ")),
        });
    }
    let id = draft.text(Step::SelectLocation, "location_id");
    let found = studio
        .locations
        .iter()
        .find(|location| location.id == id && !location.is_built_in());
    found
        .cloned()
        .map(PlannedLocation::Existing)
        .ok_or_else(|| InvalidInput {
            step: Step::SelectLocation,
            warning:
                "**There is no such location. Choose one from the list, or create a new one.**"
                    .to_owned(),
        })
}

fn new_location(studio: &Studio, draft: &Draft) -> Result<PlannedLocation, Vec<String>> {
    let location = draft.new_location();
    let name = &location.name;
    let mut problems = Vec::new();
    if [name, &location.label, &location.description]
        .iter()
        .any(|text| text.is_empty())
    {
        problems.push("A location needs a label, a name and a description.".to_owned());
    }
    if studio.locations.iter().any(|known| known.name == *name) {
        problems.push(format!("The name {name} is taken by another location."));
    } else if name.starts_with("ftrack.") {
        problems.push("Names that begin with ftrack. are reserved.".to_owned());
    }
    if problems.is_empty() {
        Ok(PlannedLocation::New(location))
    } else {
        Err(problems)
    }
}

impl KnownLocation {
    /// Whether it is one that every server has, which stands for no storage of the studio.
    fn is_built_in(&self) -> bool {
        use crate::symbol;
        [
            symbol::ORIGIN_LOCATION_ID,
            symbol::UNMANAGED_LOCATION_ID,
            symbol::REVIEW_LOCATION_ID,
            symbol::CONNECT_LOCATION_ID,
            symbol::SERVER_LOCATION_ID,
        ]
        .contains(&self.id.as_str())
    }
}

#[cfg(test)]
mod tests;
