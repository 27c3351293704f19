//! Values by key, of an entity.

use ftrack_entity::Value;

use crate::entity::{Entity, FromAttribute};
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;

/// The value of a key as a `T`.
pub(crate) fn typed<T: FromAttribute>(
    owner: &Entity,
    what: &str,
    key: &str,
    value: Option<Value>,
) -> Result<T> {
    let is_missing = value.is_none();
    let value = value.unwrap_or_default();
    if let Some(typed) = T::from_attribute(&value, owner) {
        return Ok(typed);
    }
    if is_missing {
        return Err(no_such_key(owner, what, key));
    }
    let kind = if value.is_not_set() {
        ErrorKind::NotLoaded
    } else {
        ErrorKind::WrongType
    };
    let found = value.kind();
    Err(Error::new(
        kind,
        format!(
            "{key:?} of the {what} of {owner:?} is {found}, not {}",
            T::EXPECTED
        ),
    )
    .with_detail("key", key)
    .with_detail("expected", T::EXPECTED)
    .with_detail("found", found))
}

/// The error for a key that is not there.
pub(crate) fn no_such_key(owner: &Entity, what: &str, key: &str) -> Error {
    Error::new(
        ErrorKind::NotFound,
        format!("the {what} of {owner:?} have no key {key:?}"),
    )
    .with_detail("key", key)
}
