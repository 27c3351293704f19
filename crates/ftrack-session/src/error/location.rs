//! Errors of accessors and structures, as errors of a session.

use ftrack_location::{AccessorError, StructureError};

use super::{Error, ErrorKind};

impl From<AccessorError> for Error {
    fn from(error: AccessorError) -> Self {
        let mut converted = Self::new(kind(&error), error.to_string());
        if let Some(operation) = error.operation() {
            converted = converted.with_detail("operation", operation);
        }
        if let Some(identifier) = error.resource_identifier() {
            converted = converted.with_detail("resource_identifier", identifier);
        }
        converted.standing_for(error)
    }
}

fn kind(error: &AccessorError) -> ErrorKind {
    match error {
        AccessorError::UnsupportedOperation { .. } => ErrorKind::AccessorUnsupportedOperation,
        AccessorError::PermissionDenied { .. } => ErrorKind::AccessorPermissionDenied,
        AccessorError::OperationFailed { .. }
        | AccessorError::SizeMismatch { .. }
        | AccessorError::ChecksumMismatch { .. } => ErrorKind::AccessorOperationFailed,
        AccessorError::ResourceIdentifier { .. } => ErrorKind::AccessorResourceIdentifier,
        AccessorError::FilesystemPath { .. } => ErrorKind::AccessorFilesystemPath,
        AccessorError::Resource { .. } | AccessorError::ResourceExists { .. } => {
            ErrorKind::AccessorResource
        }
        AccessorError::ResourceNotFound { .. } => ErrorKind::AccessorResourceNotFound,
        AccessorError::ParentResourceNotFound { .. } => ErrorKind::AccessorParentResourceNotFound,
        AccessorError::ResourceInvalid { .. } => ErrorKind::AccessorResourceInvalid,
        AccessorError::ContainerNotEmpty { .. } => ErrorKind::AccessorContainerNotEmpty,
        _ => ErrorKind::Accessor,
    }
}

impl From<StructureError> for Error {
    fn from(error: StructureError) -> Self {
        Self::new(ErrorKind::Structure, error.to_string()).standing_for(error)
    }
}
