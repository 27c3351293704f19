//! What a library exports to be a plugin.

use crate::endpoint::{Endpoint, RemoteEndpoint, Reply, panicked};
use crate::guard::guarded;

/// The version of the plugin interface. It changes whenever the structures or the messages that they carry change;
/// programs skip plugins of other versions.
pub const VERSION: u32 = 3;

/// What an [`Entry`] begins with, in every version.
pub(crate) const MAGIC: [u8; 16] = *b"ftrack::plugin\0\0";

/// The name of the symbol under which a library has its [`Entry`]; `export_plugin!` has it too.
pub(crate) const SYMBOL: &[u8] = b"FTRACK_PLUGIN\0";

/// What a program finds a plugin by: a static of this type, which `export_plugin!` makes.
#[repr(C)]
pub struct Entry {
    magic: [u8; 16],
    version: u32,
    size: u32,
    start: unsafe extern "C" fn(RemoteEndpoint) -> RemoteEndpoint,
}

/// The plugin that a library exports.
pub trait Exported: 'static {
    /// Makes the plugin's side, for one session of the program; `host` is the program's side.
    fn start(host: RemoteEndpoint) -> Box<dyn Endpoint>;
}

impl Entry {
    /// The entry for this plugin.
    pub const fn new<E: Exported>() -> Self {
        Self {
            magic: MAGIC,
            version: VERSION,
            size: Self::SIZE,
            start: start::<E>,
        }
    }

    /// How many bytes it has.
    #[expect(clippy::cast_possible_truncation, reason = "it is 32 bytes")]
    pub(crate) const SIZE: u32 = size_of::<Self>() as u32;

    /// Where in it the function is.
    pub(crate) const START: usize = std::mem::offset_of!(Self, start);

    /// Begins with the plugin for one session; `host` is what the plugin sees of the program.
    pub(crate) fn start(&self, host: RemoteEndpoint) -> RemoteEndpoint {
        // SAFETY: The function is that of a library's entry, and `host` is an endpoint.
        unsafe { (self.start)(host) }
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Entry")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// How a program begins with a library.
///
/// # Safety
///
/// `host` is made by [`RemoteEndpoint::new`] of the program.
unsafe extern "C" fn start<E: Exported>(host: RemoteEndpoint) -> RemoteEndpoint {
    let endpoint = guarded(|| E::start(host));
    RemoteEndpoint::new(endpoint.unwrap_or_else(|message| Box::new(Broken(message))))
}

/// What answers for a plugin that panicked before it was there.
struct Broken(String);

impl Endpoint for Broken {
    fn answer(&self, _: &[u8], _: &[u8]) -> Reply {
        panicked(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;

    use super::*;

    /// Programs read these where they are before they know the version, so they are the same in all versions.
    #[test]
    fn every_version_begins_with_magic_version_and_size() {
        assert_eq!(offset_of!(Entry, magic), 0);
        assert_eq!(offset_of!(Entry, version), 16);
        assert_eq!(offset_of!(Entry, size), 20);
        assert_eq!(offset_of!(Entry, start), 24);
        assert_eq!(size_of::<Entry>(), 24 + size_of::<usize>());
    }

    #[test]
    fn a_plugin_that_panics_when_it_starts_answers_with_that() {
        struct Panics;

        impl Exported for Panics {
            fn start(_: RemoteEndpoint) -> Box<dyn Endpoint> {
                panic!("not today");
            }
        }

        struct Silent;

        impl Endpoint for Silent {
            fn answer(&self, _: &[u8], _: &[u8]) -> Reply {
                Reply::default()
            }
        }

        let remote = Entry::new::<Panics>().start(RemoteEndpoint::new(Box::new(Silent)));
        let head = String::from_utf8(remote.call(b"", b"").head).unwrap();
        assert!(head.contains("not today"), "{head}");
    }
}
