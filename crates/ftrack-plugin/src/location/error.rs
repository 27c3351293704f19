//! Errors of accessors that cross the boundary.

use ftrack_location::AccessorError;
use ftrack_plugin_abi::message::AccessorErrorMessage;

use crate::convert::Convert;

/// What accessors do, in the words of their errors.
const OPERATIONS: &[&str] = &[
    "read",
    "write",
    "open",
    "create",
    "list",
    "remove",
    "check",
    "publish",
    "upload",
    "download",
    "remove a container",
    "make a container",
    "get the path of a resource",
    "get the URL of a resource",
    "get the URL of a thumbnail",
];

impl Convert<AccessorErrorMessage> for AccessorError {
    fn convert(self) -> AccessorErrorMessage {
        let source = std::error::Error::source(&self).map(ToString::to_string);
        let mut message = AccessorErrorMessage {
            kind: String::new(),
            resource_identifier: String::new(),
            operation: String::new(),
            text: source.unwrap_or_else(|| self.to_string()),
            expected: 0,
            written: 0,
        };
        let (kind, resource_identifier) = match self {
            AccessorError::OperationFailed {
                operation,
                resource_identifier,
                ..
            } => {
                operation.clone_into(&mut message.operation);
                ("failed", resource_identifier)
            }
            AccessorError::UnsupportedOperation { operation } => {
                operation.clone_into(&mut message.operation);
                ("unsupported", String::new())
            }
            AccessorError::PermissionDenied {
                operation,
                resource_identifier,
                ..
            } => {
                operation.clone_into(&mut message.operation);
                ("denied", resource_identifier)
            }
            AccessorError::ResourceIdentifier {
                resource_identifier,
                reason,
            } => {
                message.text = reason.into_owned();
                ("identifier", resource_identifier)
            }
            AccessorError::FilesystemPath {
                resource_identifier,
                reason,
            } => {
                message.text = reason.into_owned();
                ("path", resource_identifier)
            }
            AccessorError::Resource {
                resource_identifier,
                ..
            } => ("resource", resource_identifier),
            AccessorError::ResourceNotFound {
                resource_identifier,
            } => ("not-found", resource_identifier),
            AccessorError::ParentResourceNotFound {
                resource_identifier,
            } => ("no-parent", resource_identifier),
            AccessorError::ResourceInvalid {
                resource_identifier,
                reason,
            } => {
                message.text = reason.into_owned();
                ("invalid", resource_identifier)
            }
            AccessorError::ContainerNotEmpty {
                resource_identifier,
            } => ("not-empty", resource_identifier),
            AccessorError::ResourceExists {
                resource_identifier,
            } => ("exists", resource_identifier),
            AccessorError::SizeMismatch {
                resource_identifier,
                expected,
                written,
            } => {
                (message.expected, message.written) = (expected, written);
                ("size", resource_identifier)
            }
            AccessorError::ChecksumMismatch {
                resource_identifier,
            } => ("checksum", resource_identifier),
            _ => ("unspecified", String::new()),
        };
        kind.clone_into(&mut message.kind);
        message.resource_identifier = resource_identifier;
        message
    }
}

impl Convert<AccessorError> for AccessorErrorMessage {
    fn convert(self) -> AccessorError {
        let message = self;
        let resource_identifier = message.resource_identifier;
        let known = OPERATIONS.iter().find(|known| **known == message.operation);
        let operation = known.copied().unwrap_or("do that");
        let text = message.text;
        match message.kind.as_str() {
            "failed" => AccessorError::OperationFailed {
                operation,
                resource_identifier,
                source: text.into(),
            },
            "unsupported" => AccessorError::UnsupportedOperation { operation },
            "denied" => AccessorError::PermissionDenied {
                operation,
                resource_identifier,
                source: text.into(),
            },
            "identifier" => AccessorError::ResourceIdentifier {
                resource_identifier,
                reason: text.into(),
            },
            "path" => AccessorError::FilesystemPath {
                resource_identifier,
                reason: text.into(),
            },
            "resource" => AccessorError::Resource {
                resource_identifier,
                source: text.into(),
            },
            "not-found" => AccessorError::ResourceNotFound {
                resource_identifier,
            },
            "no-parent" => AccessorError::ParentResourceNotFound {
                resource_identifier,
            },
            "invalid" => AccessorError::ResourceInvalid {
                resource_identifier,
                reason: text.into(),
            },
            "not-empty" => AccessorError::ContainerNotEmpty {
                resource_identifier,
            },
            "exists" => AccessorError::ResourceExists {
                resource_identifier,
            },
            "size" => AccessorError::SizeMismatch {
                resource_identifier,
                expected: message.expected,
                written: message.written,
            },
            "checksum" => AccessorError::ChecksumMismatch {
                resource_identifier,
            },
            _ => AccessorError::Unspecified {
                source: text.into(),
            },
        }
    }
}
