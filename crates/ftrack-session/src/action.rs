//! Actions: what users can start on what they have selected.

mod ask;
mod asker;
mod offer;
mod reply;
mod selection;

use std::sync::Arc;

use ftrack_event::{Event, HandlerResult, WeakEventHub};
use ftrack_expression::{Expression, field};
use serde_json::{Map, Value as Json, json};

pub use self::ask::DiscoveredAction;
pub use self::offer::ActionOffer;
pub use self::reply::ActionReply;
pub use self::selection::{SelectedEntity, Selection};
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::session::Session;
use crate::session::WeakSession;

/// Who has something to offer for a selection?
const DISCOVER: &str = "ftrack.action.discover";

/// Do it.
const LAUNCH: &str = "ftrack.action.launch";

/// Something that users can start on what they have selected in the web interface, or in any program that asks
/// (product documentation, "Action base class", and the glossary).
///
/// A session that [registers](Session::register_action) an action answers two events. `ftrack.action.discover` asks
/// what there is for a selection; `ftrack.action.launch` starts the action. Both are handled where the session's events
/// are: in [`EventHub::wait`](ftrack_event::EventHub::wait) or
/// [`run_workers`](ftrack_event::EventHub::run_workers).
///
/// ```
/// use ftrack_session::{Action, ActionReply, Result, Selection};
/// use serde_json::{Map, Value, json};
///
/// /// Renames a shot, after asking for the name.
/// struct Rename;
///
/// impl Action for Rename {
///     fn identifier(&self) -> &str {
///         "studio.rename"
///     }
///
///     fn label(&self) -> &str {
///         "Rename"
///     }
///
///     fn discover(&self, selection: &Selection) -> Result<bool> {
///         let entities = selection.entities()?;
///         Ok(matches!(&entities[..], [shot] if shot.entity_type() == "Shot"))
///     }
///
///     fn launch(&self, selection: &Selection, values: Option<&Map<String, Value>>) -> Result<ActionReply> {
///         let Some(values) = values else {
///             let name = json!({"type": "text", "label": "New name", "name": "name", "value": "sh010"});
///             return Ok(ActionReply::form([name]));
///         };
///         for shot in selection.entities()? {
///             shot.set("name", values["name"].as_str().unwrap_or_default())?;
///         }
///         selection.session().commit()?;
///         Ok(ActionReply::success("Renamed"))
///     }
/// }
///
/// # fn register(session: &ftrack_session::Session) -> Result<()> {
/// session.register_action(Rename)?;
/// session.event_hub().connect()?;
/// session.event_hub().wait(None)?;
/// # Ok(())
/// # }
/// ```
pub trait Action: Send + Sync {
    /// What tells the action from all others of the studio, such as `studio.rename`.
    fn identifier(&self) -> &str;

    /// What users read.
    fn label(&self) -> &str;

    /// What tells actions of the same label apart, which user interfaces show as one with variants.
    fn variant(&self) -> Option<&str> {
        None
    }

    /// The icon: a URL, or the name of one of the web interface's own.
    fn icon(&self) -> Option<&str> {
        None
    }

    /// What the action is for, in a sentence.
    fn description(&self) -> Option<&str> {
        None
    }

    /// Whether only the user of this session is offered the action: for actions that are being developed, or that do
    /// something on the machine they run on. Everybody is unless said otherwise.
    fn for_own_user_only(&self) -> bool {
        false
    }

    /// Whether the action is offered for a selection. Defaults to `true`, for any selection.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from knowing, which is logged: the action is not offered then.
    fn discover(&self, selection: &Selection) -> Result<bool> {
        let _ = selection;
        Ok(true)
    }

    /// What the action is listed as for a selection: nothing, one line or several. Defaults to one, made of
    /// [`label`](Self::label), [`variant`](Self::variant), [`icon`](Self::icon) and
    /// [`description`](Self::description), where [`discover`](Self::discover) says so.
    ///
    /// All offers have the identifier of the action, so each needs a key that tells it from the others, which
    /// [`launch`](Self::launch) finds in the data of the [event](Selection::event).
    ///
    /// ```
    /// use ftrack_session::{Action, ActionOffer, ActionReply, Result, Selection};
    /// use serde_json::{Map, Value};
    ///
    /// struct Open;
    ///
    /// impl Action for Open {
    ///     fn identifier(&self) -> &str {
    ///         "studio.open"
    ///     }
    ///
    ///     fn label(&self) -> &str {
    ///         "Open in"
    ///     }
    ///
    ///     fn offers(&self, _: &Selection) -> Result<Vec<ActionOffer>> {
    ///         let offer = |host| ActionOffer::new(self.label()).variant(host).with("host", host);
    ///         Ok(["maya", "nuke"].map(offer).into())
    ///     }
    ///
    ///     fn launch(&self, selection: &Selection, _: Option<&Map<String, Value>>) -> Result<ActionReply> {
    ///         let host = selection.event().data["host"].as_str().unwrap_or_default();
    ///         Ok(ActionReply::success(format!("{host} is starting")))
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`discover`](Self::discover).
    fn offers(&self, selection: &Selection) -> Result<Vec<ActionOffer>> {
        if !self.discover(selection)? {
            return Ok(Vec::new());
        }
        let mut offer = ActionOffer::new(self.label());
        let others = [
            ("variant", self.variant()),
            ("icon", self.icon()),
            ("description", self.description()),
        ];
        for (name, value) in others {
            if let Some(value) = value {
                offer = offer.with(name, value);
            }
        }
        Ok(vec![offer])
    }

    /// Does it. The values are those of the form that an earlier launch has replied with, if it did. The whole event,
    /// with the keys of the offer that was chosen, is [with the selection](Selection::event).
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being done. The user is told, as by [`ActionReply::failure`].
    fn launch(
        &self,
        selection: &Selection,
        values: Option<&Map<String, Json>>,
    ) -> Result<ActionReply>;
}

