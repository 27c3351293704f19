//! What an action answers.

use serde_json::{Value as Json, json};

/// What an [`Action`](crate::Action) answers when it is launched: that it is done, that it failed, or a form to fill
/// in.
///
/// ```
/// use ftrack_session::ActionReply;
/// use serde_json::json;
///
/// let done = ActionReply::success("12 shots were renamed");
/// assert_eq!(done.to_json(), &json!({"success": true, "message": "12 shots were renamed"}));
///
/// let form = ActionReply::form([
///     json!({"type": "text", "label": "Prefix", "name": "prefix", "value": "sh"}),
///     json!({"type": "enumerator", "label": "Step", "name": "step", "value": "10",
///            "data": [{"label": "Tens", "value": "10"}, {"label": "Ones", "value": "1"}]}),
/// ]);
/// assert_eq!(form.title("Rename shots").form_items().map(<[_]>::len), Some(2));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionReply(Json);

impl ActionReply {
    /// It is done; users see the message.
    pub fn success(message: impl Into<String>) -> Self {
        Self(json!({"success": true, "message": message.into()}))
    }

    /// It is not done; users see the message.
    pub fn failure(message: impl Into<String>) -> Self {
        Self(json!({"success": false, "message": message.into()}))
    }

    /// A form. When users have filled it in, the action is launched again, with the values by the items' names.
    ///
    /// Items are the JSON that user interfaces know: a `type` (`label`, `text`, `textarea`, `number`, `boolean`,
    /// `date`, `enumerator`, `url`, `hidden`), a `name`, and as the type wants it `label`, `value` and `data`.
    pub fn form(items: impl IntoIterator<Item = Json>) -> Self {
        let items: Vec<Json> = items.into_iter().collect();
        Self(json!({"items": items}))
    }

    /// The reply of an action that answered nothing.
    pub(super) fn none() -> Self {
        Self(Json::Null)
    }

    /// Anything else that user interfaces understand.
    pub fn from_json(json: Json) -> Self {
        Self(json)
    }

    /// Gives a form a title.
    pub fn title(self, title: impl Into<String>) -> Self {
        self.with("title", title.into())
    }

    /// Sets what is written on the button that sends a form.
    pub fn submit_button_label(self, label: impl Into<String>) -> Self {
        self.with("submit_button_label", label.into())
    }

    /// Whether there is no reply: the action was launched, and does not say what came of it. Many answer nothing.
    pub fn is_none(&self) -> bool {
        self.0.is_null()
    }

    /// Whether it was done, where the reply says so; forms do not. A bare `true` or `false`, which many actions answer,
    /// says so as well.
    pub fn is_success(&self) -> Option<bool> {
        let said = self.0.get("success").unwrap_or(&self.0);
        said.as_bool()
    }

    /// What users are told.
    pub fn message(&self) -> Option<&str> {
        self.0.get("message")?.as_str()
    }

    /// The items of the form, if it is one.
    pub fn form_items(&self) -> Option<&[Json]> {
        self.0.get("items")?.as_array().map(Vec::as_slice)
    }

    /// The reply as it is sent.
    pub fn to_json(&self) -> &Json {
        &self.0
    }

    pub(super) fn into_json(self) -> Json {
        self.0
    }

    fn with(mut self, name: &str, value: String) -> Self {
        if let Some(object) = self.0.as_object_mut() {
            object.insert(name.to_owned(), value.into());
        }
        self
    }
}
