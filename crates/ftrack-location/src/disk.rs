//! Folders of this machine.

mod prefix;
mod publish;
mod replace;
mod root;
mod unnamed;
mod upload;

use std::fs::{self, File, Metadata};
use std::io::{self, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use self::root::Root;
use self::upload::DiskUpload;
use crate::accessor::{Accessor, AccessorError, CreateOptions, ResourceReader, Result, Upload};
use crate::identifier;

/// Access to a folder of this machine, or of a storage that is mounted on it.
///
/// Resource identifiers are paths relative to the prefix; absolute ones must lie below it. No identifier leads out,
/// neither by `..` nor by a symbolic link, unless [`DiskAccessor::allow_symlinks_out`] says so.
///
/// Files get their name once they are whole. Until then they have none where the system can do that (Linux, on most
/// local file systems), and a program that is killed leaves nothing. Elsewhere they have a temporary name in their
/// folder: a program that is killed leaves at most a hidden file `.ftrack-….part`, which listings pass over, and which
/// keeps its folder from being removed until somebody deletes it. Permissions are those of any new file of this user.
///
/// Links are looked at before a resource is touched: that stops mistakes, not somebody who changes links of the storage
/// at the same moment.
///
/// ```
/// use ftrack_location::{Accessor, DiskAccessor};
///
/// let accessor = DiskAccessor::new("/mnt/projects")?;
/// assert_eq!(accessor.filesystem_path("bunny/plate.exr")?.to_str(), Some("/mnt/projects/bunny/plate.exr"));
/// assert_eq!(accessor.filesystem_path("/mnt/projects/a.txt")?.to_str(), Some("/mnt/projects/a.txt"));
/// assert!(accessor.filesystem_path("../secrets.txt").is_err());
/// assert_eq!(accessor.container("bunny/plate.exr")?, "bunny");
/// # Ok::<(), ftrack_location::AccessorError>(())
/// ```
#[derive(Clone, Debug)]
pub struct DiskAccessor {
    root: Root,
    may_create_prefix: bool,
}

impl DiskAccessor {
    /// Access to what is below `prefix`, in the syntax of this system. The folder has to be there before anything is
    /// put into it, see [`create_prefix`](Self::create_prefix). `~` at its start stands for the home folder, `$NAME`
    /// and `${NAME}` for environment variables, and a relative prefix for a folder in the current one. With an empty
    /// prefix, identifiers are paths that may lead anywhere.
    ///
    /// # Errors
    ///
    /// [`AccessorError::FilesystemPath`] if there is no such variable, no home folder, or no current folder.
    pub fn new(prefix: impl AsRef<str>) -> Result<Self> {
        let prefix = prefix.as_ref();
        let prefix = if prefix.is_empty() {
            None
        } else {
            Some(prefix::expand(prefix)?)
        };
        Ok(Self::with_root(Root::new(prefix)))
    }

    /// Access to what is below `folder`, taken as it is: nothing in it stands for anything else. A relative one is in
    /// the current folder.
    ///
    /// # Errors
    ///
    /// [`AccessorError::FilesystemPath`] if there is no current folder.
    pub fn in_folder(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref();
        let absolute = std::path::absolute(folder).map_err(|error| {
            AccessorError::outside(&folder.to_string_lossy(), error.to_string())
        })?;
        Ok(Self::with_root(Root::new(Some(root::normalise(&absolute)))))
    }

    /// Access to any path.
    pub fn without_prefix() -> Self {
        Self::with_root(Root::new(None))
    }

    fn with_root(root: Root) -> Self {
        Self {
            root,
            may_create_prefix: false,
        }
    }

    /// Whether the folder of the prefix is made when something is put into it. Defaults to `false`: a share that is not
    /// mounted must not become a folder on the local disk that fills up unseen.
    pub fn create_prefix(mut self, allowed: bool) -> Self {
        self.may_create_prefix = allowed;
        self
    }

    fn check_prefix(&self, resource_identifier: &str) -> Result<()> {
        match self.root.prefix() {
            Some(prefix) if !self.may_create_prefix && !prefix.is_dir() => {
                Err(AccessorError::outside(
                    resource_identifier,
                    format!(
                        "there is no folder {}: mount it, make it, or let the accessor create it",
                        prefix.display()
                    ),
                ))
            }
            _ => Ok(()),
        }
    }

    /// Lets symbolic links below the prefix lead out of it: for studios that spread one tree over several storages.
    pub fn allow_symlinks_out(mut self, allowed: bool) -> Self {
        self.root.allow_symlinks_out(allowed);
        self
    }

    /// The folder that everything is in, absolute; `None` if identifiers are paths that may lead anywhere.
    pub fn prefix(&self) -> Option<&Path> {
        self.root.prefix()
    }

    /// What is known of what is at `resource_identifier`, if there is something.
    fn metadata(&self, resource_identifier: &str) -> Result<Option<Metadata>> {
        let path = self.root.existing(resource_identifier)?;
        match fs::metadata(&path) {
            Ok(metadata) => Ok(Some(metadata)),
            Err(error) if is_absence(&error) => Ok(None),
            Err(error) => Err(AccessorError::from_io(
                "inspect",
                resource_identifier,
                error,
            )),
        }
    }

    fn require(&self, resource_identifier: &str) -> Result<Metadata> {
        self.metadata(resource_identifier)?
            .ok_or_else(|| AccessorError::not_found(resource_identifier))
    }
}

impl Accessor for DiskAccessor {
    fn list(&self, resource_identifier: &str) -> Result<Vec<String>> {
        if !self.require(resource_identifier)?.is_dir() {
            return Err(AccessorError::invalid(
                resource_identifier,
                "it is not a container",
            ));
        }
        let failed = |error| AccessorError::from_io("list", resource_identifier, error);
        let mut entries = Vec::new();
        let path = self.root.existing(resource_identifier)?;
        for entry in fs::read_dir(path).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            match name.to_str() {
                Some(name) if upload::is_staged(name) => {}
                Some(name) => entries.push(identifier::join(resource_identifier, name)),
                None => tracing::warn!(
                    container = resource_identifier,
                    ?name,
                    "passed over a name that is not Unicode"
                ),
            }
        }
        entries.sort_unstable();
        Ok(entries)
    }

    fn exists(&self, resource_identifier: &str) -> Result<bool> {
        Ok(self.metadata(resource_identifier)?.is_some())
    }

    fn is_file(&self, resource_identifier: &str) -> Result<bool> {
        let metadata = self.metadata(resource_identifier)?;
        Ok(metadata.is_some_and(|metadata| metadata.is_file()))
    }

    fn is_container(&self, resource_identifier: &str) -> Result<bool> {
        let metadata = self.metadata(resource_identifier)?;
        Ok(metadata.is_some_and(|metadata| metadata.is_dir()))
    }

    fn open_at(&self, resource_identifier: &str, offset: u64) -> Result<ResourceReader> {
        let failed = |error| AccessorError::from_io("open", resource_identifier, error);
        // Looking first keeps us from waiting for the other end of a pipe.
        if !self.require(resource_identifier)?.is_file() {
            return Err(AccessorError::invalid(
                resource_identifier,
                "it is not a file",
            ));
        }
        let path = self.root.existing(resource_identifier)?;
        let mut file = File::open(path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        if offset > 0 {
            file.seek(SeekFrom::Start(offset)).map_err(failed)?;
        }
        Ok(ResourceReader::new(file).with_size(size.saturating_sub(offset)))
    }

    fn create(
        &self,
        resource_identifier: &str,
        options: &CreateOptions,
    ) -> Result<Box<dyn Upload>> {
        let path = self.root.entry(resource_identifier)?;
        match fs::symlink_metadata(&path) {
            Ok(_) => return Err(AccessorError::exists(resource_identifier)),
            Err(error) if is_absence(&error) => {}
            Err(error) => return Err(AccessorError::from_io("create", resource_identifier, error)),
        }
        Ok(Box::new(DiskUpload::start(
            path,
            resource_identifier,
            options,
        )?))
    }

    fn remove(&self, resource_identifier: &str) -> Result<()> {
        let path = self.root.entry(resource_identifier)?;
        let failed = |error| AccessorError::from_io("remove", resource_identifier, error);
        let metadata = fs::symlink_metadata(&path).map_err(|error| {
            if is_absence(&error) {
                AccessorError::not_found(resource_identifier)
            } else {
                failed(error)
            }
        })?;
        if metadata.is_dir() {
            fs::remove_dir(path).map_err(failed)
        } else {
            fs::remove_file(path).map_err(failed)
        }
    }

    fn remove_container(&self, resource_identifier: &str) -> Result<()> {
        if !self.require(resource_identifier)?.is_dir() {
            return Err(AccessorError::invalid(
                resource_identifier,
                "it is not a container",
            ));
        }
        self.remove(resource_identifier)
    }

    fn rename(&self, resource_identifier: &str, target: &str) -> Result<()> {
        let from = self.root.entry(resource_identifier)?;
        let to = self.root.entry(target)?;
        replace::rename((&from, resource_identifier), (&to, target))
    }

    fn replace(&self, staged: &str, target: &str, backup: &str) -> Result<()> {
        let [new, old, kept] =
            [staged, target, backup].map(|identifier| self.root.entry(identifier));
        let (new, old, kept) = (new?, old?, kept?);
        replace::replace((&new, staged), (&old, target), (&kept, backup))
    }

    fn make_container(&self, resource_identifier: &str, recursive: bool) -> Result<()> {
        self.check_prefix(resource_identifier)?;
        let path = self.root.existing(resource_identifier)?;
        let made = if recursive {
            fs::create_dir_all(&path)
        } else {
            fs::create_dir(&path)
        };
        match made {
            Ok(()) => Ok(()),
            Err(_) if path.is_dir() => Ok(()),
            Err(error) => Err(match error.kind() {
                io::ErrorKind::NotFound => AccessorError::parent_not_found(resource_identifier),
                io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
                    AccessorError::invalid(resource_identifier, "a file is in the way")
                }
                _ => AccessorError::from_io("make a container", resource_identifier, error),
            }),
        }
    }

    fn container(&self, resource_identifier: &str) -> Result<String> {
        let path = self.root.path(resource_identifier)?;
        let container = path
            .parent()
            .and_then(|container| match self.root.prefix() {
                Some(prefix) => container.strip_prefix(prefix).ok(),
                None => Some(container),
            })
            .ok_or_else(|| AccessorError::parent_not_found(resource_identifier))?;
        // The identifier is text, so what is cut from it is.
        let container = container.to_str().unwrap_or_default();
        Ok(if cfg!(windows) {
            container.replace('\\', "/")
        } else {
            container.to_owned()
        })
    }

    fn filesystem_path(&self, resource_identifier: &str) -> Result<PathBuf> {
        self.root.path(resource_identifier)
    }

    fn local_path(&self, resource_identifier: &str) -> Option<PathBuf> {
        self.root.existing(resource_identifier).ok()
    }
}

/// Whether the error says that there is nothing at a path.
fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
