//! Steps from an entity to another, or to a value.

use crate::catalog::{NameId, TypeId};

/// One step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hop {
    pub(crate) name: NameId,
    pub(crate) cast: Option<TypeId>,
}
