//! What errors say, and which errors of the system are which.

use std::error::Error;
use std::io::{self, ErrorKind};

use ftrack_location::AccessorError;

/// The name of the variant.
fn variant(error: &AccessorError) -> String {
    let text = format!("{error:?}");
    text.split([' ', '{']).next().unwrap_or_default().to_owned()
}

#[test]
fn errors_of_the_system_have_kinds_of_their_own() {
    for (kind, wanted) in [
        (ErrorKind::NotFound, "ResourceNotFound"),
        (ErrorKind::PermissionDenied, "PermissionDenied"),
        (ErrorKind::DirectoryNotEmpty, "ContainerNotEmpty"),
        (ErrorKind::AlreadyExists, "ResourceExists"),
        (ErrorKind::NotADirectory, "ResourceInvalid"),
        (ErrorKind::IsADirectory, "ResourceInvalid"),
        (ErrorKind::InvalidInput, "ResourceInvalid"),
        (ErrorKind::StorageFull, "OperationFailed"),
        (ErrorKind::ReadOnlyFilesystem, "OperationFailed"),
        (ErrorKind::TimedOut, "OperationFailed"),
    ] {
        let error = AccessorError::from_io("write", "a.exr", io::Error::from(kind));
        assert_eq!(variant(&error), wanted, "{kind:?}");
        assert!(error.to_string().contains("\"a.exr\""), "{error}");
    }
}

#[test]
fn the_cause_is_in_the_source_only() {
    let cause = io::Error::other("the tape is torn");
    let error = AccessorError::from_io("read", "a.exr", cause);
    assert_eq!(error.to_string(), "cannot read: \"a.exr\"");
    assert_eq!(error.source().unwrap().to_string(), "the tape is torn");
}

#[test]
fn messages_name_the_resource_and_the_reason() {
    let resource_identifier = || "a.exr".to_owned();
    let source = || "boom".into();
    for (error, wanted) in [
        (
            AccessorError::Unspecified { source: source() },
            "unspecified accessor error",
        ),
        (
            AccessorError::unsupported("list"),
            "this accessor does not list",
        ),
        (
            AccessorError::Resource {
                resource_identifier: resource_identifier(),
                source: source(),
            },
            "unspecified error of the resource \"a.exr\"",
        ),
        (
            AccessorError::ResourceIdentifier {
                resource_identifier: resource_identifier(),
                reason: "too odd".into(),
            },
            "resource identifier \"a.exr\" is invalid: too odd",
        ),
        (
            AccessorError::SizeMismatch {
                resource_identifier: resource_identifier(),
                expected: 2,
                written: 1,
            },
            "1 bytes were written for \"a.exr\", expected 2",
        ),
    ] {
        assert_eq!(error.to_string(), wanted);
    }
}
