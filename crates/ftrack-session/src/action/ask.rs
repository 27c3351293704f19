//! The other side of actions: asking for them, and launching them.

use std::time::Duration;

use ftrack_event::{Error as Hub, Event, Outcome, Publication};
use serde_json::{Map, Value as Json};

use super::selection::selection_json;
use super::{ActionReply, DISCOVER, LAUNCH};
use crate::entity::Entity;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::session::Session;

/// How long a launch that waits for no answer waits for the server to have it.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(60);

/// An action that somebody offers for a selection; see [`Session::discover_actions`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoveredAction(Map<String, Json>);

impl DiscoveredAction {
    /// The actions in a reply. Items may be groups of others.
    fn in_reply(data: &Json) -> Vec<Self> {
        let items = data.get("items").and_then(Json::as_array);
        let items = items.into_iter().flatten();
        let actions = items.flat_map(|item| match item.as_object() {
            Some(found) if found.contains_key("actionIdentifier") => vec![Self(found.clone())],
            _ => Self::in_reply(item),
        });
        actions.collect()
    }

    /// What tells the action from all others.
    pub fn identifier(&self) -> &str {
        self.text("actionIdentifier").unwrap_or_default()
    }

    /// What users read.
    pub fn label(&self) -> &str {
        self.text("label").unwrap_or_default()
    }

    /// What tells actions of the same label apart.
    pub fn variant(&self) -> Option<&str> {
        self.text("variant")
    }

    /// The icon: a URL, or the name of one of the web interface's own.
    pub fn icon(&self) -> Option<&str> {
        self.text("icon")
    }

    /// What the action is for.
    pub fn description(&self) -> Option<&str> {
        self.text("description")
    }

    /// All that was said of it.
    pub fn to_json(&self) -> Json {
        self.0.clone().into()
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }
}

impl Session {
    /// Asks who has an action to offer for these entities, and returns those that are named within `duration`, in the
    /// order of arrival. The event hub has to be connected; nobody has to handle its events meanwhile.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, shot: ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// use std::time::Duration;
    ///
    /// let selection = [shot];
    /// for action in session.discover_actions(&selection, Duration::from_secs(1))? {
    ///     println!("{} {}", action.label(), action.variant().unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EventHubConnection`] if the hub is not connected, [`ErrorKind::EventHub`] if the server does not
    /// take the question.
    pub fn discover_actions(
        &self,
        selection: &[Entity],
        duration: Duration,
    ) -> Result<Vec<DiscoveredAction>> {
        let mut data = Map::new();
        data.insert("selection".to_owned(), selection_json(selection));
        let event = self.with_user(Event::new(DISCOVER).with_data(data));
        let replies = self.event_hub().publish_and_collect(event, duration)?;
        let actions = replies
            .iter()
            .flat_map(|reply| DiscoveredAction::in_reply(&reply.data));
        Ok(actions.collect())
    }

    /// Launches an action for these entities and waits for its answer: that it is done or failed, or a form. With the
    /// values of a filled-in form it is launched again.
    ///
    /// Many actions answer nothing. The protocol has no word for that, so nobody can tell these from those that take
    /// long: the reply [is none](ActionReply::is_none) when nothing came until `timeout`. That is not a failure: the
    /// server has said that it has the event. Whoever does not care for the answer says [`Duration::ZERO`], which waits
    /// for the server's word only.
    ///
    /// ```
    /// # use ftrack_session::{DiscoveredAction, Entity, Result, Session};
    /// # fn example(session: &Session, action: &DiscoveredAction, selection: &[Entity]) -> Result<()> {
    /// use std::time::Duration;
    /// use serde_json::json;
    ///
    /// let limit = Duration::from_secs(60);
    /// let mut reply = session.launch_action(action, selection, None, limit)?;
    /// if reply.form_items().is_some() {
    ///     let values = json!({"name": "sh020"});
    ///     reply = session.launch_action(action, selection, values.as_object(), limit)?;
    /// }
    /// println!("{}", reply.message().unwrap_or_default());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EventHubConnection`] if the hub is not connected, [`ErrorKind::Timeout`] if no answer comes in time
    /// and the server has not said that it has the event, [`ErrorKind::EventHub`] if it does not take it.
    pub fn launch_action(
        &self,
        action: &DiscoveredAction,
        selection: &[Entity],
        values: Option<&Map<String, Json>>,
        timeout: Duration,
    ) -> Result<ActionReply> {
        if action.identifier().is_empty() {
            let message = "the action has no identifier to launch it by";
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        // What the offer said besides comes back to whoever made it.
        let mut data = action.0.clone();
        data.insert("selection".to_owned(), selection_json(selection));
        if let Some(values) = values {
            data.insert("values".to_owned(), values.clone().into());
        }
        let event = self.with_user(Event::new(LAUNCH).with_data(data));
        let hub = self.event_hub();
        if timeout.is_zero() {
            return launched(&hub.publish(event)?);
        }
        match hub.publish_and_wait(event, timeout) {
            Ok(reply) => Ok(ActionReply::from_json(reply.data)),
            Err(Hub::NoReply {
                acknowledged: true, ..
            }) => Ok(ActionReply::none()),
            Err(error) => Err(error.into()),
        }
    }
}

/// No reply, once the server has the event.
fn launched(publication: &Publication) -> Result<ActionReply> {
    let event_id = publication.event_id().to_owned();
    let error = match publication.wait(ACKNOWLEDGED_WITHIN) {
        Some(Outcome::Acknowledged) => return Ok(ActionReply::none()),
        Some(outcome) => Hub::NotDelivered { event_id, outcome },
        // While a lost connection is made again, events wait for it.
        None => Hub::NoReply {
            event_id,
            limit: ACKNOWLEDGED_WITHIN,
            acknowledged: false,
        },
    };
    Err(error.into())
}
