//! Files on their way to the server.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::ops::ControlFlow;
use std::sync::Arc;

use ftrack_location::accessor::Result;
use ftrack_location::{AccessorError, CreateOptions, Md5, Upload, Watch};

use super::fingerprint::Fingerprint;
use super::link::{Link, not_answered};
use super::meter::Meter;
use super::send::Sending;
use super::source::SourceState;

/// What is written goes to a temporary file, for the server wants to know size and checksum before; it is sent when
/// the upload is finished.
pub(super) struct ServerUpload {
    link: Link,
    resource_identifier: String,
    options: CreateOptions,
    file: File,
    /// If the file is that of somebody else, who had it already: how it was when it was taken.
    taken: Option<io::Result<SourceState>>,
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
            taken: None,
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
        let run = self.link.run(id);
        let fingerprint = match run.journal {
            Some(_) => Some(Fingerprint::new(&file, self.taken.is_none()).map_err(read)?),
            None => None,
        };
        let source = self.taken.transpose().map_err(read)?.map(Arc::new);
        let sending = Sending {
            link: &self.link,
            run: &run,
            component_id: id,
            file_name: &file_name,
            file: Arc::clone(&file),
            source,
            size,
            fingerprint,
            meter: Meter::new(watch, &run.options.control),
        };
        sending.run(|| match self.options.expected_md5() {
            Some(checked) => Ok(checked.clone()),
            None => checksum(),
        })
    }

    fn take_file(&mut self, file: File) -> Option<File> {
        self.taken = Some(SourceState::from_file(&file));
        self.file = file;
        None
    }

    fn local_file(&self) -> Option<&File> {
        self.taken.is_none().then_some(&self.file)
    }
}

fn checksum(mut file: &File) -> io::Result<Md5> {
    file.rewind()?;
    Md5::read(&mut file)
}

impl Write for ServerUpload {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        if self.taken.is_some() {
            return Err(io::Error::other("a file was given already"));
        }
        self.file.write(content)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
