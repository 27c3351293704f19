//! How files of a location are reached.

mod error;
mod moving;
mod read;
mod sequence;
mod shared;
mod upload;

use std::path::PathBuf;

pub use self::error::AccessorError;
pub use self::read::ResourceReader;
pub use self::upload::{CreateOptions, Md5, Upload, Watch};

/// What accessors return.
pub type Result<T, E = AccessorError> = std::result::Result<T, E>;

/// Access to the data of a location (product documentation, "Locations", Accessors).
///
/// A location is a storage, and there may be several ways to reach it: as a folder, or over a network. An accessor
/// is one way. Resource identifiers are what is stored centrally: texts that look like relative paths, with `/`
/// between their parts, whose meaning is a contract between the accessors of one storage.
///
/// Implement the methods without a body, and those that your storage can do of the others; then let
/// [`conformance::run`](crate::conformance::run) check it in your tests. An accessor is used by several threads at
/// once.
///
/// ```
/// use std::io::{Read, Write};
///
/// use ftrack_location::{Accessor, AccessorError, CreateOptions, MemoryAccessor};
///
/// let accessor = MemoryAccessor::new();
/// accessor.make_container("bunny/010", true)?;
///
/// let mut upload = accessor.create("bunny/010/plate.exr", &CreateOptions::new())?;
/// upload.write_all(b"pixels").expect("memory can be written");
/// assert!(!accessor.exists("bunny/010/plate.exr")?, "nothing is seen before it is whole");
/// upload.finish()?;
///
/// let mut content = String::new();
/// accessor.open("bunny/010/plate.exr")?.read_to_string(&mut content).expect("memory can be read");
/// assert_eq!(content, "pixels");
/// assert_eq!(accessor.list("bunny/010")?, ["bunny/010/plate.exr"]);
/// # Ok::<(), AccessorError>(())
/// ```
pub trait Accessor: Send + Sync {
    /// The resource identifiers of what is in a container, sorted.
    ///
    /// # Errors
    ///
    /// [`AccessorError::ResourceNotFound`] if there is nothing, [`AccessorError::ResourceInvalid`] if it is not a
    /// container.
    fn list(&self, resource_identifier: &str) -> Result<Vec<String>>;

    /// Whether there is something at `resource_identifier`.
    ///
    /// # Errors
    ///
    /// It could not be found out.
    fn exists(&self, resource_identifier: &str) -> Result<bool>;

    /// Whether `resource_identifier` refers to a file.
    ///
    /// # Errors
    ///
    /// It could not be found out.
    fn is_file(&self, resource_identifier: &str) -> Result<bool>;

    /// Whether `resource_identifier` refers to a container, such as a folder.
    ///
    /// # Errors
    ///
    /// It could not be found out.
    fn is_container(&self, resource_identifier: &str) -> Result<bool>;

    /// Whether `resource_identifier` refers to a sequence of files: it is the expression of a sequence
    /// (`plate.%04d.exr`), and there is at least one file that belongs to it.
    ///
    /// # Errors
    ///
    /// It could not be found out.
    fn is_sequence(&self, resource_identifier: &str) -> Result<bool> {
        sequence::is_on_storage(self, resource_identifier)
    }

    /// Opens a file for reading, from `offset` bytes after its start.
    ///
    /// # Errors
    ///
    /// [`AccessorError::ResourceNotFound`] if there is nothing, [`AccessorError::ResourceInvalid`] if it is not a
    /// file.
    fn open_at(&self, resource_identifier: &str, offset: u64) -> Result<ResourceReader>;

    /// Opens a file for reading.
    ///
    /// # Errors
    ///
    /// As of [`Accessor::open_at`].
    fn open(&self, resource_identifier: &str) -> Result<ResourceReader> {
        self.open_at(resource_identifier, 0)
    }

    /// Starts a new file. What is written is seen under `resource_identifier` once [`Upload::finish`] succeeds,
    /// whole, and never before; dropping the upload leaves nothing.
    ///
    /// Nothing is ever replaced, also when two programs write the same identifier at the same time: one of them
    /// succeeds.
    ///
    /// # Errors
    ///
    /// [`AccessorError::ResourceExists`] if there is something already (here or in `finish`),
    /// [`AccessorError::ParentResourceNotFound`] if the container is missing.
    fn create(&self, resource_identifier: &str, options: &CreateOptions)
    -> Result<Box<dyn Upload>>;

    /// Removes a file, or a container that is empty.
    ///
    /// # Errors
    ///
    /// [`AccessorError::ResourceNotFound`] if there is nothing, [`AccessorError::ContainerNotEmpty`] if it is a
    /// container with something in it.
    fn remove(&self, resource_identifier: &str) -> Result<()>;

