//! The boundary between a program and a plugin in a shared library: the only place with unsafe code.
//!
//! Nothing of Rust's crosses it. Both sides have their own copy of every crate, perhaps built by another compiler, with
//! other options and another allocator, so not even a `Vec` could be handed over. What crosses are the C structures
//! below: a [`Peer`] is one side as the other sees it, and a call carries two byte strings there and two back. A byte
//! string that is handed over brings along the function that frees it, which is that of its owner.
//!
//! Panics stop at the boundary, on both sides.

use std::any::Any;
use std::ffi::c_void;
use std::mem::{ManuallyDrop, forget};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::ptr;
use std::slice;

use super::fault::Fault;

/// Changes whenever the structures here or the messages that they carry change.
const VERSION: u32 = 1;

pub(super) const MAGIC: [u8; 16] = *b"ftrack::plugin\0\0";

/// The name of the symbol under which a library has its [`Entry`]; [`export_plugin`](crate::export_plugin) has it too.
const SYMBOL: &[u8] = b"FTRACK_PLUGIN\0";

/// What is sent or answered: a head, which is JSON, and bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parcel {
    pub(crate) head: Vec<u8>,
    pub(crate) body: Vec<u8>,
}

/// What answers the calls of the other side. Calls come on any thread, several at a time.
pub(super) trait Endpoint: Send + Sync {
    /// Answers a call; see [`Parcel`].
    #[doc(hidden)]
    fn answer(&self, head: &[u8], body: &[u8]) -> (Vec<u8>, Vec<u8>);
}

/// Bytes that are lent for the length of a call.
#[repr(C)]
#[derive(Clone, Copy)]
struct Lent {
    data: *const u8,
    length: usize,
}

/// Bytes that are handed over, with the function of their owner that frees them.
#[repr(C)]
struct Given {
    data: *mut u8,
    length: usize,
    capacity: usize,
    free: Option<unsafe extern "C" fn(*mut u8, usize, usize)>,
}

/// The answer to a call.
#[repr(C)]
struct Answer {
    head: Given,
    body: Given,
}

/// One side of the boundary, as the other sees it: a C structure of functions. Dropping it tells its owner that it is
/// needed no longer.
#[repr(C)]
pub(super) struct Peer {
    context: *mut c_void,
    call: unsafe extern "C" fn(*mut c_void, Lent, Lent, *mut Answer),
    release: unsafe extern "C" fn(*mut c_void),
}

// SAFETY: The context is a `Box<dyn Endpoint>` of whichever side made the peer, and endpoints are `Send` and `Sync`. The
// functions take it by shared reference, but for `release`, which is called once, when nobody else has the peer.
unsafe impl Send for Peer {}
// SAFETY: As above.
unsafe impl Sync for Peer {}

/// What a library has to be found by: [`export_plugin`](crate::export_plugin) makes it.
#[repr(C)]
pub struct Entry {
    magic: [u8; 16],
    version: u32,
    size: u32,
    start: unsafe extern "C" fn(Peer) -> Peer,
}

/// A library that is loaded for the rest of the process.
#[derive(Clone, Copy)]
pub(crate) struct Loaded(&'static Entry);

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("the library cannot be loaded")]
    Load(#[source] libloading::Error),
    #[error("the library is no plugin: it does not export one by `export_plugin!`")]
    NoPlugin,
    #[error(
        "the plugin speaks version {found} of the plugin interface, and this program version {VERSION}: build it against the same version of ftrack"
    )]
    Version { found: u32 },
}

impl Peer {
    /// An endpoint of ours, for the other side.
    pub(crate) fn new(endpoint: Box<dyn Endpoint>) -> Self {
        Self {
            context: Box::into_raw(Box::new(endpoint)).cast(),
            call,
            release,
        }
    }

