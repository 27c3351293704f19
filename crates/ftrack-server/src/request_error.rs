//! Why a request is refused, in the shape that clients know.

use serde_json::{Value as Json, json};

/// A request that is refused; nothing of its batch persists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestError {
    pub(crate) kind: RequestErrorKind,
    pub(crate) message: String,
}

/// What went wrong; names and status codes follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestErrorKind {
    Credentials,
    Permission,
    Validation,
    Parse,
    NotFound,
    /// A value that is not there, in the words of servers.
    Value,
    Duplicate,
    Integrity,
    TooLarge,
    /// The server has too much to do at the moment.
    Busy,
    /// Too many requests wait; nothing was done for this one.
    Crowded,
    Internal,
}

impl RequestErrorKind {
    /// The exception name in the answer.
    pub(crate) fn exception(self) -> &'static str {
        match self {
            Self::Credentials => "InvalidCredentialsError",
            Self::Permission => "PermissionError",
            Self::Validation | Self::TooLarge => "ValidationError",
            Self::Parse => "ParseError",
            Self::NotFound => "NotFoundError",
            Self::Value => "ValueError",
            Self::Duplicate => "DuplicateEntryError",
            Self::Integrity => "IntegrityError",
            Self::Busy | Self::Crowded | Self::Internal => "ServerError",
        }
    }

    /// By which programs tell it from others of its class, where real servers say one.
    pub(crate) fn code(self) -> Option<&'static str> {
        match self {
            Self::Credentials => Some("api_credentials_invalid"),
            _ => None,
        }
    }

    /// The status code in strict mode.
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::Credentials => 401,
            Self::Permission => 403,
            Self::Validation | Self::Parse | Self::Integrity => 400,
            Self::NotFound | Self::Value => 404,
            Self::Duplicate => 409,
            Self::TooLarge => 413,
            Self::Busy => 503,
            Self::Crowded => 429,
            Self::Internal => 500,
        }
    }
}

impl RequestError {
    /// Refuses with a message.
    pub(crate) fn new(kind: RequestErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// Refuses a request that breaks a rule.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new(RequestErrorKind::Validation, message)
    }

    /// Refuses to go on with something that does not exist.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(RequestErrorKind::NotFound, message)
    }

    /// Refuses an entity type that there is not.
    pub(crate) fn unknown_type(name: &str) -> Self {
        Self::validation(format!("there is no entity type {name}"))
    }

    /// Refuses an attribute that there is not.
    pub(crate) fn unknown_attribute(entity_type: &str, name: &str) -> Self {
        Self::validation(format!("{entity_type} has no attribute {name}"))
    }

    /// Refuses a change for which the security roles of the user do not suffice. What they do not see is missing
    /// instead.
    pub(crate) fn no_right(entity_type: &str) -> Self {
        let message = format!("your security roles do not let you change this {entity_type}");
        Self::new(RequestErrorKind::Permission, message)
    }

    /// The body of the answer.
    pub(crate) fn to_json(&self) -> Json {
        json!({
            "exception": self.kind.exception(),
            "content": self.message,
            "error_code": self.kind.code(),
        })
    }
}
