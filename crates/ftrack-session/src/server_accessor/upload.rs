//! Files on their way to the server.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

use ftrack_location::accessor::Result;
use ftrack_location::{AccessorError, CreateOptions, Md5, Upload, Watch};

use super::link::{Link, not_answered};
use super::put::Meter;
use super::send::Sending;

/// What is written goes to a temporary file, for the server wants to know size and checksum before; it is sent when
/// the upload is finished.
pub(super) struct ServerUpload {
    link: Link,
    resource_identifier: String,
    options: CreateOptions,
    file: File,
    /// Whether the file is that of somebody else, who had it already.
    is_taken: bool,
}

impl ServerUpload {
    pub(super) fn start(
        link: Link,
        resource_identifier: &str,
        options: &CreateOptions,
    ) -> Result<Self> {
        if resource_identifier.is_empty() {
            return Err(AccessorError::ResourceIdentifier {
                resource_identifier: String::new(),
                reason: "it is not the id of a component".into(),
            });
        }
        let file = tempfile::tempfile()
            .map_err(|error| AccessorError::from_io("write", resource_identifier, error))?;
        Ok(Self {
            link,
            resource_identifier: resource_identifier.to_owned(),
            options: options.clone(),
            file,
            is_taken: false,
        })
    }
}

impl Upload for ServerUpload {
    fn finish(self: Box<Self>) -> Result<()> {
        self.finish_watched(&|_| ControlFlow::Continue(()))
    }

    fn finish_watched(self: Box<Self>, watch: &Watch<'_>) -> Result<()> {
        let id = self.resource_identifier.as_str();
        let read = |error| AccessorError::from_io("read what is to be sent to", id, error);
        let file = Arc::new(self.file);
        let size = file.metadata().map_err(read)?.len();
        let checksum = || checksum(&file);
        self.options.check(id, size, checksum)?;
        let file_name = match self.options.known_file_name() {
            Some(name) => name.to_owned(),
            None => self
                .link
                .file_name(id)
                .map_err(|error| not_answered("write", id, error))?,
        };
        let sending = Sending {
            link: &self.link,
            component_id: id,
            file_name: &file_name,
            file: Arc::clone(&file),
            size,
            meter: Meter::new(watch),
        };
        sending.run(|| match self.options.expected_md5() {
            Some(checked) => Ok(checked.clone()),
            None => checksum(),
        })
    }

    fn take_file(&mut self, file: File) -> Option<File> {
        self.file = file;
        self.is_taken = true;
        None
    }

    fn local_file(&self) -> Option<&File> {
        (!self.is_taken).then_some(&self.file)
    }
}

fn checksum(mut file: &File) -> io::Result<Md5> {
    file.rewind()?;
    Md5::read(&mut file)
}

impl Write for ServerUpload {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        if self.is_taken {
            return Err(io::Error::other("a file was given already"));
        }
        self.file.write(content)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