    /// Calls the other side and waits for its answer.
    pub(crate) fn call(&self, head: &[u8], body: &[u8]) -> Parcel {
        let mut answer = Answer {
            head: Given::nothing(),
            body: Given::nothing(),
        };
        let (head, body) = (Lent::of(head), Lent::of(body));
        // SAFETY: The context belongs to the function, and lives until `release`, which only our `drop` calls. What is
        // lent lives until the call returns, and `answer` is there to be written to.
        unsafe { (self.call)(self.context, head, body, &raw mut answer) };
        Parcel {
            head: answer.head.take(),
            body: answer.body.take(),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // SAFETY: This is the only owner, so nobody calls any more, and it is released once.
        unsafe { (self.release)(self.context) };
    }
}

/// How the other side calls an endpoint of ours.
///
/// # Safety
///
/// `context` is that of [`Peer::new`] and not yet released, what is lent can be read until this returns, and `answer`
/// can be written to.
unsafe extern "C" fn call(context: *mut c_void, head: Lent, body: Lent, answer: *mut Answer) {
    // SAFETY: By the contract, it is the box that `Peer::new` made.
    let endpoint = unsafe { &*context.cast::<Box<dyn Endpoint>>() };
    // SAFETY: By the contract.
    let (head, body) = unsafe { (head.bytes(), body.bytes()) };
    let (head, body) = guarded(|| endpoint.answer(head, body))
        .unwrap_or_else(|message| (Fault::panicked(message).into_head(), Vec::new()));
    let given = Answer {
        head: Given::new(head),
        body: Given::new(body),
    };
    // SAFETY: By the contract. What was there is overwritten without being dropped; it has no destructor.
    unsafe { answer.write(given) };
}

/// How the other side says that it needs an endpoint of ours no longer.
///
/// # Safety
///
/// `context` is that of [`Peer::new`]; it is not used any more, and not released a second time.
unsafe extern "C" fn release(context: *mut c_void) {
    // SAFETY: By the contract, it is the box that `Peer::new` made, and nobody else has it.
    let endpoint = unsafe { Box::from_raw(context.cast::<Box<dyn Endpoint>>()) };
    if let Err(message) = guarded(|| drop(endpoint)) {
        tracing::error!(message, "a plugin panicked while it was dropped");
    }
}

/// How a program begins with a library.
///
/// # Safety
///
/// `host` is made by [`Peer::new`] of the program.
unsafe extern "C" fn start<E: Exported>(host: Peer) -> Peer {
    let endpoint = guarded(|| super::library::start::<E>(host));
    Peer::new(endpoint.unwrap_or_else(|message| Box::new(Broken(message))))
}

/// What answers for a plugin that panicked before it was there.
struct Broken(String);

impl Endpoint for Broken {
    fn answer(&self, _: &[u8], _: &[u8]) -> (Vec<u8>, Vec<u8>) {
        (Fault::panicked(self.0.clone()).into_head(), Vec::new())
    }
}

/// The plugin that a library exports.
pub trait Exported: 'static {
    /// The name of its package.
    const NAME: &'static str;
    /// The version of its package.
    const VERSION: &'static str;

    /// Makes the plugin, for one session.
    fn plugin() -> Box<dyn crate::Plugin>;
}

impl Entry {
    /// The entry of this plugin.
    pub const fn of<E: Exported>() -> Self {
        Self {
            magic: MAGIC,
            version: VERSION,
            #[expect(clippy::cast_possible_truncation, reason = "it is 40 bytes")]
            size: size_of::<Self>() as u32,
            start: start::<E>,
        }
    }
}

impl Loaded {
    /// Loads a library, which then stays: its threads and destructors may run at any time.
    pub(crate) fn open(path: &Path) -> Result<Self, LoadError> {
        // SAFETY: Loading runs whatever the library wants to run at that. That is why it was put into the folder.
        let library = unsafe { libloading::Library::new(path) }.map_err(LoadError::Load)?;
        // The library may have started threads when it was loaded, even if it turns out to be no plugin.
        let library = ManuallyDrop::new(library);
        // SAFETY: If there is a static of this name, it has an address; it is looked at below with care.
        let symbol = unsafe { library.get::<*const Entry>(SYMBOL) };
        let entry: *const Entry = *symbol.map_err(|_| LoadError::NoPlugin)?;
        // SAFETY: Every version of this interface begins with these two fields, which are read where they are; that the
        // magic is there says that it is this interface.
        let (magic, version) = unsafe {
            (
                ptr::read_unaligned(entry.cast::<[u8; 16]>()),
                ptr::read_unaligned(entry.byte_add(16).cast::<u32>()),
            )
        };
        if magic != MAGIC {
            return Err(LoadError::NoPlugin);
        }
        if version != VERSION {
            return Err(LoadError::Version { found: version });
        }
        // SAFETY: It is an `Entry` of our version, and a static of a library that is never unloaded.
        Ok(Self(unsafe { &*entry }))
    }

