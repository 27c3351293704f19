//! Copying the files of a component to a folder.

mod files;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use ftrack_location::DiskAccessor;
use ftrack_location::transfer::{TransferItem, TransferOptions, transfer};

use self::files::Files;
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::location::{Location, path_text};
use crate::session::Session;

/// What [`Session::download`] did.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Downloaded {
    /// Where it is: the path of a file, of a sequence with its ranges, or of the folder that a container is now.
    pub path: PathBuf,
    /// Where it was taken from.
    pub location: Location,
    /// How many files there are.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
}

/// From where and how the files of a component are copied to a folder.
///
/// ```
/// use ftrack_session::DownloadOptions;
///
/// # fn example(session: &ftrack_session::Session, plate: &ftrack_session::Entity) -> ftrack_session::Result<()> {
/// let archive = session.location("studio.archive")?;
/// session.download_with(plate, "/tmp/plates", &DownloadOptions::new().location(&archive))?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct DownloadOptions {
    location: Option<Location>,
    dry_run: bool,
    transfer: TransferOptions,
}

impl Default for DownloadOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl DownloadOptions {
    /// From the best location that can be reached.
    pub fn new() -> Self {
        Self {
            location: None,
            dry_run: false,
            transfer: TransferOptions::from_env(),
        }
    }

    /// From this location.
    pub fn location(mut self, location: &Location) -> Self {
        self.location = Some(location.clone());
        self
    }

    /// Whether nothing is copied: what is given back says what would be, with the sizes that are registered. Defaults
    /// to `false`.
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// How data is copied, who is told how far it is, and what can stop it.
    pub fn transfer(mut self, options: TransferOptions) -> Self {
        self.transfer = options;
        self
    }
}

impl fmt::Debug for DownloadOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DownloadOptions")
            .field("location", &self.location)
            .field("dry_run", &self.dry_run)
            .field("transfer", &self.transfer)
            .finish()
    }
}

impl Session {
    /// Copies the files of a component to a folder, which is made if it is not there, from the best location that can
    /// be reached ([`pick_location_for`](Self::pick_location_for)).
    ///
    /// They are called after the component, not as in the location: `plate.exr`, `plate.0001.exr`, or a folder `plate`
    /// for a container. A name that leads out of the folder, or has characters that some system does not take, is
    /// changed. Nothing is replaced, and if anything fails nothing remains.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, plate: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// let downloaded = session.download(plate, "/tmp/plates")?;
    /// println!("{} ({} bytes)", downloaded.path.display(), downloaded.bytes);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ComponentNotInAnyLocation`] if it is in no location that can be reached, [`ErrorKind::EntityType`]
    /// if it is not a component, [`ErrorKind::InvalidArgument`] if two of its files would have the same name or
    /// containers are nested too deep, [`ErrorKind::Location`] if they cannot be copied (the cause is the source) and
    /// [`ErrorKind::Cancelled`] if it was cancelled; the errors of [`Location::resource_identifiers`].
    #[track_caller]
    pub fn download(&self, component: &Entity, folder: impl AsRef<Path>) -> Result<Downloaded> {
        self.download_with(component, folder, &DownloadOptions::default())
    }

    /// As [`download`](Self::download), and says from where and how.
    ///
    /// # Errors
    ///
    /// As [`download`](Self::download).
    #[track_caller]
    pub fn download_with(
        &self,
        component: &Entity,
        folder: impl AsRef<Path>,
        options: &DownloadOptions,
    ) -> Result<Downloaded> {
        let location = match &options.location {
            Some(location) => location.clone(),
            None => self.source_of(component)?,
        };
        let accessor = location.required_accessor()?;
        let files = Files::load(component)?;
        let items = items(&location, &files)?;
        let folder = std::path::absolute(folder.as_ref())
            .map_err(|error| unusable(folder.as_ref()).with_source(error))?;
        if options.dry_run {
            check_nothing_is_in_the_way(&items, &folder)?;
            return Ok(Downloaded {
                path: folder.join(files.shown()),
                location,
                files: items.len() as u64,
                bytes: files.names_and_sizes().map(|(_, size)| size).sum(),
            });
        }
        let new_folders = missing_folders(&items, &folder);
        // Links that somebody put into the folder do not lead out of it.
        let target = DiskAccessor::in_folder(&folder)?.create_prefix(true);
        let copied = transfer(&*accessor, &target, &items, &options.transfer);
        let summary = copied.map_err(|error| {
            withdraw(&folder, error.transferred(), &new_folders);
            let kind = if error.is_cancelled() {
                ErrorKind::Cancelled
            } else {
                ErrorKind::Location
            };
            let message = format!("{component:?} cannot be copied to {}", folder.display());
            Error::new(kind, message)
                .with_detail("component", component.id())
                .with_detail("location", location.id())
                .with_source(error)
        })?;
        Ok(Downloaded {
            path: folder.join(files.shown()),
            location,
            files: summary.files,
            bytes: summary.bytes,
        })
    }

    #[track_caller]
    fn source_of(&self, component: &Entity) -> Result<Location> {
        self.pick_location_for(component)?.ok_or_else(|| {
            let message = format!("{component:?} is in no location that can be reached from here");
            Error::new(ErrorKind::ComponentNotInAnyLocation, message)
                .with_detail("component", component.id())
        })
    }
}

fn unusable(folder: &Path) -> Error {
    let message = format!("the folder {} cannot be used", folder.display());
    Error::new(ErrorKind::File, message)
}

/// What is copied, and to which paths in the folder.
#[track_caller]
fn items(location: &Location, files: &Files) -> Result<Vec<TransferItem>> {
    let identifiers = location.resource_identifiers(files.components())?;
    let mut items = Vec::with_capacity(identifiers.len());
    for (identifier, (name, size)) in identifiers.into_iter().zip(files.names_and_sizes()) {
        let item = TransferItem::new(identifier, path_text(name)?);
        // A size of 0 is what is registered where nobody knew it.
        items.push(match size {
            0 => item,
            size => item.expect_size(size),
        });
    }
    Ok(items)
}

/// Refuses what a copy would find out when it has begun.
fn check_nothing_is_in_the_way(items: &[TransferItem], folder: &Path) -> Result<()> {
    let paths = items.iter().map(|item| folder.join(item.target()));
    match paths
        .into_iter()
        .find(|path| path.symlink_metadata().is_ok())
    {
        Some(path) => {
            let message = format!("{} exists already, and is not replaced", path.display());
            Err(Error::new(ErrorKind::Location, message))
        }
        None => Ok(()),
    }
}

/// The folders that the copy is going to make, the innermost first.
fn missing_folders(items: &[TransferItem], to: &Path) -> Vec<PathBuf> {
    let mut missing: Vec<PathBuf> = items
        .iter()
        .flat_map(|item| Path::new(item.target()).ancestors().skip(1))
        .map(|folder| to.join(folder))
        .chain(to.ancestors().map(Path::to_owned))
        .filter(|folder| !folder.exists())
        .collect();
    missing.sort_by_key(|folder| std::cmp::Reverse(folder.components().count()));
    missing.dedup();
    missing
}

/// Removes what was copied. What is not there any more, or is not empty, is somebody else's matter.
fn withdraw(to: &Path, copied: &[String], folders: &[PathBuf]) {
    for path in copied.iter().map(|name| to.join(name)) {
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(path = %path.display(), %error, "a file is left over");
        }
    }
    for folder in folders {
        let _ = fs::remove_dir(folder);
    }
}
