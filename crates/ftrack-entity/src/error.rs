//! What can be wrong with entities, their values and the answers they come from.

use crate::identity::Identity;

/// What this crate's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can be wrong with entities, their values and the answers they come from.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server has no entity type of this name.
    #[error("entity type {name:?} is not known to this server{}", did_you_mean(similar.as_deref()))]
    UnknownEntityType {
        /// The name as given.
        name: String,
        /// The known name that is most like it.
        similar: Option<String>,
    },
    /// The entity type has no attribute of this name.
    #[error("{entity_type} has no attribute {attribute:?}{}", did_you_mean(similar.as_deref()))]
    UnknownAttribute {
        /// The entity type.
        entity_type: &'static str,
        /// The name as given.
        attribute: String,
        /// The known name that is most like it.
        similar: Option<String>,
    },
    /// A key has another number of parts than the type's primary key.
    #[error("the key of a {entity_type} is ({}), but {given} value(s) were given", attributes.join(", "))]
    KeyArity {
        /// The entity type.
        entity_type: &'static str,
        /// The names of the primary key's attributes.
        attributes: Vec<String>,
        /// How many values were given.
        given: usize,
    },
    /// The attribute has a value and cannot be changed.
    #[error("cannot modify value of immutable attribute {attribute:?} of {entity}")]
    Immutable {
        /// The entity.
        entity: Identity,
        /// The attribute.
        attribute: String,
    },
    /// A value does not fit the attribute.
    #[error("attribute {attribute:?} of {} takes {expected}, not {found}", owner(entity_type, entity.as_ref()))]
    WrongValue {
        /// The entity type.
        entity_type: &'static str,
        /// The entity, where it is one that is there already.
        entity: Option<Identity>,
        /// The attribute.
        attribute: String,
        /// What would fit.
        expected: String,
        /// What was given.
        found: String,
    },
    /// Text from the server is not what the protocol says.
    #[error("{what} cannot be read (line {line}, column {column})")]
    Malformed {
        /// What was being read.
        what: &'static str,
        /// The line of the fault, from 1; 0 if unknown.
        line: usize,
        /// The column of the fault, from 1; 0 if unknown.
        column: usize,
        /// What the JSON reader says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An entity in an answer lacks a value of its primary key.
    #[error("a {entity_type} in the answer has no {attribute:?}, which is part of its key")]
    MissingKey {
        /// The entity type.
        entity_type: &'static str,
        /// The attribute that is missing.
        attribute: String,
    },
    /// The server answered another number of results than there were requests.
    #[error("{sent} request(s) were sent, but {received} result(s) came back")]
    ResultCount {
        /// How many requests were sent.
        sent: usize,
        /// How many results came back.
        received: usize,
    },
}

impl Error {
    /// The same error, where it is about a value that does not fit, of this entity.
    #[must_use]
    pub fn about(mut self, identity: &Identity) -> Self {
        if let Self::WrongValue { entity, .. } = &mut self {
            *entity = Some(identity.clone());
        }
        self
    }

    pub(crate) fn malformed(what: &'static str, source: serde_json::Error) -> Self {
        Self::Malformed {
            what,
            line: source.line(),
            column: source.column(),
            source: Box::new(source),
        }
    }
}

fn owner(entity_type: &str, entity: Option<&Identity>) -> String {
    entity.map_or_else(|| entity_type.to_owned(), Identity::to_string)
}

fn did_you_mean(similar: Option<&str>) -> String {
    similar
        .map(|name| format!("; did you mean {name:?}?"))
        .unwrap_or_default()
}
