//! The locks of what is checked by a model: `tests/models.rs` puts others in their place.

pub(crate) use parking_lot::{Condvar, Mutex};
