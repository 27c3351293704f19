//! What a server says of itself.

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServerInformation(pub(crate) serde_json::Map<String, serde_json::Value>);

impl ServerInformation {
    /// The value of this name, such as `storage_scenario`.
    pub fn get(&self, name: &str) -> Option<&serde_json::Value> {
        self.0.get(name)
    }

    /// The version of the server.
    pub fn version(&self) -> Option<&str> {
        self.get("version")?.as_str()
    }

    /// The hash of the server's schemas.
    pub fn schema_hash(&self) -> Option<&str> {
        self.get("schema_hash")?.as_str()
    }

    /// Whether the server stores points in time with their time zone.
    pub fn is_timezone_support_enabled(&self) -> bool {
        self.get("is_timezone_support_enabled")
            .and_then(serde_json::Value::as_bool)
            .unwrap_or(false)
    }

    /// All of it, as the server says it.
    pub fn to_json(&self) -> serde_json::Value {
        self.0.clone().into()
    }

    /// The names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &serde_json::Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}