/// An action that a session offers, until it is [withdrawn](Self::unregister) or the session is closed.
#[derive(Debug)]
pub struct RegisteredAction {
    hub: WeakEventHub,
    subscribers: [String; 2],
}

impl RegisteredAction {
    /// Offers the action no longer.
    pub fn unregister(self) {
        let Some(hub) = self.hub.upgrade() else {
            return;
        };
        for subscriber in &self.subscribers {
            // Closing the session has withdrawn it already.
            let _ = hub.unsubscribe(subscriber);
        }
    }
}

impl Session {
    /// Offers an action to users. It works before the event hub is connected, too, and takes effect once it is.
    ///
    /// Each time the action is asked for something, it gets a [unit of work](Self::begin) of its own, so that no two
    /// launches get into each other's way, and nothing of one is left for the next.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if events cannot be filtered by the action's identifier.
    pub fn register_action(&self, action: impl Action + 'static) -> Result<RegisteredAction> {
        let (discover, launch) = subscriptions(&action, self.api_user())?;
        let offered = Arc::new(Offered {
            session: self.downgrade(),
            action,
        });
        let hub = self.event_hub();
        let asked = Arc::clone(&offered);
        let first = hub.subscribe(&discover, move |event| asked.discover(event))?;
        let second = hub.subscribe(&launch, move |event| Ok(offered.launch(event)));
        let second = second.inspect_err(|_| {
            let _ = hub.unsubscribe(&first);
        })?;
        Ok(RegisteredAction {
            hub: hub.downgrade(),
            subscribers: [first, second],
        })
    }
}

/// Which events an action is to get.
fn subscriptions(action: &impl Action, user: &str) -> Result<(String, String)> {
    let text = |expression: ftrack_expression::Builder| {
        let expression = if action.for_own_user_only() {
            expression & field("source.user.username").is(user)
        } else {
            expression
        };
        let built = expression.build().map_err(|error| {
            let identifier = action.identifier();
            let message = format!("{identifier:?} cannot be the identifier of an action");
            Error::new(ErrorKind::InvalidArgument, message).with_source(error)
        });
        built.map(|expression: Expression| expression.to_string())
    };
    let is_launched = field("data.actionIdentifier").is(action.identifier());
    Ok((
        text(field("topic").is(DISCOVER))?,
        text(field("topic").is(LAUNCH) & is_launched)?,
    ))
}

/// An action, and the session that offers it. The session's hub holds it, so it must not hold the session.
struct Offered<A> {
    session: WeakSession,
    action: A,
}

impl<A: Action> Offered<A> {
    fn discover(&self, event: &Event) -> HandlerResult {
        let Some(selection) = self.selection(event) else {
            return Ok(None);
        };
        let offers = self.action.offers(&selection)?;
        if offers.is_empty() {
            return Ok(None);
        }
        let identifier = self.action.identifier();
        let items: Vec<Json> = offers
            .into_iter()
            .map(|offer| offer.item(identifier))
            .collect();
        Ok(Some(json!({"items": items})))
    }

    fn launch(&self, event: &Event) -> Option<Json> {
        let selection = self.selection(event)?;
        let values = event.data.get("values").and_then(Json::as_object);
        let reply = self.action.launch(&selection, values);
        let reply = reply.unwrap_or_else(|error| {
            let action = self.action.identifier();
            let error = &error as &dyn std::error::Error;
            tracing::error!(action, error, "an action failed");
            ActionReply::failure(error.to_string())
        });
        Some(reply.into_json())
    }

    fn selection(&self, event: &Event) -> Option<Selection> {
        let session = self.session.upgrade()?;
        Some(Selection::from_event(session.begin(), event))
    }
}
