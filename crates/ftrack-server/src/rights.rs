//! Who may do what.
//!
//! [`schema/belongs.rs`](crate::schema) says to what the rows of each type belong; security roles say in which
//! projects somebody may do something, and what. Both together are the rights of a user, who sees and changes nothing
//! else: not by a query, not by what a query reaches, not by files and not by events.

mod grants;
mod reach;
mod revoked;
mod roles;
mod rows;

pub(crate) use self::grants::{Grant, Grants};
pub(crate) use self::reach::project_of;
pub(crate) use self::revoked::Revoked;
pub(crate) use self::roles::RolePermissions;
pub(crate) use self::rows::Rows;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::store::{RowRef, Store};
use crate::value::Value;

/// The rights of a user who may not do everything.
#[derive(Debug, Clone)]
pub(crate) struct Rights {
    user: Value,
    /// The user and the groups that they are in.
    resources: FxHashSet<Value>,
    /// The security roles that the user has, wherever they hold.
    roles: FxHashSet<Value>,
    /// What the user may do, by project.
    projects: FxHashMap<Value, RolePermissions>,
    /// What the user may do in every project that is not private, where a role holds for all of these.
    in_open_projects: Option<RolePermissions>,
}

impl Rights {
    /// The rights of a user; nothing for one who may do everything, and for the server itself.
    pub(crate) fn new(store: &Store, user: &Value) -> Option<Self> {
        if user.is_null() || store.catalog().find("UserSecurityRole").is_none() {
            return None;
        }
        let mut rights = Self {
            user: user.clone(),
            resources: std::iter::once(user.clone()).collect(),
            roles: FxHashSet::default(),
            projects: FxHashMap::default(),
            in_open_projects: None,
        };
        for role in store.rows_with("UserSecurityRole", "user_id", user) {
            rights.add_role(store, role);
        }
        if rights
            .in_open_projects
            .is_some_and(|found| found.administrate)
        {
            return None;
        }
        rights.add_open_projects(store);
        for own in store.rows_with("Project", "created_by_id", user) {
            let permissions = rights.in_open_projects.unwrap_or_default();
            rights.allow(store.id(own), permissions);
        }
        let memberships = store.rows_with("Membership", "user_id", user).into_iter();
        let groups = memberships.map(|membership| store.named(membership, "group_id").clone());
        rights.resources.extend(groups);
        Some(rights)
    }

    /// Whose rights these are.
    pub(crate) fn user(&self) -> &Value {
        &self.user
    }

    /// Whether the user has a security role: some things are for some roles only.
    pub(crate) fn has_role(&self, role: &Value) -> bool {
        self.roles.contains(role)
    }

    /// Lets the user see one more project.
    pub(crate) fn admit(&mut self, project: &Value) {
        self.allow(project, RolePermissions::default());
    }

    fn add_role(&mut self, store: &Store, role: RowRef) {
        let security_role = store.named(role, "security_role_id");
        self.roles.insert(security_role.clone());
        let named = store.find_named("SecurityRole", security_role);
        let permissions = named.map_or_else(RolePermissions::default, |named| {
            RolePermissions::from_role(&store.named(named, "name").to_text())
        });
        if store.named(role, "is_all_open_projects").is_true() {
            let known = self.in_open_projects.unwrap_or_default();
            self.in_open_projects = Some(known.and(permissions));
        }
        let links = store.rows_with(
            "UserSecurityRoleProject",
            "user_security_role_id",
            store.id(role),
        );
        for link in links {
            self.allow(store.named(link, "project_id"), permissions);
        }
    }

    fn add_open_projects(&mut self, store: &Store) {
        let (Some(permissions), Some(info)) =
            (self.in_open_projects, store.catalog().find("Project"))
        else {
            return;
        };
        for project in store.rows(info.id) {
            if !store.named(project, "is_private").is_true() {
                self.allow(store.id(project), permissions);
            }
        }
    }

    fn allow(&mut self, project: &Value, permissions: RolePermissions) {
        let known = self.projects.entry(project.clone()).or_default();
        *known = known.and(permissions);
    }
}
