//! Errors of the layers below, as errors of a session.

use ftrack_entity::Rejection;
use ftrack_transport::excerpt;
use serde_json::Value as Json;

use super::{Error, ErrorKind};

impl From<ftrack_entity::Error> for Error {
    fn from(error: ftrack_entity::Error) -> Self {
        use ftrack_entity::Error as Entity;
        let kind = match &error {
            Entity::UnknownEntityType { .. } => ErrorKind::UnrecognisedEntityType,
            Entity::UnknownAttribute { .. } => ErrorKind::UnknownAttribute,
            Entity::Immutable { .. } => ErrorKind::ImmutableAttribute,
            Entity::WrongValue { .. } => ErrorKind::WrongType,
            Entity::Malformed { .. } | Entity::MissingKey { .. } | Entity::ResultCount { .. } => {
                ErrorKind::MalformedAnswer
            }
            _ => ErrorKind::InvalidArgument,
        };
        // Names may come from a server.
        let message = excerpt(error.to_string().as_bytes());
        let mut converted = Self::new(kind, message);
        for (name, value) in details(&error) {
            converted = converted.with_detail(name, value);
        }
        match error {
            Entity::Malformed { source, .. } => converted.with_source(source),
            _ => converted,
        }
    }
}

/// What an error of the model says, for programs.
fn details(error: &ftrack_entity::Error) -> Vec<(&'static str, Json)> {
    use ftrack_entity::Error as Entity;
    match error {
        Entity::UnknownEntityType { name, similar } => vec![
            ("entity_type", name.as_str().into()),
            ("similar", similar.as_deref().into()),
        ],
        Entity::UnknownAttribute {
            entity_type,
            attribute,
            similar,
        } => vec![
            ("entity_type", (*entity_type).into()),
            ("attribute", attribute.as_str().into()),
            ("similar", similar.as_deref().into()),
        ],
        Entity::KeyArity {
            entity_type,
            attributes,
            given,
        } => vec![
            ("entity_type", (*entity_type).into()),
            ("attributes", attributes.as_slice().into()),
            ("given", (*given).into()),
        ],
        Entity::Immutable { entity, attribute } => vec![
            ("entity", entity.to_string().into()),
            ("attribute", attribute.as_str().into()),
        ],
        Entity::WrongValue {
            entity_type,
            entity,
            attribute,
            expected,
            found,
        } => {
            let mut details = vec![
                ("entity_type", (*entity_type).into()),
                ("attribute", attribute.as_str().into()),
                ("expected", expected.as_str().into()),
                ("found", found.as_str().into()),
            ];
            details.extend(
                entity
                    .as_ref()
                    .map(|entity| ("entity", entity.to_string().into())),
            );
            details
        }
        Entity::Malformed { line, column, .. } => {
            vec![("line", (*line).into()), ("column", (*column).into())]
        }
        Entity::MissingKey {
            entity_type,
            attribute,
        } => vec![
            ("entity_type", (*entity_type).into()),
            ("attribute", attribute.as_str().into()),
        ],
        Entity::ResultCount { sent, received } => {
            vec![("sent", (*sent).into()), ("received", (*received).into())]
        }
        _ => Vec::new(),
    }
}

impl From<ftrack_transport::Error> for Error {
    fn from(error: ftrack_transport::Error) -> Self {
        use ftrack_transport::Error as Transport;
        let kind = match &error {
            Transport::InvalidOptions { .. } | Transport::InvalidRequest { .. } => {
                ErrorKind::InvalidArgument
            }
            Transport::Status { .. } | Transport::Redirect { .. } | Transport::TooLarge { .. } => {
                ErrorKind::MalformedAnswer
            }
            Transport::Timeout { .. } | Transport::DeadlineExceeded { .. } => ErrorKind::Timeout,
            Transport::Closed | Transport::Interrupted => ErrorKind::ConnectionClosed,
            Transport::Forked => ErrorKind::Forked,
            Transport::Cancelled => ErrorKind::Cancelled,
            Transport::Body { .. } => ErrorKind::File,
            _ => ErrorKind::Connection,
        };
        let retryable = error.is_retryable();
        let message = error.to_string();
        let mut converted = Self::new(kind, message).with_retryable(retryable);
        if let Some(statistics) = error.retry_statistics() {
            converted = converted
                .with_detail("attempts", statistics.attempts)
                .with_detail("elapsed_seconds", statistics.elapsed.as_secs_f64());
        }
        match error.into_cause() {
            Some(cause) => converted.with_source(cause),
            None => converted,
        }
    }
}

impl From<ftrack_query::BuildError> for Error {
    fn from(error: ftrack_query::BuildError) -> Self {
        Self::new(ErrorKind::InvalidArgument, error.to_string())
    }
}

impl From<ftrack_query::ParseError> for Error {
    fn from(error: ftrack_query::ParseError) -> Self {
        Self::new(ErrorKind::Parse, error.render())
            .with_detail("line", error.line())
            .with_detail("column", error.column())
    }
}

impl From<ftrack_expression::ParseError> for Error {
    fn from(error: ftrack_expression::ParseError) -> Self {
        Self::new(ErrorKind::Parse, error.render())
            .with_detail("line", error.line())
            .with_detail("column", error.column())
    }
}

impl From<ftrack_entity::TimestampError> for Error {
    fn from(error: ftrack_entity::TimestampError) -> Self {
        Self::new(ErrorKind::Parse, error.to_string())
    }
}

impl Error {
    /// The error for a batch that the server refused.
    pub(crate) fn rejected(rejection: &Rejection) -> Self {
        let Rejection {
            exception,
            content,
            error_code,
            error,
            ..
        } = rejection;
        let (name, text) = (excerpt(exception.as_bytes()), excerpt(content.as_bytes()));
        let mut refused = Self::new(
            rejection_kind(exception, content),
            format!("server reported {name}: {text}"),
        )
        .with_detail("exception", exception.as_str())
        .with_detail("content", content.as_str());
        if let Some(code) = error_code {
            refused = refused.with_detail("error_code", code.clone());
        }
        if let Some(error) = error {
            refused = refused.with_detail("error", error.clone());
        }
        refused
    }
}

fn rejection_kind(exception: &str, content: &str) -> ErrorKind {
    match exception {
        // Whatever its class: the server lacks what was asked for.
        _ if content.contains("Invalid action u'") => ErrorKind::ServerCompatibility,
        "InvalidCredentialsError" | "FTAuthenticationError" | "AuthenticationError" => {
            ErrorKind::Authentication
        }
        "PermissionError" | "PermissionDeniedError" => ErrorKind::PermissionDenied,
        "ValidationError" => ErrorKind::Validation,
        "DuplicateEntryError" => ErrorKind::DuplicateEntry,
        "IntegrityError" => ErrorKind::Integrity,
        "ParseError" | "QueryParseError" => ErrorKind::Parse,
        "NotFoundError" => ErrorKind::NotFound,
        _ if content.contains("DuplicateEntryError") => ErrorKind::DuplicateEntry,
        _ => ErrorKind::Server,
    }
}
