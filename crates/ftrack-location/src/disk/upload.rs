//! Files that are not whole yet.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use super::is_absence;
use super::publish::publish;
use super::unnamed;
use crate::accessor::{AccessorError, CreateOptions, Md5, Result, Upload};
use crate::identifier;

/// Staged files are hidden, and so called that nothing else is. Their names are short whatever the name of the target
/// is, which may be as long as a name can be.
const STAGED_START: &str = ".ftrack-";
const STAGED_END: &str = ".part";

pub(super) fn is_staged(name: &str) -> bool {
    name.starts_with(STAGED_START) && name.ends_with(STAGED_END)
}

/// A file that is not seen under its name yet.
pub(super) struct DiskUpload {
    file: File,
    /// `None` if it has no name at all.
    staged: Option<Staged>,
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
        let (file, staged) = stage(&target).map_err(|error| {
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
            staged,
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
        match staged {
            Some(mut staged) => {
                drop(file);
                publish(&staged.path, &target).map_err(failed)?;
                staged.published = true;
            }
            None => unnamed::publish(&file, &target).map_err(failed)?,
        }
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

/// A new file that nobody sees: without a name where the system has such files, else under a temporary one.
fn stage(target: &Path) -> io::Result<(File, Option<Staged>)> {
    let folder = target.parent().unwrap_or(Path::new(""));
    match unnamed::create(folder) {
        Some(file) => Ok((file?, None)),
        None => Staged::in_folder(folder).map(|(file, staged)| (file, Some(staged))),
    }
}

/// A temporary name; the file is removed with it, unless it was published.
struct Staged {
    path: PathBuf,
    published: bool,
}

impl Staged {
    fn in_folder(folder: &Path) -> io::Result<(File, Self)> {
        loop {
            let unique = identifier::unique();
            let path = folder.join(format!("{STAGED_START}{unique}{STAGED_END}"));
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::path::Path;

    use super::{DiskUpload, Staged, is_staged, stage};
    use crate::accessor::{AccessorError, CreateOptions, Upload};

    /// Both ways to stage do the same.
    fn uploads(target: &Path) -> [Box<DiskUpload>; 2] {
        let folder = target.parent().unwrap();
        let (named, staged) = Staged::in_folder(folder).unwrap();
        [(named, Some(staged)), stage(target).unwrap()].map(|(file, staged)| {
            Box::new(DiskUpload {
                file,
                staged,
                target: target.to_owned(),
                resource_identifier: "plate.exr".to_owned(),
                options: CreateOptions::new(),
            })
        })
    }

    #[test]
    fn staged_files_replace_nothing_and_leave_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("plate.exr");
        for mut upload in uploads(&target) {
            upload.write_all(b"pixels").unwrap();
            assert!(!target.exists());
            upload.finish().unwrap();
            assert_eq!(fs::read(&target).unwrap(), b"pixels");

            for mut late in uploads(&target) {
                late.write_all(b"other").unwrap();
                let error = late.finish().unwrap_err();
                assert!(
                    matches!(error, AccessorError::ResourceExists { .. }),
                    "{error}"
                );
            }
            assert_eq!(fs::read(&target).unwrap(), b"pixels");
            fs::remove_file(&target).unwrap();
        }
        drop(uploads(&target));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn files_get_the_permissions_of_new_files() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("plate.exr");
        let plain = folder.path().join("plain");
        fs::write(&plain, "").unwrap();
        for upload in uploads(&target) {
            upload.finish().unwrap();
            let permissions = |path: &Path| fs::metadata(path).unwrap().permissions();
            assert_eq!(permissions(&target), permissions(&plain));
            fs::remove_file(&target).unwrap();
        }
    }

    #[test]
    fn staged_names_are_known() {
        let folder = tempfile::tempdir().unwrap();
        let (_file, staged) = Staged::in_folder(folder.path()).unwrap();
        assert!(is_staged(
            staged.path.file_name().unwrap().to_str().unwrap()
        ));
    }
}
