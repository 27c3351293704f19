//! The storage scenario: where a studio keeps its files, as a setting of the server says.
//!
//! A server tells with its information which scenario is active. When a session configures its locations it publishes
//! `ftrack.storage-scenario.activate` to its own process, and whoever knows the scenario configures a location. One is
//! built in, `ftrack.centralized-storage`: a folder that every machine of the studio mounts, each platform at a path of
//! its own. `ftrack.automatic` means that there is nothing to do.

mod activate;
mod configure;
mod locations;
mod settings;
mod verify;
mod wizard;

use ftrack_event::Event;
use serde_json::{Value as Json, json};

pub use self::configure::CentralizedStorageWizard;
pub(crate) use self::locations::Locations;
use crate::error::Result;
use crate::session::Session;

/// The scenario that is built in.
const CENTRALIZED_STORAGE: &str = "ftrack.centralized-storage";

/// Published synchronously when locations are configured; the scenario is in its data.
const ACTIVATE: &str = "ftrack.storage-scenario.activate";

/// Asked by ftrack Connect when it starts; what is answered is shown to the user as a warning.
const VERIFY_STARTUP: &str = "ftrack.connect.verify-startup";

/// Subscribes to the hub what makes the built-in scenario work. Done once, before locations are configured.
fn register(session: &Session) -> Result<()> {
    let hub = session.event_hub();
    let weak = session.downgrade();
    hub.subscribe(&for_scenario(ACTIVATE), move |event| {
        let session = weak.upgrade().ok_or("the session is gone")?;
        activate::activate(&session, scenario_of(event))?;
        Ok(None)
    })?;
    hub.subscribe(&for_scenario(VERIFY_STARTUP), |event| {
        Ok(verify::problem(scenario_of(event)).map(Json::from))
    })?;
    Ok(())
}

/// Tells whoever knows the server's scenario to configure its location, if there is a scenario.
fn publish_activation(session: &Session) -> Result<()> {
    let Some(scenario) = session.server_information().get("storage_scenario") else {
        return Ok(());
    };
    let is_set = scenario
        .get("scenario")
        .and_then(Json::as_str)
        .is_some_and(|name| !name.is_empty());
    if is_set {
        let event = Event::new(ACTIVATE).with_data(json!({ "storage_scenario": scenario }));
        session.event_hub().publish_synchronously(event)?;
    }
    Ok(())
}

/// Chooses events of a topic that concern the built-in scenario.
fn for_scenario(topic: &str) -> String {
    format!("topic={topic} and data.storage_scenario.scenario=\"{CENTRALIZED_STORAGE}\"")
}

fn scenario_of(event: &Event) -> &Json {
    event.data.get("storage_scenario").unwrap_or(&Json::Null)
}
