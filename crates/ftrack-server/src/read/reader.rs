//! What whoever reads may see.

use super::{Handle, View};
use crate::request_error::RequestError;
use crate::rights;
use crate::store::RowRef;
use crate::value::Value;

impl View<'_> {
    /// Whether whoever reads sees an entity. What they do not see does not exist for them.
    pub(crate) fn may_read(self, handle: Handle) -> bool {
        let Some(rights) = self.reader else {
            return true;
        };
        match handle {
            Handle::Row(row) | Handle::Shown { row, .. } => rights.sees(self.store, row),
            Handle::Custom {
                entity,
                configuration,
                ..
            } => {
                let configuration = self.configuration(configuration);
                rights.sees(self.store, entity)
                    && configuration.is_none_or(|found| rights.sees(self.store, found))
            }
        }
    }

    /// Whether whoever reads may change a row.
    pub(crate) fn may_change(self, row: RowRef) -> bool {
        self.reader
            .is_none_or(|rights| rights.changes(self.store, row))
    }

    /// The row of a family with this id, if whoever reads sees it.
    pub(crate) fn find_seen(self, family: &str, id: &str) -> Option<RowRef> {
        let row = self.store.find_named(family, &Value::text(id));
        row.filter(|row| self.may_read(Handle::Row(*row)))
    }

    /// The row of a family with this id, as `find_seen`.
    ///
    /// # Errors
    /// Says that there is none, in the same words whether it does not exist or is not seen.
    pub(crate) fn seen(self, family: &str, id: &str) -> Result<RowRef, RequestError> {
        self.find_seen(family, id)
            .ok_or_else(|| RequestError::not_found(format!("there is no {family} with key {id}")))
    }

    /// The row of a family with this id, if whoever reads may change it.
    ///
    /// # Errors
    /// As `seen`, or says that it takes a role to change it.
    pub(crate) fn changeable(self, family: &str, id: &str) -> Result<RowRef, RequestError> {
        let row = self.seen(family, id)?;
        if self.may_change(row) {
            Ok(row)
        } else {
            Err(RequestError::no_right(family))
        }
    }

    /// Refuses a component that whoever reads does not see, or may not change. Those who see everything may name one
    /// that does not exist yet.
    ///
    /// # Errors
    /// As `seen` and `changeable`.
    pub(crate) fn refuse_component(self, id: &str, is_changed: bool) -> Result<(), RequestError> {
        if self.reader.is_none() {
            return Ok(());
        }
        let row = if is_changed {
            self.changeable("Component", id)
        } else {
            self.seen("Component", id)
        };
        row.map(|_| ())
    }

    /// Whether a component of this id is seen.
    pub(crate) fn shows_file(self, component: &Value) -> bool {
        let row = self.store.find_named("Component", component);
        row.is_some_and(|row| self.may_read(Handle::Row(row)))
    }

    /// The project that a row belongs to, directly or by what it names; null for rows of no project.
    pub(crate) fn owning_project(self, row: RowRef) -> Value {
        rights::project_of(self.store, row).unwrap_or_default()
    }
}
