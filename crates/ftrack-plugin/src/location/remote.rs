//! What locations are made of, seen from the program.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use ftrack_entity::ReadEntity;
use ftrack_location::accessor::Result as AccessorResult;
use ftrack_location::structure::Result as StructureResult;
use ftrack_location::{
    Accessor, AccessorError, CreateOptions, ResourceIdentifierTransformer, ResourceReader,
    Structure, StructureContext, StructureError, TransformError, Upload,
};
use ftrack_plugin_abi::message::{
    AccessorErrorMessage, AccessorOperation, EntityMessage, Identified, KnownValue,
    LocationMessage, Opened, PartRequest, ToLibrary, UploadOperation,
};
use ftrack_session::{Error, LocationConfiguration, Session};
use serde::de::DeserializeOwned;

use super::known;
use super::message::{entity_message, kind_of};
use crate::convert::Convert;
use crate::error::RemoteError;
use crate::link::Link;

/// The library that a location was configured in.
pub(crate) trait PluginLibrary: Send + Sync {
    /// What is said to it goes through this.
    fn link(&self) -> &Link;

    /// The session of the program that the library is registered with.
    fn session(&self) -> Result<Session, RemoteError>;

    /// An error of it, as a session has them.
    fn error(&self, error: RemoteError) -> Error;
}

/// The configuration of a location of the library.
pub(crate) fn configuration(
    library: &Arc<dyn PluginLibrary>,
    message: &LocationMessage,
) -> (String, LocationConfiguration) {
    let part = |number| RemotePart {
        library: Arc::clone(library),
        number,
    };
    let mut configuration = LocationConfiguration::new()
        .priority(message.priority)
        .kind(kind_of(&message.kind));
    if let Some(number) = message.accessor {
        configuration = configuration.accessor(RemoteAccessor(Arc::new(part(number))));
    }
    if let Some(number) = message.structure {
        configuration = configuration.structure(RemoteStructure(part(number)));
    }
    if let Some(number) = message.transformer {
        configuration =
            configuration.resource_identifier_transformer(RemoteTransformer(part(number)));
    }
    (message.id.clone(), configuration)
}

/// A part of a location, which the library keeps until this is dropped.
struct RemotePart {
    library: Arc<dyn PluginLibrary>,
    number: u64,
}

impl RemotePart {
    fn ask<T: DeserializeOwned>(
        &self,
        request: PartRequest,
        body: &[u8],
    ) -> Result<T, RemoteError> {
        let answer = self
            .library
            .link()
            .send(&ToLibrary::Location(request), body);
        answer.map(|(answer, _)| answer)
    }

    fn access<T: DeserializeOwned>(
        &self,
        operation: AccessorOperation,
        resource_identifier: &str,
    ) -> AccessorResult<T> {
        let request = PartRequest::Accessor {
            accessor: self.number,
            operation,
            resource_identifier: resource_identifier.to_owned(),
        };
        match self.ask::<Result<T, AccessorErrorMessage>>(request, b"") {
            Ok(result) => result.map_err(Convert::convert),
            Err(fault) => Err(self.unspecified(fault)),
        }
    }

    fn unspecified(&self, fault: RemoteError) -> AccessorError {
        AccessorError::Unspecified {
            source: self.library.error(fault).into(),
        }
    }

    fn upload<T: DeserializeOwned>(
        &self,
        upload: u64,
        operation: UploadOperation,
        body: &[u8],
    ) -> Result<T, RemoteError> {
        self.ask(PartRequest::Upload { upload, operation }, body)
    }

    /// Asks for a resource identifier until the library knows all that it needs of the entity.
    fn identify(
        &self,
        entity: &dyn ReadEntity,
        request: impl Fn(EntityMessage, Vec<KnownValue>) -> PartRequest,
    ) -> Result<String, Error> {
        let ask = |known: &[KnownValue]| {
            let message = entity_message(entity.identity());
            self.ask::<Identified>(request(message, known.to_vec()), b"")
        };
        let identified = self
            .library
            .session()
            .and_then(|session| known::ask(&session, entity, ask));
        identified.map_err(|fault| self.library.error(fault))
    }
}

