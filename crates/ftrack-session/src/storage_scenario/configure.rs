//! The wizard on the event hub.

use ftrack_event::Event;
use serde_json::{Value as Json, json};

use super::CENTRALIZED_STORAGE;
use super::verify;
use super::wizard::{Answer, Form, KnownLocation, Plan, PlannedLocation, Studio, advance};
use crate::entity::Entity;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::plugin::Plugin;
use crate::plugin_arguments::PluginArguments;
use crate::session::Session;
use crate::values;

/// Told to everybody when the wizard has saved.
const CONFIGURE_DONE: &str = "ftrack.storage-scenario.configure-done";

/// Lets the user of a session configure the centralized storage of the studio, in the web interface of ftrack or
/// wherever else storage scenarios are asked for.
///
/// It is a [`Plugin`], and no session has it unless it is registered. It answers two topics for the user of the session
/// alone: `ftrack.storage-scenario.discover` with what it is called, and `ftrack.storage-scenario.configure` with one
/// form after the other: select a location, configure it if it is new, select mount points, confirm. Then it stores the
/// scenario with the server and publishes `ftrack.storage-scenario.configure-done`. Sessions that start from then on
/// find the location configured: a [`DiskAccessor`](ftrack_location::DiskAccessor) at the mount point of their
/// platform, the [`StandardStructure`](ftrack_location::StandardStructure), and priority 1.
///
/// The product documentation mentions it in its release notes ("centralized-storage").
///
/// ```
/// use ftrack_session::{CentralizedStorageWizard, Session};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = ftrack_server::Server::builder().start()?;
/// # let (url, user, key) = (server.url(), server.user(), server.api_key());
/// let session = ftrack_session::SessionBuilder::new()
///     .server_url(url)
///     .api_user(user)
///     .api_key(key)
///     .plugin(CentralizedStorageWizard)
///     .connect()?;
/// session.event_hub().connect()?;
/// // `session.event_hub().wait(None)?` answers whoever asks.
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct CentralizedStorageWizard;

impl Plugin for CentralizedStorageWizard {
    fn register(&self, session: &Session, _: &PluginArguments) -> Result<()> {
        let hub = session.event_hub();
        let user = quoted(session.api_user());
        hub.subscribe(
            &format!("topic=ftrack.storage-scenario.discover and source.user.username={user}"),
            |_| Ok(Some(Self::description())),
        )?;
        let weak = session.downgrade();
        let configure = format!(
            "topic=ftrack.storage-scenario.configure and data.scenario_id=\"{CENTRALIZED_STORAGE}\" \
             and source.user.username={user}"
        );
        hub.subscribe(&configure, move |event| {
            let session = weak.upgrade().ok_or("the session is gone")?;
            let values = event.data.get("values").unwrap_or(&Json::Null);
            Ok(Some(Self::form(&session, values)?))
        })?;
        Ok(())
    }
}

/// What the wizard answers, for programs that are asked in another way than by events of a session.
impl CentralizedStorageWizard {
    /// What the scenario is called: the answer to `ftrack.storage-scenario.discover`, an object of `id`, `name` and
    /// `description`.
    pub fn description() -> Json {
        json!({
            "id": CENTRALIZED_STORAGE,
            "name": "Centralized storage scenario",
            "description": "All files are on one storage, which every machine of the studio mounts. What most studios want.",
        })
    }

    /// The form that comes after the one that was filled in with `values`, an object of names and values; the first one
    /// if there are none. After the last form the scenario is stored, and everybody is told.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if the values come from a step that there is not, and the errors of a query.
    pub fn form(session: &Session, values: &Json) -> Result<Json> {
        answer(session, values).map(Form::into_json)
    }

    /// What is wrong with the storage of `scenario`, as the server tells it, on this machine: text for its user, the
    /// answer to `ftrack.connect.verify-startup`. `None` if all is well.
    pub fn problem(scenario: &Json) -> Option<String> {
        verify::problem(scenario)
    }
}

/// A text as expressions take it, which know no escapes: a name has at most one kind of quotes in it.
fn quoted(text: &str) -> String {
    let quote = if text.contains('"') { '\'' } else { '"' };
    format!("{quote}{text}{quote}")
}

fn answer(session: &Session, values: &Json) -> Result<Form> {
    // Nothing that the program has begun is sent along, and nothing is left behind if the server refuses.
    let unit = session.begin();
    match advance(values, &studio(&unit)?)? {
        Answer::Show(form) => Ok(form),
        Answer::Save(plan) => Ok(match save(&unit, &plan) {
            Ok(()) => {
                tell(session);
                plan.saved()
            }
            Err(error) => {
                unit.rollback();
                tracing::warn!(%error, "the storage scenario was not saved");
                plan.refused(&error)
            }
        }),
    }
}

fn studio(unit: &Session) -> Result<Studio> {
    let locations = unit
        .query("select name, label, description from Location order by name")
        .all()?;
    let setting = setting(unit)?;
    let scenario: Option<String> = setting.get("value")?;
    Ok(Studio {
        locations: locations.iter().map(known).collect::<Result<_>>()?,
        // What is not JSON is as good as nothing: the wizard is there to replace it.
        scenario: scenario
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default(),
    })
}

fn known(location: &Entity) -> Result<KnownLocation> {
    let text = |name| Ok::<_, Error>(location.get::<Option<String>>(name)?.unwrap_or_default());
    Ok(KnownLocation {
        id: location.id(),
        name: text("name")?,
        label: text("label")?,
        description: text("description")?,
    })
}

fn setting(unit: &Session) -> Result<Entity> {
    unit.query(
        "select value from Setting where name is \"storage_scenario\" and group is \"STORAGE\"",
    )
    .one()
}

fn save(unit: &Session, plan: &Plan) -> Result<()> {
    let id = match &plan.location {
        PlannedLocation::Existing(location) => location.id.clone(),
        PlannedLocation::New(location) => {
            let location = unit.create(
                "Location",
                values! {
                    "name": &location.name,
                    "label": &location.label,
                    "description": &location.description,
                },
            )?;
            location.id()
        }
    };
    setting(unit)?.set("value", plan.scenario(&id).to_string())?;
    unit.commit()?;
    Ok(())
}

/// Tells everybody. Who asked in this process may have no connection, which is not a reason to call it a failure.
fn tell(session: &Session) {
    let told = session.event_hub().publish(Event::new(CONFIGURE_DONE));
    if let Err(error) = told.map_err(Error::from)
        && error.kind() != ErrorKind::EventHubConnection
    {
        tracing::warn!(%error, "nobody was told that the storage scenario was saved");
    }
}
