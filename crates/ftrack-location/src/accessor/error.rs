//! What can go wrong with accessors.

use std::borrow::Cow;
use std::io;

use crate::error::BoxError;

/// What can go wrong with accessors: a variant for each accessor exception of the product documentation, and some
/// for what it leaves to the general ones.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessorError {
    /// Something that no other variant says (`AccessorError` of the documentation).
    #[error("unspecified accessor error")]
    Unspecified {
        /// What is wrong.
        source: BoxError,
    },
    /// An operation failed (`AccessorOperationFailedError`).
    #[error("cannot {operation}: {resource_identifier:?}")]
    OperationFailed {
        /// What was tried, such as `read`.
        operation: &'static str,
        /// The resource that it was tried on.
        resource_identifier: String,
        /// Why it failed.
        source: BoxError,
    },
    /// This storage cannot do that at all (`AccessorUnsupportedOperationError`).
    #[error("this accessor does not {operation}")]
    UnsupportedOperation {
        /// What was tried.
        operation: &'static str,
    },
    /// The storage refuses (`AccessorPermissionDeniedError`).
    #[error("cannot {operation}, permission denied: {resource_identifier:?}")]
    PermissionDenied {
        /// What was tried.
        operation: &'static str,
        /// The resource that it was tried on.
        resource_identifier: String,
        /// What the storage said.
        source: BoxError,
    },
    /// The identifier cannot be one of this storage (`AccessorResourceIdentifierError`).
    #[error("resource identifier {resource_identifier:?} is invalid: {reason}")]
    ResourceIdentifier {
        /// The identifier.
        resource_identifier: String,
        /// What is wrong with it.
        reason: Cow<'static, str>,
    },
    /// The identifier leads to no path that may be used (`AccessorFilesystemPathError`).
    #[error("resource identifier {resource_identifier:?} has no filesystem path: {reason}")]
    FilesystemPath {
        /// The identifier.
        resource_identifier: String,
        /// What is wrong with it.
        reason: Cow<'static, str>,
    },
    /// Something about a resource that no other variant says (`AccessorResourceError`).
    #[error("unspecified error of the resource {resource_identifier:?}")]
    Resource {
        /// The resource.
        resource_identifier: String,
        /// What is wrong.
        source: BoxError,
    },
    /// There is nothing at this identifier (`AccessorResourceNotFoundError`).
    #[error("resource not found: {resource_identifier:?}")]
    ResourceNotFound {
        /// The resource.
        resource_identifier: String,
    },
    /// The container of this resource is missing (`AccessorParentResourceNotFoundError`).
    #[error("the container of the resource {resource_identifier:?} is missing")]
    ParentResourceNotFound {
        /// The resource whose container is missing.
        resource_identifier: String,
    },
    /// The resource is of another kind (`AccessorResourceInvalidError`).
    #[error("the resource {resource_identifier:?} is invalid: {reason}")]
    ResourceInvalid {
        /// The resource.
        resource_identifier: String,
        /// What is wrong with it.
        reason: Cow<'static, str>,
    },
    /// The container has something in it (`AccessorContainerNotEmptyError`).
    #[error("the container {resource_identifier:?} is not empty")]
    ContainerNotEmpty {
        /// The container.
        resource_identifier: String,
    },
    /// There is something already, and nothing is ever replaced.
    #[error("the resource {resource_identifier:?} exists already")]
    ResourceExists {
        /// The resource.
        resource_identifier: String,
    },
    /// Not as many bytes were stored as there should be.
    #[error("{written} bytes were written for {resource_identifier:?}, expected {expected}")]
    SizeMismatch {
        /// The resource.
        resource_identifier: String,
        /// How many bytes there should be.
        expected: u64,
        /// How many bytes were stored.
        written: u64,
    },
    /// Other bytes were stored than there should be.
    #[error("what was written for {resource_identifier:?} has another checksum than expected")]
    ChecksumMismatch {
        /// The resource.
        resource_identifier: String,
    },
}

