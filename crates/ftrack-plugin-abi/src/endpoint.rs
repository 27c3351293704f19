//! Calls from one side to the other.

use std::ffi::c_void;

use crate::buffer::{Buffer, Slice};
use crate::guard::guarded;
use crate::message::ErrorMessage;

/// What is sent or answered: a head, which is JSON, and bytes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// A message as JSON.
    pub head: Vec<u8>,
    /// The bytes that come with it.
    pub body: Vec<u8>,
}

/// What answers the calls of the other side. Calls come on any thread, several at a time.
pub trait Endpoint: Send + Sync {
    /// Answers a call. If this panics, the other side gets an error that says so.
    fn answer(&self, head: &[u8], body: &[u8]) -> Reply;
}

/// The two parts of a [`Reply`], as they cross.
#[repr(C)]
struct RawReply {
    head: Buffer,
    body: Buffer,
}

/// One side of the boundary, as the other sees it: a C structure of functions. Dropping it tells its owner that it is
/// no longer needed.
#[repr(C)]
pub struct RemoteEndpoint {
    context: *mut c_void,
    call: unsafe extern "C" fn(*mut c_void, Slice, Slice, *mut RawReply),
    release: unsafe extern "C" fn(*mut c_void),
}

// SAFETY: The context is a `Box<dyn Endpoint>` of whichever side made it, and endpoints are `Send` and `Sync`. The
// functions take it by shared reference, but for `release`, which is called once, when nobody else has it.
unsafe impl Send for RemoteEndpoint {}
// SAFETY: As above.
unsafe impl Sync for RemoteEndpoint {}

impl RemoteEndpoint {
    /// An endpoint of this side, for the other one.
    pub fn new(endpoint: Box<dyn Endpoint>) -> Self {
        Self {
            context: Box::into_raw(Box::new(endpoint)).cast(),
            call,
            release,
        }
    }

    /// Calls the other side and waits for its answer.
    pub fn call(&self, head: &[u8], body: &[u8]) -> Reply {
        let mut reply = RawReply {
            head: Buffer::empty(),
            body: Buffer::empty(),
        };
        let (head, body) = (Slice::new(head), Slice::new(body));
        // SAFETY: The context belongs to the function, and lives until `release`, which only our `drop` calls. Both
        // slices live until the call returns, and `reply` is there to be written to.
        unsafe { (self.call)(self.context, head, body, &raw mut reply) };
        Reply {
            head: reply.head.take(),
            body: reply.body.take(),
        }
    }
}

impl Drop for RemoteEndpoint {
    fn drop(&mut self) {
        // SAFETY: This is the only owner, so nobody calls any more, and it is released once.
        unsafe { (self.release)(self.context) };
    }
}

impl std::fmt::Debug for RemoteEndpoint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("RemoteEndpoint")
            .finish_non_exhaustive()
    }
}

/// How the other side calls an endpoint of this one.
///
/// # Safety
///
/// `context` is that of [`RemoteEndpoint::new`] and not yet released, the slices can be read until this returns, and
/// `reply` can be written to.
unsafe extern "C" fn call(context: *mut c_void, head: Slice, body: Slice, reply: *mut RawReply) {
    // SAFETY: By the contract, it is the box that `RemoteEndpoint::new` made.
    let endpoint = unsafe { &*context.cast::<Box<dyn Endpoint>>() };
    // SAFETY: By the contract.
    let (head, body) = unsafe { (head.bytes(), body.bytes()) };
    let answered = guarded(|| endpoint.answer(head, body)).unwrap_or_else(panicked);
    let raw = RawReply {
        head: Buffer::new(answered.head),
        body: Buffer::new(answered.body),
    };
    // SAFETY: By the contract. What was there is overwritten without being dropped; it has no destructor.
    unsafe { reply.write(raw) };
}

/// How the other side says that it no longer needs an endpoint of this one.
///
/// # Safety
///
/// `context` is that of [`RemoteEndpoint::new`]; it is not used any more, and not released a second time.
unsafe extern "C" fn release(context: *mut c_void) {
    // SAFETY: By the contract, it is the box that `RemoteEndpoint::new` made, and nobody else has it.
    let endpoint = unsafe { Box::from_raw(context.cast::<Box<dyn Endpoint>>()) };
    if let Err(message) = guarded(|| drop(endpoint)) {
        // A subscriber is somebody else's code too. What it panics with has nobody left to be told to.
        let _ = guarded(|| tracing::error!(message, "a plugin panicked while it was dropped"));
    }
}

/// What the caller of an endpoint that panicked is answered.
pub(crate) fn panicked(message: String) -> Reply {
    Reply {
        head: ErrorMessage::Panicked { message }.into_head(),
        body: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    struct Echo(Arc<AtomicUsize>);

    impl Endpoint for Echo {
        fn answer(&self, head: &[u8], body: &[u8]) -> Reply {
            assert!(head != b"panic", "as it was told");
            Reply {
                head: body.to_vec(),
                body: head.to_vec(),
            }
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
        let remote = RemoteEndpoint::new(Box::new(Echo(Arc::clone(&dropped))));
        let large = vec![7; if cfg!(miri) { 1 << 10 } else { 1 << 20 }];
        for body in [&b""[..], b"body", &large] {
            let reply = remote.call(b"head", body);
            assert_eq!((&*reply.head, &*reply.body), (body, &b"head"[..]));
        }
        assert_eq!(remote.call(b"", b""), Reply::default());
        let head = String::from_utf8(remote.call(b"panic", b"").head).unwrap();
        assert!(head.contains("as it was told"), "{head}");
        drop(remote);
        assert_eq!(dropped.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn calls_come_on_several_threads_at_a_time() {
        let remote = RemoteEndpoint::new(Box::new(Echo(Arc::default())));
        std::thread::scope(|scope| {
            for number in 0..4_u8 {
                let remote = &remote;
                scope.spawn(move || {
                    for _ in 0..10 {
                        assert_eq!(remote.call(b"", &[number]).head, [number]);
                    }
                });
            }
        });
    }

    /// Panics whenever something is logged.
    struct Panicking(Arc<AtomicUsize>);

    impl Subscriber for Panicking {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, _: &Event<'_>) {
            self.0.fetch_add(1, Ordering::SeqCst);
            panic!("the subscriber panics as well");
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn releasing_never_unwinds_whatever_a_log_subscriber_does() {
        let logged = Arc::new(AtomicUsize::new(0));
        let dropped = Arc::new(AtomicUsize::new(0));
        let remote = RemoteEndpoint::new(Box::new(Echo(Arc::clone(&dropped))));
        tracing::subscriber::with_default(Panicking(Arc::clone(&logged)), || {
            // Other tests may have been the first to log, at a moment when nobody listened.
            tracing::callsite::rebuild_interest_cache();
            drop(remote);
        });
        assert_eq!(dropped.load(Ordering::SeqCst), 1);
        assert_eq!(logged.load(Ordering::SeqCst), 1, "it was asked to log");
    }
}
