//! Who may write where.

use super::Batch;
use crate::read::Reader;
use crate::refusal::{Refusal, RefusalKind};
use crate::store::RowRef;

impl Batch<'_> {
    /// Refuses a change to a project on which the user has no security role.
    ///
    /// # Errors
    /// Says which project.
    pub(crate) fn refuse_writing(&self, row: RowRef) -> Result<(), Refusal> {
        let Some(reader) = Reader::new(self.store(), &self.user) else {
            return Ok(());
        };
        let project = self.view().owning_project(row);
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
}
