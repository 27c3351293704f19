//! Who may do less after a batch than before it.

use rustc_hash::FxHashSet;

use crate::store::{PriorState, RowRef, Store, Undo};
use crate::value::Value;

/// Users from whom a batch took something away.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Revoked {
    /// Those whose credentials have ended.
    pub(crate) ended: FxHashSet<Value>,
    /// Those who lost a role, or whose role holds for less.
    pub(crate) reduced: FxHashSet<Value>,
}

/// Types by whose rows it is told who may do what.
const TELLING: [&str; 4] = [
    "User",
    "UserSecurityRole",
    "UserSecurityRoleProject",
    "SecurityRole",
];

impl Revoked {
    /// What a batch took away by what it did to a store, and from the users of these ids by new keys.
    pub(crate) fn from_batch<'k>(
        store: &Store,
        undo: &[Undo],
        new_keys: impl Iterator<Item = &'k str>,
    ) -> Self {
        let telling = TELLING.map(|name| store.catalog().find(name).map(|info| info.id));
        let is_telling = |undo: &Undo| match undo {
            Undo::Insert(row) | Undo::Set(row, ..) | Undo::Delete(row, _) => {
                telling.contains(&Some(row.type_id))
            }
            Undo::Custom(..) => false,
        };
        // Most batches are spared the list of all that they did.
        let undo = if undo.iter().any(is_telling) {
            undo
        } else {
            &[]
        };
        Self::new(&PriorState::new(store, undo), new_keys)
    }

    /// What a batch took away that gave the users of these ids new keys.
    fn new<'k>(prior: &PriorState<'_>, new_keys: impl Iterator<Item = &'k str>) -> Self {
        let mut revoked = Self {
            ended: new_keys.map(Value::text).collect(),
            ..Self::default()
        };
        for row in prior.rows() {
            match prior.store().catalog().get(row.type_id).name.as_str() {
                "User" => revoked.look_at_user(prior, row),
                "UserSecurityRole" => revoked.look_at_role(prior, row),
                "UserSecurityRoleProject" => revoked.look_at_project(prior, row),
                "SecurityRole" => revoked.look_at_security_role(prior, row),
                _ => {}
            }
        }
        revoked
    }

    /// Whether nobody lost anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.ended.is_empty() && self.reduced.is_empty()
    }

    fn look_at_user(&mut self, prior: &PriorState<'_>, row: RowRef) {
        let was_active = before(prior, row, "is_active").is_true();
        let is_active = is_there(prior, row) && prior.named(row, "is_active").is_true();
        if was_active && !is_active {
            self.ended.insert(prior.named(row, "id").clone());
        }
    }

    fn look_at_role(&mut self, prior: &PriorState<'_>, row: RowRef) {
        let names = ["user_id", "security_role_id", "is_all_open_projects"];
        if is_lost(prior, row, &names) {
            self.reduced.insert(before(prior, row, "user_id").clone());
        }
    }

    fn look_at_project(&mut self, prior: &PriorState<'_>, row: RowRef) {
        if !is_lost(prior, row, &["user_security_role_id", "project_id"]) {
            return;
        }
        let roles = prior.store().catalog().find("UserSecurityRole");
        let role = before(prior, row, "user_security_role_id");
        if let Some(role) = roles.and_then(|roles| prior.find(roles.id, role)) {
            self.reduced.insert(before(prior, role, "user_id").clone());
        }
    }

    fn look_at_security_role(&mut self, prior: &PriorState<'_>, row: RowRef) {
        if !is_lost(prior, row, &["name"]) {
            return;
        }
        // Roles that went with it were looked at themselves.
        let store = prior.store();
        let holding = store.rows_with(
            "UserSecurityRole",
            "security_role_id",
            prior.named(row, "id"),
        );
        let users = holding.iter().map(|role| store.named(*role, "user_id"));
        self.reduced.extend(users.cloned());
    }
}

/// Whether a row was there before and is gone, or says something else by one of these attributes.
fn is_lost(prior: &PriorState<'_>, row: RowRef, names: &[&str]) -> bool {
    let was_there = prior.history(row).is_some_and(|history| !history.is_new);
    was_there
        && (!is_there(prior, row)
            || names
                .iter()
                .any(|name| before(prior, row, name) != prior.named(row, name)))
}

fn is_there(prior: &PriorState<'_>, row: RowRef) -> bool {
    prior
        .history(row)
        .is_none_or(|history| history.last.is_none())
}

/// What an attribute was before the batch.
fn before<'a>(prior: &PriorState<'a>, row: RowRef, name: &str) -> &'a Value {
    let slot = prior.store().catalog().slot(row.type_id, name);
    let old = slot.and_then(|slot| prior.history(row)?.old.get(&slot).copied());
    old.unwrap_or_else(|| prior.named(row, name))
}
