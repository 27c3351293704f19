//! Who may write where.

use super::Batch;
use crate::read::Reader;
use crate::refusal::{Refusal, RefusalKind};
use crate::store::RowRef;
use crate::value::Value;

/// What says who may do what: whoever could write it could do anything.
const SECURITY: [&str; 5] = [
    "SecurityRole",
    "UserSecurityRole",
    "UserSecurityRoleProject",
    "ReadSecurityRole",
    "WriteSecurityRole",
];

impl Batch<'_> {
    /// Refuses a change to a project on which the user has no security role, and to what gives roles.
    ///
    /// # Errors
    /// Says which project, or that it takes a role on all of them.
    pub(crate) fn refuse_writing(&self, row: RowRef) -> Result<(), Refusal> {
        let Some(reader) = self.reader() else {
            return Ok(());
        };
        self.refuse_reserved(row)?;
        // What is derived at the end of a batch may still say where a context was before.
        let project = match self.project_above(row) {
            Value::Null => self.view().owning_project(row),
            project => project,
        };
        if project.is_null() || reader.knows(self.store(), &project) {
            return Ok(());
        }
        let name = self
            .store()
            .find_named("Project", &project)
            .map(|row| self.store().named(row, "name").to_text())
            .unwrap_or_default();
        Err(Refusal::new(
            RefusalKind::Permission,
            format!("you have no security role on the project {name}"),
        ))
    }

    fn refuse_reserved(&self, row: RowRef) -> Result<(), Refusal> {
        let name = self.type_name(row);
        let is_other = name == "User" && *self.store().id(row) != self.user;
        if !is_other && !SECURITY.contains(&name) {
            return Ok(());
        }
        Err(Refusal::new(
            RefusalKind::Permission,
            format!("it takes a security role on all projects to change this {name}"),
        ))
    }

    /// The limits of whoever sent the request. They do not change in a batch: nobody who has limits may change them.
    pub(crate) fn reader(&self) -> Option<&Reader> {
        self.limits.as_ref()
    }
}
