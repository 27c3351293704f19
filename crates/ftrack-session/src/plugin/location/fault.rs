//! Errors of accessors that cross the boundary.

use ftrack_location::AccessorError;
use serde::{Deserialize, Serialize};

/// An error of an accessor.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AccessorFault {
    kind: String,
    resource_identifier: String,
    operation: String,
    /// What is wrong, or what caused it.
    text: String,
    expected: u64,
    written: u64,
}

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

impl From<AccessorError> for AccessorFault {
    fn from(error: AccessorError) -> Self {
        let source = std::error::Error::source(&error).map(ToString::to_string);
        let mut fault = Self {
            kind: String::new(),
            resource_identifier: String::new(),
            operation: String::new(),
            text: source.unwrap_or_else(|| error.to_string()),
            expected: 0,
            written: 0,
        };
        let (kind, resource_identifier) = match error {
            AccessorError::OperationFailed {
                operation,
                resource_identifier,
                ..
            } => {
                operation.clone_into(&mut fault.operation);
                ("failed", resource_identifier)
            }
            AccessorError::UnsupportedOperation { operation } => {
                operation.clone_into(&mut fault.operation);
                ("unsupported", String::new())
            }
            AccessorError::PermissionDenied {
                operation,
                resource_identifier,
                ..
            } => {
                operation.clone_into(&mut fault.operation);
                ("denied", resource_identifier)
            }
            AccessorError::ResourceIdentifier {
                resource_identifier,
                reason,
            } => {
                fault.text = reason.into_owned();
                ("identifier", resource_identifier)
            }
            AccessorError::FilesystemPath {
                resource_identifier,
                reason,
            } => {
                fault.text = reason.into_owned();
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
                fault.text = reason.into_owned();
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
                (fault.expected, fault.written) = (expected, written);
                ("size", resource_identifier)
            }
            AccessorError::ChecksumMismatch {
                resource_identifier,
            } => ("checksum", resource_identifier),
            _ => ("unspecified", String::new()),
        };
        kind.clone_into(&mut fault.kind);
        fault.resource_identifier = resource_identifier;
        fault
    }
}

impl From<AccessorFault> for AccessorError {
    fn from(fault: AccessorFault) -> Self {
        let resource_identifier = fault.resource_identifier;
        let known = OPERATIONS.iter().find(|known| **known == fault.operation);
        let operation = known.copied().unwrap_or("do that");
        let text = fault.text;
        match fault.kind.as_str() {
            "failed" => Self::OperationFailed {
                operation,
                resource_identifier,
                source: text.into(),
            },
            "unsupported" => Self::UnsupportedOperation { operation },
            "denied" => Self::PermissionDenied {
                operation,
                resource_identifier,
                source: text.into(),
            },
            "identifier" => Self::ResourceIdentifier {
                resource_identifier,
                reason: text.into(),
            },
            "path" => Self::FilesystemPath {
                resource_identifier,
                reason: text.into(),
            },
            "resource" => Self::Resource {
                resource_identifier,
                source: text.into(),
            },
            "not-found" => Self::ResourceNotFound {
                resource_identifier,
            },
            "no-parent" => Self::ParentResourceNotFound {
                resource_identifier,
            },
            "invalid" => Self::ResourceInvalid {
                resource_identifier,
                reason: text.into(),
            },
            "not-empty" => Self::ContainerNotEmpty {
                resource_identifier,
            },
            "exists" => Self::ResourceExists {
                resource_identifier,
            },
            "size" => Self::SizeMismatch {
                resource_identifier,
                expected: fault.expected,
                written: fault.written,
            },
            "checksum" => Self::ChecksumMismatch {
                resource_identifier,
            },
            _ => Self::Unspecified {
                source: text.into(),
            },
        }
    }
}
