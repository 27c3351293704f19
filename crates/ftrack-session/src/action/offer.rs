//! How an action is listed.

use serde_json::{Map, Value as Json};

/// One line in the list of actions that a user can choose from; see [`Action::offers`](crate::Action::offers).
///
/// ```
/// use ftrack_session::ActionOffer;
/// use serde_json::json;
///
/// let offers = ["maya", "nuke"].map(|host| {
///     ActionOffer::new("Open in").variant(host).with("host", host)
/// });
/// assert_eq!(offers[0].to_json(), json!({"label": "Open in", "variant": "maya", "host": "maya"}));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct ActionOffer(Map<String, Json>);

impl ActionOffer {
    /// An offer that users read as `label`.
    pub fn new(label: impl Into<String>) -> Self {
        Self(Map::new()).with("label", label.into())
    }

    /// Sets what tells offers of the same label apart.
    pub fn variant(self, variant: impl Into<String>) -> Self {
        self.with("variant", variant.into())
    }

    /// Sets the icon: a URL, or the name of one of the web interface's own.
    pub fn icon(self, icon: impl Into<String>) -> Self {
        self.with("icon", icon.into())
    }

    /// Sets what the action is for, in a sentence.
    pub fn description(self, description: impl Into<String>) -> Self {
        self.with("description", description.into())
    }

    /// Adds a key of your own. It comes back in the data of the event that launches the action, see
    /// [`Selection::event`](crate::Selection::event).
    ///
    /// `actionIdentifier` is always that of the action, or it would not be launched.
    pub fn with(mut self, key: impl Into<String>, value: impl Into<Json>) -> Self {
        self.0.insert(key.into(), value.into());
        self
    }

    /// The offer as it is sent, without the identifier of the action.
    pub fn to_json(&self) -> Json {
        self.0.clone().into()
    }

    /// The offer as it is sent.
    pub(super) fn item(mut self, identifier: &str) -> Json {
        self.0
            .insert("actionIdentifier".to_owned(), identifier.into());
        self.0.into()
    }
}