impl Drop for RemotePart {
    fn drop(&mut self) {
        let part = self.number;
        let forget = ToLibrary::Location(PartRequest::Forget { part });
        // A library that is closed has forgotten it.
        let _ = self.library.link().ask::<()>(&forget);
    }
}

struct RemoteAccessor(Arc<RemotePart>);

impl Accessor for RemoteAccessor {
    fn list(&self, resource_identifier: &str) -> AccessorResult<Vec<String>> {
        self.0.access(AccessorOperation::List, resource_identifier)
    }

    fn exists(&self, resource_identifier: &str) -> AccessorResult<bool> {
        self.0
            .access(AccessorOperation::Exists, resource_identifier)
    }

    fn is_file(&self, resource_identifier: &str) -> AccessorResult<bool> {
        self.0
            .access(AccessorOperation::IsFile, resource_identifier)
    }

    fn is_container(&self, resource_identifier: &str) -> AccessorResult<bool> {
        let operation = AccessorOperation::IsContainer;
        self.0.access(operation, resource_identifier)
    }

    fn is_sequence(&self, resource_identifier: &str) -> AccessorResult<bool> {
        let operation = AccessorOperation::IsSequence;
        self.0.access(operation, resource_identifier)
    }

    fn open_at(&self, resource_identifier: &str, offset: u64) -> AccessorResult<ResourceReader> {
        let operation = AccessorOperation::Open { offset };
        let opened: Opened = self.0.access(operation, resource_identifier)?;
        let reader = ResourceReader::new(RemoteReader {
            part: Arc::clone(&self.0),
            stream: opened.stream,
        });
        Ok(opened
            .size
            .into_iter()
            .fold(reader, ResourceReader::with_size))
    }

    fn create(
        &self,
        resource_identifier: &str,
        options: &CreateOptions,
    ) -> AccessorResult<Box<dyn Upload>> {
        let operation = AccessorOperation::Create {
            size: options.expected_size(),
            md5: options.expected_md5().map(|md5| *md5.as_bytes()),
            file_name: options.known_file_name().map(str::to_owned),
            durable: options.is_durable(),
        };
        Ok(Box::new(RemoteUpload {
            upload: Some(self.0.access(operation, resource_identifier)?),
            part: Arc::clone(&self.0),
        }))
    }

    fn remove(&self, resource_identifier: &str) -> AccessorResult<()> {
        self.0
            .access(AccessorOperation::Remove, resource_identifier)
    }

    fn remove_container(&self, resource_identifier: &str) -> AccessorResult<()> {
        let operation = AccessorOperation::RemoveContainer;
        self.0.access(operation, resource_identifier)
    }

    fn rename(&self, resource_identifier: &str, target: &str) -> AccessorResult<()> {
        let target = target.to_owned();
        self.0
            .access(AccessorOperation::Rename { target }, resource_identifier)
    }

    fn replace(&self, staged: &str, target: &str, backup: &str) -> AccessorResult<()> {
        let operation = AccessorOperation::Replace {
            target: target.to_owned(),
            backup: backup.to_owned(),
        };
        self.0.access(operation, staged)
    }

    fn make_container(&self, resource_identifier: &str, recursive: bool) -> AccessorResult<()> {
        let operation = AccessorOperation::MakeContainer { recursive };
        self.0.access(operation, resource_identifier)
    }

    fn container(&self, resource_identifier: &str) -> AccessorResult<String> {
        let operation = AccessorOperation::GetContainer;
        self.0.access(operation, resource_identifier)
    }

    fn filesystem_path(&self, resource_identifier: &str) -> AccessorResult<PathBuf> {
        let operation = AccessorOperation::GetFilesystemPath;
        self.0
            .access::<String>(operation, resource_identifier)
            .map(PathBuf::from)
    }

    fn url(&self, resource_identifier: &str) -> AccessorResult<String> {
        self.0
            .access(AccessorOperation::GetUrl, resource_identifier)
    }

    fn thumbnail_url(
        &self,
        resource_identifier: &str,
        size: Option<u32>,
    ) -> AccessorResult<String> {
        let operation = AccessorOperation::GetThumbnailUrl { size };
        self.0.access(operation, resource_identifier)
    }

