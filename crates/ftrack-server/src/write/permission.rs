//! Who may write where.

use super::Batch;
use crate::refusal::{Refusal, RefusalKind};
use crate::store::RowRef;
use crate::value::Value;

impl Batch<'_> {
    /// Refuses a change to a project on which the user has no security role.
    ///
    /// # Errors
    /// Says which project.
    pub(crate) fn refuse_writing(&self, row: RowRef) -> Result<(), Refusal> {
        // The server's own writes, and schemas without security roles, are not restricted.
        if self.user.is_null() || self.catalog.find("UserSecurityRole").is_none() {
            return Ok(());
        }
        let project = self.owning_project(row);
        if project.is_null() || self.may_write(&project) {
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

    fn may_write(&self, project: &Value) -> bool {
        let store = self.store();
        let roles = store.rows_with("UserSecurityRole", "user_id", &self.user);
        roles.into_iter().any(|role| {
            store.named(role, "is_all_open_projects").is_true()
                || store
                    .rows_with(
                        "UserSecurityRoleProject",
                        "user_security_role_id",
                        store.id(role),
                    )
                    .into_iter()
                    .any(|link| store.named(link, "project_id") == project)
        }) || self.is_own_project(project)
    }

    /// A project made in this very batch is its maker's.
    fn is_own_project(&self, project: &Value) -> bool {
        let row = self.store().find_named("Project", project);
        row.is_some_and(|row| *self.store().named(row, "created_by_id") == self.user)
    }

    /// The project that a row belongs to, directly or by what it names; null for rows of no project.
    fn owning_project(&self, row: RowRef) -> Value {
        let mut current = row;
        for _ in 0..8 {
            let project = self.view().project_of(current);
            if !project.is_null() {
                return project;
            }
            let Some(owner) = self.owner(current) else {
                return Value::Null;
            };
            current = owner;
        }
        Value::Null
    }

    fn owner(&self, row: RowRef) -> Option<RowRef> {
        const OWNERS: [(&str, &str); 7] = [
            ("parent_id", "Context"),
            ("parent_id", "AssetVersion"),
            ("context_id", "Context"),
            ("asset_id", "Asset"),
            ("version_id", "AssetVersion"),
            ("component_id", "Component"),
            ("note_id", "Note"),
        ];
        OWNERS.iter().find_map(|(name, family)| {
            self.store()
                .find_named(family, self.store().named(row, name))
        })
    }
}