    /// Removes a container that is empty.
    ///
    /// # Errors
    ///
    /// As of [`Accessor::remove`]; [`AccessorError::ResourceInvalid`] if it is not a container,
    /// [`AccessorError::UnsupportedOperation`] if the storage has none.
    fn remove_container(&self, _resource_identifier: &str) -> Result<()> {
        Err(AccessorError::unsupported("remove a container"))
    }

    /// Gives a file another name, in the same container or in another one that is there. Nothing is ever replaced.
    ///
    /// Unless it is implemented, the file is copied and then removed; if it cannot be removed, the copy goes again.
    /// That is right on every storage, and slow where files are large.
    ///
    /// # Errors
    ///
    /// [`AccessorError::ResourceNotFound`] if there is no `resource_identifier`, [`AccessorError::ResourceExists`] if
    /// there is a `target`, [`AccessorError::ParentResourceNotFound`] if the container of `target` is missing,
    /// [`AccessorError::ResourceInvalid`] if it is not a file, [`AccessorError::UnsupportedOperation`] if the storage
    /// cannot do that.
    fn rename(&self, resource_identifier: &str, target: &str) -> Result<()> {
        moving::rename(self, resource_identifier, target)
    }

    /// Puts the file `staged` in the place of the file `target`, which is kept as `backup`. All three are in one
    /// container.
    ///
    /// Unless it is implemented, `target` is renamed and then `staged`: a program that is killed in between leaves
    /// nothing at `target`, and the old file at `backup`. Storages that can do better should: at every moment there is
    /// either the old or the new file at `target`.
    ///
    /// # Errors
    ///
    /// As of [`Accessor::rename`]; [`AccessorError::ResourceExists`] if there is a `backup`. Unless the storage fails
    /// twice, the old file is at `target` then.
    fn replace(&self, staged: &str, target: &str, backup: &str) -> Result<()> {
        moving::replace(self, staged, target, backup)
    }

    /// Makes a container, with those it is in if `recursive`. A container that is there already is left as it is.
    ///
    /// # Errors
    ///
    /// [`AccessorError::ParentResourceNotFound`] if the container it is to be in is missing,
    /// [`AccessorError::ResourceInvalid`] if a file is in the way, [`AccessorError::UnsupportedOperation`] if the
    /// storage has no containers.
    fn make_container(&self, _resource_identifier: &str, _recursive: bool) -> Result<()> {
        Err(AccessorError::unsupported("make a container"))
    }

    /// The resource identifier of the container that `resource_identifier` is in, whether either exists or not.
    ///
    /// # Errors
    ///
    /// [`AccessorError::ParentResourceNotFound`] if it is in none.
    #[doc(alias = "get_container")]
    fn container(&self, resource_identifier: &str) -> Result<String> {
        Err(AccessorError::ParentResourceNotFound {
            resource_identifier: resource_identifier.to_owned(),
        })
    }

    /// The path in the file system by which other programs reach the resource, which need not exist.
    ///
    /// # Errors
    ///
    /// [`AccessorError::FilesystemPath`] if the identifier has none, [`AccessorError::UnsupportedOperation`] if no
    /// resource of this storage has one.
    #[doc(alias = "get_filesystem_path")]
    fn filesystem_path(&self, _resource_identifier: &str) -> Result<PathBuf> {
        Err(AccessorError::unsupported("get the path of a resource"))
    }

    /// The URL of the resource.
    ///
    /// # Errors
    ///
    /// [`AccessorError::FilesystemPath`] if the identifier has none, [`AccessorError::UnsupportedOperation`] if no
    /// resource of this storage has one.
    #[doc(alias = "get_url")]
    fn url(&self, _resource_identifier: &str) -> Result<String> {
        Err(AccessorError::unsupported("get the URL of a resource"))
    }

    /// The URL of a small picture of the resource, that fits in `size` by `size` pixels if that is given.
    ///
    /// # Errors
    ///
    /// [`AccessorError::FilesystemPath`] if the identifier has none, [`AccessorError::UnsupportedOperation`] if no
    /// resource of this storage has one.
    #[doc(alias = "get_thumbnail_url")]
    fn thumbnail_url(&self, _resource_identifier: &str, _size: Option<u32>) -> Result<String> {
        Err(AccessorError::unsupported("get the URL of a thumbnail"))
    }

    /// Where the file is on this machine, if it can be opened directly: then it can be copied without passing
    /// through this program. Not for showing to a person, for which there is [`Accessor::filesystem_path`].
    fn local_path(&self, _resource_identifier: &str) -> Option<PathBuf> {
        None
    }
}
