//! Files that are not whole yet.

use std::collections::hash_map::RandomState;
use std::fs::{self, File, OpenOptions};
use std::hash::BuildHasher;
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::process;

use super::is_absence;
use super::publish::publish;
use crate::accessor::{AccessorError, CreateOptions, Md5, Result, Upload};

/// Staged files are hidden, and so called that nothing else is. Their names are short whatever the name of the target
/// is, which may be as long as a name can be.
const STAGED_START: &str = ".ftrack-";
const STAGED_END: &str = ".part";

pub(super) fn is_staged(name: &str) -> bool {
    name.starts_with(STAGED_START) && name.ends_with(STAGED_END)
}

/// A file under a temporary name beside its target.
pub(super) struct DiskUpload {
    file: File,
    staged: Staged,
    target: PathBuf,
    resource_identifier: String,
    options: CreateOptions,
}

impl DiskUpload {
    pub(super) fn start(
        target: PathBuf,
        resource_identifier: &str,
        options: &CreateOptions,
    ) -> Result<Self> {
        let (file, staged) = Staged::beside(&target).map_err(|error| {
            if is_absence(&error) {
                AccessorError::parent_not_found(resource_identifier)
            } else {
                AccessorError::from_io("create", resource_identifier, error)
            }
        })?;
        Ok(Self {
            file,
            staged,
            target,
            resource_identifier: resource_identifier.to_owned(),
            options: options.clone(),
        })
    }
}

impl Upload for DiskUpload {
    fn finish(self: Box<Self>) -> Result<()> {
        let Self {
            mut file,
            mut staged,
            target,
            resource_identifier,
            options,
        } = *self;
        let failed = |error| AccessorError::from_io("finish", &resource_identifier, error);

        let written = file.metadata().map_err(failed)?.len();
        options.check(&resource_identifier, written, || {
            file.rewind()?;
            Md5::read(&mut file)
        })?;
        if options.is_durable() {
            file.sync_all().map_err(failed)?;
        }
        drop(file);
        publish(&staged.path, &target).map_err(failed)?;
        staged.published = true;
        if options.is_durable() {
            sync_folder(&target).map_err(failed)?;
        }
        Ok(())
    }

    fn local_file(&self) -> Option<&File> {
        Some(&self.file)
    }
}

impl Write for DiskUpload {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        self.file.write(content)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A temporary name; the file is removed with it, unless it was published.
struct Staged {
    path: PathBuf,
    published: bool,
}

impl Staged {
    fn beside(target: &Path) -> io::Result<(File, Self)> {
        let folder = target.parent().unwrap_or(Path::new(""));
        loop {
            let unique = RandomState::new().hash_one(process::id());
            let path = folder.join(format!("{STAGED_START}{unique:016x}{STAGED_END}"));
            // A new file gets the permissions that the system gives to new files of this user.
            let opened = OpenOptions::new()
                .read(true)
                .write(true)
                .create_new(true)
                .open(&path);
            match opened {
                Ok(file) => {
                    let published = false;
                    return Ok((file, Self { path, published }));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if self.published {
            return;
        }
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "a staged file is left over");
        }
    }
}

/// Has the name of a file on the medium, where folders can be opened.
fn sync_folder(target: &Path) -> io::Result<()> {
    match target.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}
