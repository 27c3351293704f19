//! Entities as queries see them: stored rows, and the values of custom attributes.

use std::borrow::Cow;

use super::View;
use crate::catalog::{AttributeInfo, NameId, Source, TypeId};
use crate::store::{Key, RowRef};
use crate::value::Value;

/// An entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Handle {
    /// A stored row.
    Row(RowRef),
    /// A stored row seen as another type, whose references lead elsewhere.
    Shown { row: RowRef, shown_as: TypeId },
    /// The value of a custom attribute of an entity. It exists for every configuration that
    /// applies, whether a value was ever set or not.
    Custom {
        value_type: TypeId,
        entity: RowRef,
        configuration: u32,
    },
}

impl Handle {
    /// The concrete type.
    pub(crate) fn type_id(self) -> TypeId {
        match self {
            Self::Row(row) => row.type_id,
            Self::Shown { shown_as, .. } => shown_as,
            Self::Custom { value_type, .. } => value_type,
        }
    }
}

impl<'a> View<'a> {
    /// The attribute `name` of the concrete type of an entity.
    pub(crate) fn attribute(self, handle: Handle, name: NameId) -> Option<&'a AttributeInfo> {
        self.store.catalog().get(handle.type_id()).attribute(name)
    }

    /// The value of a scalar attribute; the key of the entity that a reference names.
    pub(crate) fn value(self, handle: Handle, attribute: &AttributeInfo) -> Cow<'a, Value> {
        match (&attribute.source, handle) {
            (Source::Stored { .. }, Handle::Custom { .. }) => {
                Cow::Owned(self.custom_value(handle, attribute.name))
            }
            (
                Source::Stored { slot, .. } | Source::Reference { slot, .. },
                Handle::Row(row) | Handle::Shown { row, .. },
            ) => Cow::Borrowed(self.store.value(row, *slot)),
            (Source::Computed { function }, Handle::Row(row)) => {
                Cow::Owned(self.computed(row, *function))
            }
            _ => match self.reference(handle, attribute) {
                Some(target) => Cow::Owned(self.first_key(target)),
                None => Cow::Owned(Value::Null),
            },
        }
    }

    /// The entity that a reference names.
    pub(crate) fn reference(self, handle: Handle, attribute: &AttributeInfo) -> Option<Handle> {
        let row = match handle {
            Handle::Row(row) | Handle::Shown { row, .. } => row,
            Handle::Custom { .. } => {
                let found = self.custom_reference(handle, attribute.name);
                return found.filter(|target| self.may_read(*target));
            }
        };
        let found = match &attribute.source {
            Source::Reference { target, slot } => {
                self.store.find_id(*target, self.store.value(row, *slot))
            }
            Source::CompositeReference { target, slots } => {
                let parts = slots
                    .iter()
                    .map(|slot| self.store.value(row, *slot).clone())
                    .collect();
                self.store.find(*target, &Key::new(parts))
            }
            Source::ComputedReference { function, .. } => self.computed_reference(row, *function),
            _ => None,
        };
        let found = found.map(Handle::Row);
        found.filter(|target| self.may_read(*target))
    }

    /// The value of the attribute of this name; null where there is none.
    pub(crate) fn named(self, handle: Handle, name: &str) -> Cow<'a, Value> {
        let attribute = self
            .store
            .catalog()
            .name_id(name)
            .and_then(|name| self.attribute(handle, name));
        match attribute {
            Some(attribute) => self.value(handle, attribute),
            None => Cow::Owned(Value::Null),
        }
    }

    /// The primary key.
    pub(crate) fn key(self, handle: Handle) -> Key {
        match handle {
            Handle::Row(row) | Handle::Shown { row, .. } => self.store.key(row),
            Handle::Custom { .. } => Key::new(vec![
                self.named(handle, "configuration_id").into_owned(),
                self.named(handle, "entity_id").into_owned(),
            ]),
        }
    }

    /// The entity with this key among those that queries on `family` see.
    pub(crate) fn find(self, family: TypeId, key: &Key) -> Option<Handle> {
        if self.store.catalog().is_custom_value(family) {
            return self.find_custom(family, key);
        }
        self.store.find(family, key).map(Handle::Row)
    }

    /// A row as a type shows it; nothing where the type does not show this one.
    pub(crate) fn shown(self, family: TypeId, row: RowRef) -> Option<Handle> {
        let faces = &self.store.catalog().get(family).faces;
        if faces.is_empty() {
            return Some(Handle::Row(row));
        }
        let shown_as = *faces.iter().find(|face| self.is_shown(row, **face))?;
        Some(Handle::Shown { row, shown_as })
    }

    /// Whether every reference of the type leads somewhere from this row.
    fn is_shown(self, row: RowRef, face: TypeId) -> bool {
        let info = self.store.catalog().get(face);
        info.attributes.iter().all(|attribute| {
            !matches!(attribute.source, Source::Reference { .. }) || {
                let handle = Handle::Shown {
                    row,
                    shown_as: face,
                };
                self.reference(handle, attribute).is_some()
            }
        })
    }

    fn first_key(self, handle: Handle) -> Value {
        match self.key(handle) {
            Key::One(value) => value,
            Key::Many(parts) => parts.first().cloned().unwrap_or_default(),
        }
    }
}