impl AccessorError {
    /// The error for what the system says; for accessors that stand on files or streams.
    ///
    /// ```
    /// use std::io;
    ///
    /// use ftrack_location::AccessorError;
    ///
    /// let error = AccessorError::from_io("read", "plate.exr", io::ErrorKind::NotFound.into());
    /// assert!(matches!(error, AccessorError::ResourceNotFound { .. }));
    /// ```
    pub fn from_io(operation: &'static str, resource_identifier: &str, source: io::Error) -> Self {
        use io::ErrorKind;

        let resource_identifier = resource_identifier.to_owned();
        match source.kind() {
            ErrorKind::NotFound => Self::ResourceNotFound {
                resource_identifier,
            },
            ErrorKind::PermissionDenied => Self::PermissionDenied {
                operation,
                resource_identifier,
                source: source.into(),
            },
            ErrorKind::DirectoryNotEmpty => Self::ContainerNotEmpty {
                resource_identifier,
            },
            ErrorKind::AlreadyExists => Self::ResourceExists {
                resource_identifier,
            },
            ErrorKind::NotADirectory | ErrorKind::IsADirectory | ErrorKind::InvalidInput => {
                Self::ResourceInvalid {
                    resource_identifier,
                    reason: source.to_string().into(),
                }
            }
            _ => Self::OperationFailed {
                operation,
                resource_identifier,
                source: source.into(),
            },
        }
    }

    /// What was tried, if the error says it.
    pub fn operation(&self) -> Option<&'static str> {
        match self {
            Self::OperationFailed { operation, .. }
            | Self::PermissionDenied { operation, .. }
            | Self::UnsupportedOperation { operation } => Some(operation),
            _ => None,
        }
    }

    /// The resource that the error is about, if it is about one.
    ///
    /// ```
    /// use ftrack_location::{Accessor, MemoryAccessor};
    ///
    /// let error = MemoryAccessor::new().open("plate.exr").unwrap_err();
    /// assert_eq!(error.resource_identifier(), Some("plate.exr"));
    /// ```
    pub fn resource_identifier(&self) -> Option<&str> {
        match self {
            Self::Unspecified { .. } | Self::UnsupportedOperation { .. } => None,
            Self::OperationFailed {
                resource_identifier,
                ..
            }
            | Self::PermissionDenied {
                resource_identifier,
                ..
            }
            | Self::ResourceIdentifier {
                resource_identifier,
                ..
            }
            | Self::FilesystemPath {
                resource_identifier,
                ..
            }
            | Self::Resource {
                resource_identifier,
                ..
            }
            | Self::ResourceInvalid {
                resource_identifier,
                ..
            }
            | Self::SizeMismatch {
                resource_identifier,
                ..
            }
            | Self::ResourceNotFound {
                resource_identifier,
            }
            | Self::ParentResourceNotFound {
                resource_identifier,
            }
            | Self::ContainerNotEmpty {
                resource_identifier,
            }
            | Self::ResourceExists {
                resource_identifier,
            }
            | Self::ChecksumMismatch {
                resource_identifier,
            } => Some(resource_identifier),
        }
    }

    /// The error for what a storage cannot do at all.
    pub fn unsupported(operation: &'static str) -> Self {
        Self::UnsupportedOperation { operation }
    }

    pub(crate) fn invalid(resource_identifier: &str, reason: &'static str) -> Self {
        Self::ResourceInvalid {
            resource_identifier: resource_identifier.to_owned(),
            reason: reason.into(),
        }
    }

    pub(crate) fn not_found(resource_identifier: &str) -> Self {
        Self::ResourceNotFound {
            resource_identifier: resource_identifier.to_owned(),
        }
    }

    pub(crate) fn parent_not_found(resource_identifier: &str) -> Self {
        Self::ParentResourceNotFound {
            resource_identifier: resource_identifier.to_owned(),
        }
    }

    pub(crate) fn exists(resource_identifier: &str) -> Self {
        Self::ResourceExists {
            resource_identifier: resource_identifier.to_owned(),
        }
    }

    pub(crate) fn outside(resource_identifier: &str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::FilesystemPath {
            resource_identifier: resource_identifier.to_owned(),
            reason: reason.into(),
        }
    }
}
