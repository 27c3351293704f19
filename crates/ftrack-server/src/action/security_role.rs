//! The actions on security roles of users: giving, taking and replacing them, and saying where they hold.

use serde_json::{Map, Value as Json, json};

use super::Work;
use super::operation::Operation;
use crate::request_error::{RequestError, RequestErrorKind};
use crate::store::RowRef;
use crate::value::Value;

/// The roles that hold in projects, the only ones that users are given.
const KIND: &str = "PROJECT";

/// A role of a user.
const HELD: &str = "UserSecurityRole";

/// A project in which a role of a user holds.
const PLACE: &str = "UserSecurityRoleProject";

/// Where a role is to hold.
enum Place<'j> {
    Project(&'j str),
    AllOpen,
}

pub(super) fn perform(
    work: &mut Work<'_, '_>,
    operation: &Operation<'_>,
    out: &mut Vec<u8>,
) -> Result<(), RequestError> {
    work.batch.refuse_administration()?;
    let user = operation.text("user_id")?;
    work.batch.view().seen("User", user)?;
    let role = project_role(work, operation.text("role_id")?)?;
    match operation.action {
        "add_user_security_role" => add(work, operation, user, role)?,
        "update_user_security_role" => {
            let held = held(work, user, role)?;
            let new = project_role(work, operation.text("new_role_id")?)?;
            refuse_second(work, user, new)?;
            change(work, held, json!({"security_role_id": new}))?;
        }
        "grant_user_security_role_project" => {
            let held = held(work, user, role)?;
            grant(work, held, &place(operation)?)?;
        }
        "revoke_user_security_role_project" => {
            let held = held(work, user, role)?;
            revoke(work, held, &place(operation)?)?;
        }
        // Older programs call it `revoke_user_security_role`.
        _ => {
            let held = held(work, user, role)?;
            work.batch.delete(HELD, Some(&key_of(work, held)))?;
        }
    }
    let answer = json!({"action": operation.action, "data": true});
    out.extend_from_slice(answer.to_string().as_bytes());
    Ok(())
}

fn add(
    work: &mut Work<'_, '_>,
    operation: &Operation<'_>,
    user: &str,
    role: &str,
) -> Result<(), RequestError> {
    refuse_second(work, user, role)?;
    let is_for_all = is_for_all(operation)?;
    let values =
        json!({"user_id": user, "security_role_id": role, "is_all_open_projects": is_for_all});
    let written = work.batch.create(HELD, &object(values))?;
    if let Some(project) = operation.optional_text("project_id")? {
        work.batch.view().seen("Project", project)?;
        let link = json!({"user_security_role_id": written.key.display(), "project_id": project});
        work.batch.create(PLACE, &object(link))?;
    }
    Ok(())
}

fn grant(work: &mut Work<'_, '_>, held: RowRef, place: &Place<'_>) -> Result<(), RequestError> {
    let store = work.batch.view().store;
    let already = || RequestError::new(RequestErrorKind::Duplicate, "the role holds there already");
    if store.named(held, "is_all_open_projects").is_true() {
        return Err(already());
    }
    match place {
        Place::AllOpen => change(work, held, json!({"is_all_open_projects": true})),
        Place::Project(project) => {
            work.batch.view().seen("Project", project)?;
            if link(work, held, project).is_some() {
                return Err(already());
            }
            let id = work.batch.view().store.id(held).to_text();
            let values = json!({"user_security_role_id": id, "project_id": project});
            work.batch.create(PLACE, &object(values)).map(|_| ())
        }
    }
}

fn revoke(work: &mut Work<'_, '_>, held: RowRef, place: &Place<'_>) -> Result<(), RequestError> {
    let store = work.batch.view().store;
    let missing = || RequestError::not_found("the role does not hold there");
    match place {
        Place::AllOpen if store.named(held, "is_all_open_projects").is_true() => {
            change(work, held, json!({"is_all_open_projects": false}))
        }
        Place::AllOpen => Err(missing()),
        Place::Project(project) => {
            let link = link(work, held, project).ok_or_else(missing)?;
            let key = key_of(work, link);
            work.batch.delete(PLACE, Some(&key))
        }
    }
}

fn change(work: &mut Work<'_, '_>, held: RowRef, values: Json) -> Result<(), RequestError> {
    let key = key_of(work, held);
    let written = work.batch.update(HELD, Some(&key), &object(values));
    written.map(|_| ())
}

/// The project that an operation names, or all of them.
fn place<'j>(operation: &Operation<'j>) -> Result<Place<'j>, RequestError> {
    match operation.optional_text("project_id")? {
        Some(project) => Ok(Place::Project(project)),
        None if is_for_all(operation)? => Ok(Place::AllOpen),
        None => Err(operation.wrong("project_id", "text")),
    }
}

fn is_for_all(operation: &Operation<'_>) -> Result<bool, RequestError> {
    match operation.get("all_open_projects") {
        None => Ok(false),
        Some(Json::Bool(value)) => Ok(*value),
        Some(_) => Err(operation.wrong("all_open_projects", "true or false")),
    }
}

/// A role that users can have.
fn project_role<'j>(work: &Work<'_, '_>, id: &'j str) -> Result<&'j str, RequestError> {
    let view = work.batch.view();
    let row = view.seen("SecurityRole", id)?;
    let kind = view.store.named(row, "type").to_text();
    // Roles in a snapshot by hand may not say of what type they are.
    if !kind.is_empty() && kind != KIND {
        let message = format!("users are given roles of type {KIND}, not {kind}");
        return Err(RequestError::validation(message));
    }
    Ok(id)
}

fn find_held(work: &Work<'_, '_>, user: &str, role: &str) -> Option<RowRef> {
    let store = work.batch.view().store;
    let role = Value::text(role);
    let held = store.rows_with(HELD, "user_id", &Value::text(user));
    let mut held = held.into_iter();
    held.find(|held| *store.named(*held, "security_role_id") == role)
}

fn held(work: &Work<'_, '_>, user: &str, role: &str) -> Result<RowRef, RequestError> {
    find_held(work, user, role)
        .ok_or_else(|| RequestError::not_found("the user does not have this security role"))
}

fn refuse_second(work: &Work<'_, '_>, user: &str, role: &str) -> Result<(), RequestError> {
    match find_held(work, user, role) {
        None => Ok(()),
        Some(_) => Err(RequestError::new(
            RequestErrorKind::Duplicate,
            "the user has this security role already",
        )),
    }
}

fn link(work: &Work<'_, '_>, held: RowRef, project: &str) -> Option<RowRef> {
    let store = work.batch.view().store;
    let project = Value::text(project);
    let links = store.rows_with(PLACE, "user_security_role_id", store.id(held));
    let mut links = links.into_iter();
    links.find(|link| *store.named(*link, "project_id") == project)
}

fn key_of(work: &Work<'_, '_>, row: RowRef) -> Json {
    work.batch.view().store.id(row).to_json()
}

fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(object) => object,
        _ => Map::new(),
    }
}
