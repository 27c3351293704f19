//! Libraries that are loaded.

use std::io;
use std::mem::ManuallyDrop;
use std::path::Path;
use std::ptr;

use crate::endpoint::RemoteEndpoint;
use crate::entry::{Entry, MAGIC, SYMBOL, VERSION};
use crate::mark::Mark;

/// A library with a plugin, loaded for the rest of the process.
#[derive(Clone, Copy, Debug)]
pub struct LoadedLibrary(&'static Entry);

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Read(#[source] io::Error),
    /// The operating system does not load it.
    #[error("the library cannot be loaded")]
    Load(#[source] libloading::Error),
    /// It is not a plugin.
    #[error("the library is not a plugin: it does not export one by `export_plugin!`")]
    NotAPlugin,
    /// It was made for another version of the plugin interface.
    #[error(
        "the plugin has version {found} of the plugin interface, and this program version {VERSION}: build it with the same version of ftrack"
    )]
    Version {
        /// The version that it was made for.
        found: u32,
    },
    /// Its entry is not what the version says.
    #[error(
        "the plugin's entry has {found} bytes where version {VERSION} of the plugin interface has {expected}: build it again with an unchanged ftrack"
    )]
    Size {
        /// The bytes that it has, as it says.
        found: u32,
        /// The bytes that it should have.
        expected: u32,
    },
}

impl LoadedLibrary {
    /// Loads a library, which then stays: its threads and destructors may run at any time.
    ///
    /// The file is [looked into](Mark::find) first: nothing of a file runs that is not a plugin of this version.
    ///
    /// # Errors
    ///
    /// See [`LoadError`].
    pub fn open(path: &Path) -> Result<Self, LoadError> {
        let mark = Mark::find(path).map_err(LoadError::Read)?;
        check(mark.ok_or(LoadError::NotAPlugin)?)?;
        // SAFETY: Loading runs whatever the library wants to run at that. That is why it was put into the folder.
        let library = unsafe { libloading::Library::new(path) }.map_err(LoadError::Load)?;
        // The library may have started threads when it was loaded, even if it turns out not to be a plugin.
        let library = ManuallyDrop::new(library);
        // SAFETY: If there is a static of this name, it has an address; it is looked at below with care.
        let symbol = unsafe { library.get::<*const Entry>(SYMBOL) };
        let entry: *const Entry = *symbol.map_err(|_| LoadError::NotAPlugin)?;
        // SAFETY: It is the address of a static of a library that is never unloaded. That it is an entry is looked at.
        unsafe { Self::read(entry) }
    }

    /// Takes an entry of this process for that of a library.
    ///
    /// # Errors
    ///
    /// See [`LoadError`].
    pub fn from_entry(entry: &'static Entry) -> Result<Self, LoadError> {
        // SAFETY: It is an entry.
        unsafe { Self::read(entry) }
    }

    /// Looks at what should be an entry.
    ///
    /// # Safety
    ///
    /// It can be read for the rest of the process: the bytes that every version begins with, and if they say that it is
    /// an entry, as many as they say.
    unsafe fn read(entry: *const Entry) -> Result<Self, LoadError> {
        if entry.is_null() || !entry.is_aligned() {
            return Err(LoadError::NotAPlugin);
        }
        // SAFETY: Every version begins with these, at these places.
        let magic = unsafe { ptr::read_unaligned(entry.cast::<[u8; 16]>()) };
        if magic != MAGIC {
            return Err(LoadError::NotAPlugin);
        }
        // SAFETY: As above; the magic is there, so the others are.
        let mark = unsafe {
            Mark {
                version: ptr::read_unaligned(entry.byte_add(16).cast::<u32>()),
                size: ptr::read_unaligned(entry.byte_add(20).cast::<u32>()),
            }
        };
        check(mark)?;
        // SAFETY: It is as large as an entry. Read as a number, for a function must not be null.
        let start = unsafe { ptr::read_unaligned(entry.byte_add(Entry::START).cast::<usize>()) };
        if start == 0 {
            return Err(LoadError::NotAPlugin);
        }
        // SAFETY: It is an `Entry` of this version and size, aligned, and its function is not null.
        Ok(Self(unsafe { &*entry }))
    }

    /// Begins with the plugin for one session; `host` is what the plugin sees of the program.
    pub fn start(self, host: RemoteEndpoint) -> RemoteEndpoint {
        self.0.start(host)
    }
}

/// Refuses entries of other versions and sizes.
fn check(mark: Mark) -> Result<(), LoadError> {
    if mark.version != VERSION {
        return Err(LoadError::Version {
            found: mark.version,
        });
    }
    if mark.size != Entry::SIZE {
        return Err(LoadError::Size {
            found: mark.size,
            expected: Entry::SIZE,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry as bytes, aligned as one.
    #[repr(C, align(8))]
    struct Bytes([u8; 32]);

    fn read(version: u32, size: u32, start: u64) -> Result<LoadedLibrary, LoadError> {
        let mut bytes = Bytes([0; 32]);
        bytes.0[..16].copy_from_slice(&MAGIC);
        bytes.0[16..20].copy_from_slice(&version.to_ne_bytes());
        bytes.0[20..24].copy_from_slice(&size.to_ne_bytes());
        bytes.0[24..].copy_from_slice(&start.to_ne_bytes());
        let bytes: &'static Bytes = Box::leak(Box::new(bytes));
        // SAFETY: It is as large as an entry and stays. Entries with a function that is none are not read here.
        unsafe { LoadedLibrary::read(ptr::from_ref(bytes).cast()) }
    }

    #[test]
    fn an_entry_is_refused_for_its_version_its_size_and_a_missing_function() {
        let other = read(VERSION + 1, Entry::SIZE, 0);
        assert!(matches!(other, Err(LoadError::Version { found }) if found == VERSION + 1));
        let larger = read(VERSION, Entry::SIZE + 8, 0).unwrap_err();
        assert!(matches!(larger, LoadError::Size { found, .. } if found == Entry::SIZE + 8));
        assert!(larger.to_string().contains("40 bytes"), "{larger}");
        let without = read(VERSION, Entry::SIZE, 0);
        assert!(matches!(without, Err(LoadError::NotAPlugin)));
        // SAFETY: A null pointer is refused before it is read.
        let null = unsafe { LoadedLibrary::read(ptr::null()) };
        assert!(matches!(null, Err(LoadError::NotAPlugin)));
    }

    #[cfg(not(miri))]
    #[test]
    fn a_file_without_our_mark_is_not_loaded_and_one_that_is_no_library_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text.so");
        let open = |content: &[u8]| {
            std::fs::write(&path, content).unwrap();
            LoadedLibrary::open(&path)
        };
        assert!(matches!(open(b"text"), Err(LoadError::NotAPlugin)));
        assert!(matches!(open(&MAGIC), Err(LoadError::NotAPlugin)));
        let marked = |version: u32, size: u32| {
            [&MAGIC[..], &version.to_ne_bytes(), &size.to_ne_bytes()].concat()
        };
        let other = open(&marked(99, Entry::SIZE));
        assert!(matches!(other, Err(LoadError::Version { found: 99 })));
        let larger = open(&marked(VERSION, 48));
        assert!(matches!(larger, Err(LoadError::Size { found: 48, .. })));
        let ours = open(&marked(VERSION, Entry::SIZE));
        assert!(matches!(ours, Err(LoadError::Load(_))));
        std::fs::remove_file(&path).unwrap();
        let missing = LoadedLibrary::open(&path);
        assert!(matches!(missing, Err(LoadError::Read(_))));
    }
}
