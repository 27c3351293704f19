//! What can be wrong with a line of a snapshot.

/// What is wrong with a line of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The line is not one JSON object.
    #[error("it is not a JSON object: {reason} (column {column})")]
    NotAnObject {
        /// Where in the line, from 1.
        column: usize,
        /// What the parser expected.
        reason: String,
    },
    /// The line does not say of what type the entity is.
    #[error("it has no text under __entity_type__")]
    NoType,
    /// The entity breaks a rule: an unknown attribute, a wrong kind of value, a key that is taken, a reference to
    /// something that is not in the file, …
    #[error("{reason}")]
    Refused {
        /// The rule.
        reason: String,
    },
}

impl SnapshotError {
    /// The complaint of the parser without its line, which is always the first one there.
    pub(crate) fn parse(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let reason = text
            .rsplit_once(" at line ")
            .map_or(text.as_str(), |parts| parts.0);
        Self::NotAnObject {
            column: error.column(),
            reason: reason.to_owned(),
        }
    }
}
