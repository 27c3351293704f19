//! The API key, in a type that does not print it.

use std::fmt;

/// An ftrack API key.
///
/// It has no `Display`, and its `Debug` shows that there is a key, not which one. Whoever really
/// needs the text asks for it by [`expose`](Self::expose), so every such place can be found.
///
/// ```
/// use ftrack_transport::ApiKey;
///
/// let key = ApiKey::from("a-very-secret-key");
/// assert_eq!(format!("{key:?}"), "ApiKey(***)");
/// assert_eq!(key.expose(), "a-very-secret-key");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// The key itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no key at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for ApiKey {
    fn from(key: String) -> Self {
        Self(key)
    }
}

impl From<&str> for ApiKey {
    fn from(key: &str) -> Self {
        Self(key.to_owned())
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_empty() {
            "ApiKey()"
        } else {
            "ApiKey(***)"
        })
    }
}
