//! `permissions`: what the caller may do.

use serde_json::{Value as Json, json};

use crate::caller::Caller;
use crate::read::View;

pub(super) fn answer(view: View<'_>, caller: &Caller, out: &mut Vec<u8>) {
    let answer = json!({"action": "permissions", "data": list(view, caller)});
    out.extend_from_slice(answer.to_string().as_bytes());
}

/// The names of the security roles of a user, each once.
pub(super) fn names(view: View<'_>, caller: &Caller) -> Vec<String> {
    let store = view.store;
    let roles = store.rows_with("UserSecurityRole", "user_id", &caller.id);
    let mut names: Vec<String> = roles
        .into_iter()
        .filter_map(|role| store.find_named("SecurityRole", store.named(role, "security_role_id")))
        .map(|role| store.named(role, "name").to_text())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The security roles of a user, with the projects that they hold for; null stands for all.
pub(super) fn list(view: View<'_>, caller: &Caller) -> Json {
    let store = view.store;
    let roles = store.rows_with("UserSecurityRole", "user_id", &caller.id);
    let roles: Vec<Json> = roles
        .into_iter()
        .map(|role| {
            let security_role =
                store.find_named("SecurityRole", store.named(role, "security_role_id"));
            let projects: Vec<Json> = store
                .rows_with(
                    "UserSecurityRoleProject",
                    "user_security_role_id",
                    store.id(role),
                )
                .into_iter()
                .map(|link| store.named(link, "project_id").to_json())
                .collect();
            let is_for_all = store.named(role, "is_all_open_projects").is_true();
            json!({
                "security_role": security_role.map(|row| store.named(row, "name").to_json()),
                "projects": if is_for_all { Json::Null } else { Json::Array(projects) },
            })
        })
        .collect();
    json!({ "security_roles": roles })
}
