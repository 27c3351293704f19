//! What locations are made of, in the library.

use std::io::Write;
use std::sync::Arc;

use ftrack_location::{
    Accessor, AccessorError, CreateOptions, Md5, ResourceIdentifierTransformer, Structure,
    StructureContext, Upload,
};
use ftrack_plugin_abi::message::{
    AccessorErrorMessage, AccessorOperation, LocationMessage, Opened, PartRequest, UploadOperation,
};
use ftrack_session::extension::location_parts;
use ftrack_session::{LocationConfiguration, Session};
use serde::Serialize;
use serde_json::Value;

use super::known::KnownValues;
use super::message::kind_name;
use crate::convert::Convert;
use crate::error::RemoteError;
use crate::link::{Answered, done, json};
use crate::numbered::{Numbered, Streams};

/// What locations of the library are made of, as the program knows it.
#[derive(Default)]
pub(crate) struct Parts {
    parts: Numbered<Part>,
    uploads: Numbered<Box<dyn Upload>>,
}

#[derive(Clone)]
enum Part {
    Accessor(Arc<dyn Accessor>),
    Structure(Arc<dyn Structure>),
    Transformer(Arc<dyn ResourceIdentifierTransformer>),
}

impl Parts {
    /// How a location is configured, for the program.
    pub(crate) fn message(
        &self,
        id: &str,
        configuration: &LocationConfiguration,
    ) -> LocationMessage {
        let parts = location_parts(configuration);
        let accessor = parts.accessor.map(Part::Accessor);
        let structure = parts.structure.map(Part::Structure);
        let transformer = parts.transformer.map(Part::Transformer);
        let number = |part: Option<Part>| part.map(|part| self.parts.insert(part));
        LocationMessage {
            id: id.to_owned(),
            priority: parts.priority,
            kind: kind_name(parts.kind),
            accessor: number(accessor),
            structure: number(structure),
            transformer: number(transformer),
        }
    }

    pub(crate) fn respond(
        &self,
        session: &Session,
        streams: &Streams,
        request: PartRequest,
        body: &[u8],
    ) -> Answered {
        match request {
            PartRequest::Accessor {
                accessor,
                operation,
                resource_identifier,
            } => {
                let Some(Part::Accessor(accessor)) = self.parts.get(accessor) else {
                    return Err(unknown());
                };
                self.access(&*accessor, streams, operation, &resource_identifier)
            }
            PartRequest::Upload { upload, operation } => self.upload(upload, &operation, body),
            PartRequest::Structure {
                structure,
                entity,
                source_resource_identifier,
                known,
            } => {
                let Some(Part::Structure(structure)) = self.parts.get(structure) else {
                    return Err(unknown());
                };
                let mut context = StructureContext::new();
                if let Some(source) = &source_resource_identifier {
                    context = context.with_source(source);
                }
                let known_values = KnownValues::new(session, known)?;
                json(known_values.run(&entity, |entity| {
                    structure.resource_identifier(entity, &context)
                })?)
            }
            PartRequest::Transform {
                transformer,
                decode,
                resource_identifier,
                entity,
                known,
            } => {
                let Some(Part::Transformer(transformer)) = self.parts.get(transformer) else {
                    return Err(unknown());
                };
                let known_values = KnownValues::new(session, known)?;
                json(known_values.run(&entity, |entity| {
                    if decode {
                        transformer.decode(&resource_identifier, entity)
                    } else {
                        transformer.encode(&resource_identifier, entity)
                    }
                })?)
            }
            PartRequest::Forget { part } => {
                drop(self.parts.take(part));
                done()
            }
        }
    }

    fn access(
        &self,
        accessor: &dyn Accessor,
        streams: &Streams,
        operation: AccessorOperation,
        id: &str,
    ) -> Answered {
        match operation {
            AccessorOperation::List => result(accessor.list(id)),
            AccessorOperation::Exists => result(accessor.exists(id)),
            AccessorOperation::IsFile => result(accessor.is_file(id)),
            AccessorOperation::IsContainer => result(accessor.is_container(id)),
            AccessorOperation::IsSequence => result(accessor.is_sequence(id)),
            AccessorOperation::Open { offset } => {
                result(accessor.open_at(id, offset).map(|reader| Opened {
                    size: reader.size(),
                    stream: streams.insert(Box::new(reader)),
                }))
            }
            AccessorOperation::Create {
                size,
                md5,
                file_name,
                durable,
            } => {
                let mut options = CreateOptions::new().durable(durable);
                options = size.into_iter().fold(options, CreateOptions::size);
                let md5 = md5.map(Md5::from_bytes);
                options = md5.into_iter().fold(options, CreateOptions::md5);
                options = file_name
                    .into_iter()
                    .fold(options, CreateOptions::file_name);
                let upload = accessor.create(id, &options);
                result(upload.map(|upload| self.uploads.insert(upload)))
            }
            AccessorOperation::Remove => result(accessor.remove(id)),
            AccessorOperation::RemoveContainer => result(accessor.remove_container(id)),
            AccessorOperation::Rename { target } => result(accessor.rename(id, &target)),
            AccessorOperation::Replace { target, backup } => {
                result(accessor.replace(id, &target, &backup))
            }
            AccessorOperation::MakeContainer { recursive } => {
                result(accessor.make_container(id, recursive))
            }
            AccessorOperation::GetContainer => result(accessor.container(id)),
            AccessorOperation::GetFilesystemPath => {
                let path = accessor.filesystem_path(id);
                result(path.and_then(|path| {
                    path.to_str()
                        .map(str::to_owned)
                        .ok_or_else(|| AccessorError::FilesystemPath {
                            resource_identifier: id.to_owned(),
                            reason: "it is not text, so it cannot cross from the plugin".into(),
                        })
                }))
            }
            AccessorOperation::GetUrl => result(accessor.url(id)),
            AccessorOperation::GetThumbnailUrl { size } => result(accessor.thumbnail_url(id, size)),
            AccessorOperation::LocalPath => json(
                accessor
                    .local_path(id)
                    .and_then(|path| Some(path.to_str()?.to_owned())),
            ),
        }
    }

    /// Uploads are written by one thread each, so each is taken out while it works.
    fn upload(&self, number: u64, operation: &UploadOperation, body: &[u8]) -> Answered {
        let mut upload = self.uploads.take(number).ok_or_else(unknown)?;
        let answer = match operation {
            UploadOperation::Write => upload
                .write(body)
                .map_err(RemoteError::failed)
                .and_then(json),
            UploadOperation::Flush => upload.flush().map_err(RemoteError::failed).and_then(json),
            UploadOperation::Finish => return result(upload.finish()),
            UploadOperation::Abort => return done(),
        };
        self.uploads.insert_as(number, upload);
        answer
    }
}

fn result<T: Serialize>(result: ftrack_location::accessor::Result<T>) -> Answered {
    let answer: Value = json(result.map_err(Convert::<AccessorErrorMessage>::convert))?.0;
    Ok((answer, Vec::new()))
}

fn unknown() -> RemoteError {
    RemoteError::malformed("there is no such part of a location")
}
