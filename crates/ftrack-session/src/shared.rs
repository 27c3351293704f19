//! Counted references that show nothing of what is behind them.

use std::ops::Deref;
use std::sync::{Arc, Weak};

/// A counted reference to a `T`, like an [`Arc`], that static analysis cannot look through.
///
/// Entities are made to be keys of maps and sets: equality and hash are those of an identity that never changes. Yet
/// they lead to records and sessions, which change all the time, and clippy's `mutable_key_type` takes the one for the
/// other: it follows the fields of a key through every `Arc`, and would warn each program that has a
/// `HashSet<Entity>`. Behind a trait object there are no fields to follow.
pub(crate) struct Shared<T: 'static>(Arc<dyn Hold<T>>);

/// What has a `T` and gives it out again.
trait Hold<T>: Send + Sync {
    fn inside(&self) -> &T;

    fn into_arc(self: Arc<Self>) -> Arc<T>;
}

impl<T: Send + Sync + 'static> Hold<T> for T {
    fn inside(&self) -> &T {
        self
    }

    fn into_arc(self: Arc<Self>) -> Arc<T> {
        self
    }
}

impl<T> Shared<T> {
    /// The same reference in the open.
    pub(crate) fn to_arc(&self) -> Arc<T> {
        Arc::clone(&self.0).into_arc()
    }

    pub(crate) fn downgrade(&self) -> Weak<T> {
        Arc::downgrade(&self.to_arc())
    }

    /// Whether both lead to the same value.
    pub(crate) fn is(&self, other: &Self) -> bool {
        std::ptr::addr_eq(Arc::as_ptr(&self.0), Arc::as_ptr(&other.0))
    }
}

impl<T: Send + Sync> From<Arc<T>> for Shared<T> {
    fn from(shared: Arc<T>) -> Self {
        Self(shared)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        (*self.0).inside()
    }
}
