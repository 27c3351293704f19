//! Byte strings that cross.

use std::mem::ManuallyDrop;
use std::ptr;
use std::slice;

/// Bytes that the callee may read until it returns.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Slice {
    data: *const u8,
    length: usize,
}

/// Bytes that are handed over, with the function of their owner that frees them.
#[repr(C)]
pub(crate) struct Buffer {
    data: *mut u8,
    length: usize,
    capacity: usize,
    free: Option<unsafe extern "C" fn(*mut u8, usize, usize)>,
}

impl Slice {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self {
            data: bytes.as_ptr(),
            length: bytes.len(),
        }
    }

    /// The bytes.
    ///
    /// # Safety
    ///
    /// They can be read for as long as the result lives.
    pub(crate) unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.length == 0 {
            return &[];
        }
        // SAFETY: By the contract, and it comes from a slice.
        unsafe { slice::from_raw_parts(self.data, self.length) }
    }
}

impl Buffer {
    pub(crate) const fn empty() -> Self {
        Self {
            data: ptr::null_mut(),
            length: 0,
            capacity: 0,
            free: None,
        }
    }

    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        if bytes.capacity() == 0 {
            return Self::empty();
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
    pub(crate) fn take(self) -> Vec<u8> {
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

/// Frees bytes that were handed over. Freeing bytes runs no code of anybody's, so nothing unwinds here.
///
/// # Safety
///
/// The arguments are those of a [`Buffer::new`] of this side, and it is done once.
unsafe extern "C" fn free(data: *mut u8, length: usize, capacity: usize) {
    // SAFETY: By the contract, they are the parts of a vector.
    drop(unsafe { Vec::from_raw_parts(data, length, capacity) });
}
