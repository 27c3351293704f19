//! Who may see what: entities of a project are for those who have a security role on it.

use rustc_hash::FxHashSet;

use super::{Handle, View};
use crate::refusal::{Refusal, RefusalKind};
use crate::store::{RowRef, Store};
use crate::value::Value;

/// A user whose roles hold for some projects only.
#[derive(Debug)]
pub(crate) struct Reader {
    user: Value,
    projects: FxHashSet<Value>,
}

impl Reader {
    /// The limits of a user; nothing for one with a role that holds everywhere, and for the server itself.
    pub(crate) fn new(store: &Store, user: &Value) -> Option<Self> {
        if user.is_null() || store.catalog().find("UserSecurityRole").is_none() {
            return None;
        }
        let mut projects = FxHashSet::default();
        for role in store.rows_with("UserSecurityRole", "user_id", user) {
            if store.named(role, "is_all_open_projects").is_true() {
                return None;
            }
            let links = store.rows_with(
                "UserSecurityRoleProject",
                "user_security_role_id",
                store.id(role),
            );
            projects.extend(
                links
                    .into_iter()
                    .map(|link| store.named(link, "project_id").clone()),
            );
        }
        Some(Self {
            user: user.clone(),
            projects,
        })
    }

    /// Adds projects that the user may see.
    pub(crate) fn extend<'p>(&mut self, projects: impl Iterator<Item = &'p Value>) {
        self.projects.extend(projects.cloned());
    }

    /// Whether a project is one of the user's; those that the user made are.
    pub(crate) fn knows(&self, store: &Store, project: &Value) -> bool {
        let row = store.find_named("Project", project);
        let maker = row.map_or(&Value::Null, |row| store.named(row, "created_by_id"));
        self.admits(project, maker)
    }

    /// As `knows`, of a project that somebody made and that may be gone.
    pub(crate) fn admits(&self, project: &Value, maker: &Value) -> bool {
        self.projects.contains(project) || *maker == self.user
    }
}

impl View<'_> {
    /// Whether whoever reads may see an entity.
    pub(crate) fn may_read(self, handle: Handle) -> bool {
        let Some(reader) = self.reader else {
            return true;
        };
        let (Handle::Row(row) | Handle::Shown { row, .. } | Handle::Custom { entity: row, .. }) =
            handle;
        let project = self.owning_project(row);
        project.is_null() || reader.knows(self.store, &project)
    }

    /// Refuses a component of a project that whoever reads may not see. It may not exist yet.
    ///
    /// # Errors
    /// Says that it takes a role.
    pub(crate) fn refuse_component(self, id: &str) -> Result<(), Refusal> {
        let row = self.store.find_named("Component", &Value::text(id));
        if row.is_none_or(|row| self.may_read(Handle::Row(row))) {
            return Ok(());
        }
        let message = "you have no security role on the project of the component";
        Err(Refusal::new(RefusalKind::Permission, message))
    }

    /// The project that a row belongs to, directly or by what it names; null for rows of no project.
    pub(crate) fn owning_project(self, row: RowRef) -> Value {
        let mut current = row;
        for _ in 0..8 {
            let project = self.project_of(current);
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

    fn owner(self, row: RowRef) -> Option<RowRef> {
        const OWNERS: [(&str, &str); 10] = [
            ("parent_id", "Context"),
            ("parent_id", "AssetVersion"),
            ("parent_id", "Component"),
            ("parent_id", "Note"),
            ("context_id", "Context"),
            ("asset_id", "Asset"),
            ("version_id", "AssetVersion"),
            ("component_id", "Component"),
            ("note_id", "Note"),
            ("review_session_id", "ReviewSession"),
        ];
        OWNERS.iter().find_map(|(name, family)| {
            let id = self.store.named(row, name);
            self.store.find_named(family, id)
        })
    }
}
