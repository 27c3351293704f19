//! Each error of accessors and structures has the kind that the documentation has an exception for.

use std::error::Error as _;
use std::io::{self, Write};

use ftrack_entity::{Identity, ReadEntity};
use ftrack_location::{
    AccessorError, IdStructure, MemoryAccessor, Structure, StructureContext, StructureError, Upload,
};
use ftrack_session::{Error, ErrorKind};
use ftrack_test_kit::storage::{Odd, Step};

use super::Place;

type Fails = fn() -> AccessorError;

/// A storage that fails in one way.
fn failing(fails: Fails) -> Odd {
    Odd::new(MemoryAccessor::new())
        .before(move |step, _| match step {
            Step::Create | Step::MakeContainer | Step::Container => Ok(()),
            _ => Err(fails()),
        })
        .writing(move |_, _| Box::new(FailingUpload(fails)))
}

struct FailingUpload(Fails);

impl Write for FailingUpload {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        Ok(content.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Upload for FailingUpload {
    fn finish(self: Box<Self>) -> Result<(), AccessorError> {
        Err(self.0())
    }
}

const IDENTIFIER: &str = "plate.exr";

fn identifier() -> String {
    IDENTIFIER.to_owned()
}

const CASES: [(Fails, ErrorKind); 13] = [
    (
        || AccessorError::Unspecified {
            source: "the cause".into(),
        },
        ErrorKind::Accessor,
    ),
    (
        || AccessorError::OperationFailed {
            operation: "read",
            resource_identifier: identifier(),
            source: "the cause".into(),
        },
        ErrorKind::AccessorOperationFailed,
    ),
    (
        || AccessorError::SizeMismatch {
            resource_identifier: identifier(),
            expected: 2,
            written: 1,
        },
        ErrorKind::AccessorOperationFailed,
    ),
    (
        || AccessorError::unsupported("read"),
        ErrorKind::AccessorUnsupportedOperation,
    ),
    (
        || AccessorError::PermissionDenied {
            operation: "read",
            resource_identifier: identifier(),
            source: "the cause".into(),
        },
        ErrorKind::AccessorPermissionDenied,
    ),
    (
        || AccessorError::ResourceIdentifier {
            resource_identifier: identifier(),
            reason: "it is wrong".into(),
        },
        ErrorKind::AccessorResourceIdentifier,
    ),
    (
        || AccessorError::FilesystemPath {
            resource_identifier: identifier(),
            reason: "it leads out".into(),
        },
        ErrorKind::AccessorFilesystemPath,
    ),
    (
        || AccessorError::Resource {
            resource_identifier: identifier(),
            source: "the cause".into(),
        },
        ErrorKind::AccessorResource,
    ),
    (
        || AccessorError::ResourceExists {
            resource_identifier: identifier(),
        },
        ErrorKind::AccessorResource,
    ),
    (
        || AccessorError::ResourceNotFound {
            resource_identifier: identifier(),
        },
        ErrorKind::AccessorResourceNotFound,
    ),
    (
        || AccessorError::ParentResourceNotFound {
            resource_identifier: identifier(),
        },
        ErrorKind::AccessorParentResourceNotFound,
    ),
    (
        || AccessorError::ResourceInvalid {
            resource_identifier: identifier(),
            reason: "it is a folder".into(),
        },
        ErrorKind::AccessorResourceInvalid,
    ),
    (
        || AccessorError::ContainerNotEmpty {
            resource_identifier: identifier(),
        },
        ErrorKind::AccessorContainerNotEmpty,
    ),
];

#[test]
fn paths_urls_and_removing_fail_with_the_kind_of_the_accessors_error() {
    let place = Place::new();
    let (location, component) = place.published();
    for (fails, kind) in CASES {
        location.set_accessor(failing(fails));
        for error in [
            location.filesystem_path(&component).unwrap_err(),
            location.url(&component).unwrap_err(),
            location.remove_component(&component).unwrap_err(),
        ] {
            let source = fails();
            assert_eq!(error.kind(), kind, "{source:?}");
            assert_eq!(error.to_string(), source.to_string());
            let cause = error.source().map(ToString::to_string);
            assert_eq!(cause, source.source().map(ToString::to_string));
            let detail = |name: &str| error.details().get(name).and_then(|value| value.as_str());
            assert_eq!(detail("operation"), source.operation());
        }
        let error = Error::from(fails());
        let named = error.details().get("resource_identifier");
        assert_eq!(
            named.and_then(|value| value.as_str()),
            fails().resource_identifier()
        );
        assert_eq!(location.component_availability(&component).unwrap(), 100.0);
    }
}

#[test]
fn adding_fails_as_a_location_does_and_the_accessors_error_is_the_cause() {
    let place = Place::new();
    let (near, component) = place.published();
    let far = place.location("far", IdStructure::new());
    for (fails, _) in CASES {
        far.set_accessor(failing(fails));
        let error = far.add_component(&component, &near).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Location);
        let mut causes = Vec::new();
        let mut cause = error.source();
        while let Some(next) = cause {
            causes.push(next.to_string());
            cause = next.source();
        }
        assert!(causes.contains(&fails().to_string()), "{causes:?}");
    }
}

/// A structure without places.
struct Nowhere;

impl Structure for Nowhere {
    fn resource_identifier(
        &self,
        entity: &dyn ReadEntity,
        _: &StructureContext<'_>,
    ) -> Result<String, StructureError> {
        let entity: Identity = entity.identity().clone();
        Err(StructureError::UnsupportedEntityType { entity })
    }
}

#[test]
fn a_structure_that_has_no_place_is_the_cause() {
    let place = Place::new();
    let (near, component) = place.published();
    let far = place.location("far", Nowhere);
    let error = far.add_component(&component, &near).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    let cause = error
        .source()
        .and_then(|cause| cause.downcast_ref::<Error>());
    assert_eq!(cause.unwrap().kind(), ErrorKind::Structure);
}