    fn local_path(&self, resource_identifier: &str) -> Option<PathBuf> {
        let request = PartRequest::Accessor {
            accessor: self.0.number,
            operation: AccessorOperation::LocalPath,
            resource_identifier: resource_identifier.to_owned(),
        };
        self.0
            .ask::<Option<String>>(request, b"")
            .ok()?
            .map(PathBuf::from)
    }
}

/// What is read from the library. It keeps the accessor.
struct RemoteReader {
    part: Arc<RemotePart>,
    stream: u64,
}

impl Read for RemoteReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let message = ToLibrary::Read {
            stream: self.stream,
            limit: buffer.len(),
        };
        let answer = self.part.library.link().send::<()>(&message, b"");
        let ((), bytes) = answer.map_err(|fault| io::Error::other(fault.text()))?;
        let length = bytes.len().min(buffer.len());
        buffer[..length].copy_from_slice(&bytes[..length]);
        Ok(length)
    }
}

impl Drop for RemoteReader {
    fn drop(&mut self) {
        let stream = self.stream;
        let _ = self
            .part
            .library
            .link()
            .ask::<()>(&ToLibrary::Forget { stream });
    }
}

/// What is written to the library. It keeps the accessor.
struct RemoteUpload {
    part: Arc<RemotePart>,
    /// Nothing once it is finished.
    upload: Option<u64>,
}

impl RemoteUpload {
    fn ask<T: DeserializeOwned>(&self, operation: UploadOperation, body: &[u8]) -> io::Result<T> {
        let upload = self.upload.unwrap_or_default();
        let answer = self.part.upload(upload, operation, body);
        answer.map_err(|fault| io::Error::other(fault.text()))
    }
}

impl Write for RemoteUpload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.ask(UploadOperation::Write, bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.ask(UploadOperation::Flush, b"")
    }
}

impl Upload for RemoteUpload {
    fn finish(mut self: Box<Self>) -> AccessorResult<()> {
        let upload = self.upload.take().unwrap_or_default();
        let finished: Result<Result<(), AccessorErrorMessage>, RemoteError> =
            self.part.upload(upload, UploadOperation::Finish, b"");
        match finished {
            Ok(result) => result.map_err(Convert::convert),
            Err(fault) => Err(self.part.unspecified(fault)),
        }
    }
}

impl Drop for RemoteUpload {
    fn drop(&mut self) {
        if let Some(upload) = self.upload.take() {
            let _ = self.part.upload::<()>(upload, UploadOperation::Abort, b"");
        }
    }
}

struct RemoteStructure(RemotePart);

impl Structure for RemoteStructure {
    fn resource_identifier(
        &self,
        entity: &dyn ReadEntity,
        context: &StructureContext<'_>,
    ) -> StructureResult<String> {
        let source = context.source_resource_identifier();
        let identified = self
            .0
            .identify(entity, |entity, known| PartRequest::Structure {
                structure: self.0.number,
                entity,
                source_resource_identifier: source.map(str::to_owned),
                known,
            });
        identified.map_err(StructureError::other)
    }
}

struct RemoteTransformer(RemotePart);

impl RemoteTransformer {
    fn transform(
        &self,
        decode: bool,
        resource_identifier: &str,
        component: &dyn ReadEntity,
    ) -> Result<String, TransformError> {
        let transformed = self
            .0
            .identify(component, |entity, known| PartRequest::Transform {
                transformer: self.0.number,
                decode,
                resource_identifier: resource_identifier.to_owned(),
                entity,
                known,
            });
        transformed.map_err(TransformError::from_error)
    }
}

impl ResourceIdentifierTransformer for RemoteTransformer {
    fn encode(
        &self,
        resource_identifier: &str,
        component: &dyn ReadEntity,
    ) -> Result<String, TransformError> {
        self.transform(false, resource_identifier, component)
    }

    fn decode(&self, stored: &str, component: &dyn ReadEntity) -> Result<String, TransformError> {
        self.transform(true, stored, component)
    }
}
