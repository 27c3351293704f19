//! Why a request is refused, in the shape that clients know.

use serde_json::{Value as Json, json};

/// A request that is refused; nothing of its batch persists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) kind: RefusalKind,
    pub(crate) message: String,
}

/// What went wrong; names and status codes follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefusalKind {
    Credentials,
    Permission,
    Validation,
    Parse,
    NotFound,
    Duplicate,
    Integrity,
    TooLarge,
    Internal,
}

impl RefusalKind {
    /// The exception name in the answer.
    pub(crate) fn exception(self) -> &'static str {
        match self {
            Self::Credentials => "InvalidCredentialsError",
            Self::Permission => "PermissionError",
            Self::Validation | Self::TooLarge => "ValidationError",
            Self::Parse => "ParseError",
            Self::NotFound => "NotFoundError",
            Self::Duplicate => "DuplicateEntryError",
            Self::Integrity => "IntegrityError",
            Self::Internal => "ServerError",
        }
    }

    /// The status code in strict mode.
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::Credentials => 401,
            Self::Permission => 403,
            Self::Validation | Self::Parse | Self::Integrity => 400,
            Self::NotFound => 404,
            Self::Duplicate => 409,
            Self::TooLarge => 413,
            Self::Internal => 500,
        }
    }
}

impl Refusal {
    /// Refuses with a message.
    pub(crate) fn new(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// Refuses a request that breaks a rule.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new(RefusalKind::Validation, message)
    }

    /// Refuses to go on with something that does not exist.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(RefusalKind::NotFound, message)
    }

    /// Refuses an entity type that there is not.
    pub(crate) fn unknown_type(name: &str) -> Self {
        Self::validation(format!("there is no entity type {name}"))
    }

    /// Refuses an attribute that there is not.
    pub(crate) fn unknown_attribute(entity_type: &str, name: &str) -> Self {
        Self::validation(format!("{entity_type} has no attribute {name}"))
    }

    /// The body of the answer.
    pub(crate) fn to_json(&self) -> Json {
        json!({
            "exception": self.kind.exception(),
            "content": self.message,
            "error_code": null,
        })
    }
}
