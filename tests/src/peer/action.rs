//! An action for the official client to find.

use ftrack_session::{Action, ActionReply, Result, Selection};
use serde_json::{Map, Value, json};

/// Says the names of the selected shots, after asking for a greeting.
pub(super) struct Greet;

impl Action for Greet {
    fn identifier(&self) -> &'static str {
        "peer.greet"
    }

    fn label(&self) -> &'static str {
        "Greet"
    }

    fn variant(&self) -> Option<&str> {
        Some("shots")
    }

    fn icon(&self) -> Option<&str> {
        Some("default")
    }

    fn description(&self) -> Option<&str> {
        Some("Greets the selected shots")
    }

    fn discover(&self, selection: &Selection) -> Result<bool> {
        let entities = selection.entities()?;
        let only_shots = entities.iter().all(|entity| entity.entity_type() == "Shot");
        Ok(only_shots && !entities.is_empty())
    }

    fn launch(
        &self,
        selection: &Selection,
        values: Option<&Map<String, Value>>,
    ) -> Result<ActionReply> {
        let Some(values) = values else {
            let item =
                json!({"type": "text", "label": "Greeting", "name": "greeting", "value": "Hello"});
            return Ok(ActionReply::form([item]).title("Greet"));
        };
        let names = selection.entities()?;
        let names: Result<Vec<String>> = names.iter().map(|shot| shot.get("name")).collect();
        let greeting = values
            .get("greeting")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let user = selection.user().unwrap_or_default();
        Ok(ActionReply::success(format!(
            "{user} says {greeting} to {}",
            names?.join(", ")
        )))
    }
}