    #[cfg(test)]
    pub(crate) fn of(entry: &'static Entry) -> Self {
        Self(entry)
    }

    /// Begins with the plugin for one session; `host` is what the plugin sees of the program.
    pub(crate) fn start(self, host: Peer) -> Peer {
        // SAFETY: The function is that of the library's entry, and `host` is a peer.
        unsafe { (self.0.start)(host) }
    }
}

impl Lent {
    fn of(bytes: &[u8]) -> Self {
        Self {
            data: bytes.as_ptr(),
            length: bytes.len(),
        }
    }

    /// The bytes.
    ///
    /// # Safety
    ///
    /// They are lent for as long as the result lives.
    unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.length == 0 {
            return &[];
        }
        // SAFETY: By the contract, and it comes from a slice.
        unsafe { slice::from_raw_parts(self.data, self.length) }
    }
}

impl Given {
    const fn nothing() -> Self {
        Self {
            data: ptr::null_mut(),
            length: 0,
            capacity: 0,
            free: None,
        }
    }

    fn new(bytes: Vec<u8>) -> Self {
        if bytes.capacity() == 0 {
            return Self::nothing();
        }
        let mut bytes = ManuallyDrop::new(bytes);
        Self {
            data: bytes.as_mut_ptr(),
            length: bytes.len(),
            capacity: bytes.capacity(),
            free: Some(free),
        }
    }

    /// A copy of the bytes; the owner frees the original.
    fn take(self) -> Vec<u8> {
        let Some(free) = self.free else {
            return Vec::new();
        };
        // SAFETY: Whoever sets `free` has set the others to the parts of a vector, which is ours until it is freed.
        let bytes = unsafe { slice::from_raw_parts(self.data, self.length) }.to_vec();
        // SAFETY: It is the owner's function for these parts, called once: `self` is gone afterwards.
        unsafe { free(self.data, self.length, self.capacity) };
        bytes
    }
}

/// Frees bytes that we have given away.
///
/// # Safety
///
/// The arguments are those of a [`Given::new`] of ours, and it is done once.
unsafe extern "C" fn free(data: *mut u8, length: usize, capacity: usize) {
    // SAFETY: By the contract, they are the parts of a vector.
    drop(unsafe { Vec::from_raw_parts(data, length, capacity) });
}

/// Runs code that may panic; the message if it does.
fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
        let message = panic_message(&*panic);
        // Its own destructor may panic as well, and nothing is lost by not running it.
        forget(panic);
        message
    })
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Echo(Arc<AtomicUsize>);

    impl Endpoint for Echo {
        fn answer(&self, head: &[u8], body: &[u8]) -> (Vec<u8>, Vec<u8>) {
            assert!(head != b"panic", "as it was told");
            (body.to_vec(), head.to_vec())
        }
    }

    impl Drop for Echo {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
            panic!("while being dropped");
        }
    }

    #[test]
    fn bytes_go_there_and_back_and_panics_do_not() {
        let dropped = Arc::new(AtomicUsize::new(0));
        let peer = Peer::new(Box::new(Echo(Arc::clone(&dropped))));
        let large = vec![7; 1 << 20];
        for body in [&b""[..], b"body", &large] {
            let answer = peer.call(b"head", body);
            assert_eq!((&*answer.head, &*answer.body), (body, &b"head"[..]));
        }
        assert_eq!(peer.call(b"", b""), Parcel::default());
        let head = String::from_utf8(peer.call(b"panic", b"").head).unwrap();
        assert!(head.contains("as it was told"), "{head}");
        drop(peer);
        assert_eq!(dropped.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_file_that_is_no_library_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text.so");
        std::fs::write(&path, "not a library").unwrap();
        assert!(matches!(Loaded::open(&path), Err(LoadError::Load(_))));
    }
}
