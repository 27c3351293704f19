//! What plugins are told when they are registered.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;

/// What a plugin is told when it is registered: values by name, as JSON (product documentation, "Configuring
/// plugins").
///
/// ```
/// use ftrack_session::PluginArguments;
///
/// let arguments = PluginArguments::from_iter([("reticulate_splines", true)]);
/// assert!(arguments.get_or("reticulate_splines", false)?);
/// assert_eq!(arguments.get_or("frames", 24)?, 24);
/// assert!(arguments.get::<String>("reticulate_splines").is_err());
/// # Ok::<(), ftrack_session::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PluginArguments(Map<String, Value>);

impl PluginArguments {
    /// Sets an argument.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.0.insert(name.into(), value.into());
    }

    /// The argument of this name, if it was given.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if its value is of another type.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        T::deserialize(value).map(Some).map_err(|cause| {
            Error::new(
                ErrorKind::InvalidArgument,
                format!("the plugin argument {name:?} is of the wrong type"),
            )
            .with_detail("argument", name)
            .with_source(cause)
        })
    }

    /// The argument of this name, or else `default`.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn get_or<T: DeserializeOwned>(&self, name: &str, default: T) -> Result<T> {
        Ok(self.get(name)?.unwrap_or(default))
    }

    /// The arguments as a JSON object.
    pub fn as_json(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Those of these names, which `plugin` understands; about the others there is a warning in the log.
    #[must_use]
    pub fn known_to(&self, plugin: &str, names: &[impl AsRef<str>]) -> Self {
        let is_known = |name: &String| names.iter().any(|known| known.as_ref() == name);
        let (known, unknown): (Map<_, _>, Map<_, _>) = self
            .0
            .clone()
            .into_iter()
            .partition(|(name, _)| is_known(name));
        if !unknown.is_empty() {
            let unknown: Vec<&String> = unknown.keys().collect();
            tracing::warn!(
                plugin,
                ?unknown,
                "a plugin does not know these arguments and does not get them"
            );
        }
        Self(known)
    }
}

impl<N: Into<String>, V: Into<Value>> FromIterator<(N, V)> for PluginArguments {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(arguments: I) -> Self {
        let arguments = arguments.into_iter();
        Self(
            arguments
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

impl From<Map<String, Value>> for PluginArguments {
    fn from(arguments: Map<String, Value>) -> Self {
        Self(arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_gets_what_it_knows() {
        let arguments = PluginArguments::from_iter([("a", 1), ("b", 2), ("c", 3)]);
        let known = arguments.known_to("test", &["c", "a", "d"]);
        assert_eq!(known, PluginArguments::from_iter([("a", 1), ("c", 3)]));
        assert_eq!(
            arguments.known_to("test", &[""; 0]),
            PluginArguments::default()
        );
    }

    #[test]
    fn values_of_the_wrong_type_are_named() {
        let arguments = PluginArguments::from_iter([("frames", "many")]);
        let error = arguments.get::<u32>("frames").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("\"frames\""), "{error}");
    }
}
