//! The actions on security roles of users.

use serde_json::{Value, json};

use crate::client::Studio;
use crate::permissions::Guest;

fn role(studio: &Studio, name: &str) -> Value {
    studio.query(&format!("SecurityRole where name is \"{name}\""))[0]["id"].clone()
}

fn operation(action: &str, user: &Value, role: &Value, more: &[(&str, &Value)]) -> Value {
    let mut operation = json!({"action": action, "user_id": user, "role_id": role});
    for (name, value) in more {
        operation[*name] = (*value).clone();
    }
    operation
}

/// The names of the roles of a user, with the names of the projects in which they hold.
fn roles(studio: &Studio, user: &Value) -> Vec<(Value, Vec<Value>)> {
    let expression = format!(
        "select security_role.name, user_security_role_projects.project.name from UserSecurityRole \
         where user_id is {}",
        user.as_str().unwrap()
    );
    let found = studio.query(&expression);
    let places = |held: &Value| -> Vec<Value> {
        let links = held["user_security_role_projects"].as_array().unwrap();
        links
            .iter()
            .map(|link| link["project"]["name"].clone())
            .collect()
    };
    found
        .iter()
        .map(|held| (held["security_role"]["name"].clone(), places(held)))
        .collect()
}

#[test]
fn a_role_is_added_granted_replaced_revoked_and_removed() {
    let studio = Studio::new();
    let guest = Guest::new(&studio);
    let project = studio.project("film");
    let (user, manager) = (role(&studio, "User"), role(&studio, "Project Manager"));
    let place = [("project_id", &project["id"])];
    let ask = |action: &str, role: &Value, more: &[(&str, &Value)]| {
        let answer = studio.one(&operation(action, &guest.id, role, more));
        assert_eq!(answer, json!({"action": action, "data": true}));
    };
    ask("add_user_security_role", &user, &[]);
    assert_eq!(guest.count("Project"), 0, "a role holds nowhere by itself");
    ask("grant_user_security_role_project", &user, &place);
    assert_eq!(guest.count("Project"), 1);
    ask(
        "update_user_security_role",
        &user,
        &[("new_role_id", &manager)],
    );
    assert_eq!(
        roles(&studio, &guest.id),
        [(json!("Project Manager"), vec![json!("film")])],
        "it holds where the other did"
    );
    ask("revoke_user_security_role_project", &manager, &place);
    assert_eq!(guest.count("Project"), 0);
    let everywhere = [("all_open_projects", &json!(true))];
    ask("grant_user_security_role_project", &manager, &everywhere);
    assert_eq!(guest.count("Project"), 1);
    ask("revoke_user_security_role_project", &manager, &everywhere);
    assert_eq!(guest.count("Project"), 0);
    ask("remove_user_security_role", &manager, &[]);
    assert!(roles(&studio, &guest.id).is_empty());
    ask("add_user_security_role", &user, &everywhere);
    ask("revoke_user_security_role", &user, &[]);
    assert!(roles(&studio, &guest.id).is_empty());
}

/// An action, a user, a role, further fields, and the exception that refuses it.
type Case<'c> = (
    &'c str,
    &'c Value,
    &'c Value,
    &'c [(&'c str, &'c Value)],
    &'c str,
);

fn refused(studio: &Studio, cases: &[Case<'_>]) {
    for (action, who, role, more, expected) in cases {
        let operation = operation(action, who, role, more);
        let answer = studio.refused(&operation);
        assert_eq!(answer["exception"], *expected, "{operation}: {answer}");
    }
}

#[test]
fn roles_that_do_not_fit_are_refused() {
    let studio = Studio::new();
    let id = &Guest::new(&studio).id;
    let (user, api) = (&role(&studio, "User"), &role(&studio, "API"));
    studio.one(&operation("add_user_security_role", id, user, &[]));
    let (nobody, none) = (&json!("nobody"), &json!(null));
    let manager = &role(&studio, "Project Manager");
    let add = "add_user_security_role";
    let update = "update_user_security_role";
    let (to_api, to_same) = ([("new_role_id", api)], [("new_role_id", user)]);
    refused(
        &studio,
        &[
            (add, id, api, &[], "ValidationError"),
            (add, id, user, &[], "DuplicateEntryError"),
            (add, nobody, user, &[], "NotFoundError"),
            (add, id, nobody, &[], "NotFoundError"),
            (add, id, none, &[], "ValidationError"),
            (
                "remove_user_security_role",
                id,
                manager,
                &[],
                "NotFoundError",
            ),
            (update, id, user, &[], "ValidationError"),
            (update, id, user, &to_api, "ValidationError"),
            (update, id, user, &to_same, "DuplicateEntryError"),
        ],
    );
    assert_eq!(roles(&studio, id), [(json!("User"), vec![])]);
}

#[test]
fn places_that_do_not_fit_are_refused() {
    let studio = Studio::new();
    let id = &Guest::new(&studio).id;
    let project = studio.project("film");
    let user = &role(&studio, "User");
    let grant = "grant_user_security_role_project";
    let revoke = "revoke_user_security_role_project";
    let place = [("project_id", &project["id"])];
    studio.one(&operation("add_user_security_role", id, user, &[]));
    studio.one(&operation(grant, id, user, &place));
    let nowhere = [("project_id", &json!("nowhere"))];
    let everywhere = [("all_open_projects", &json!(true))];
    refused(
        &studio,
        &[
            (grant, id, user, &place, "DuplicateEntryError"),
            (grant, id, user, &[], "ValidationError"),
            (grant, id, user, &nowhere, "NotFoundError"),
            (revoke, id, user, &nowhere, "NotFoundError"),
            (revoke, id, user, &everywhere, "NotFoundError"),
        ],
    );
    assert_eq!(roles(&studio, id), [(json!("User"), vec![json!("film")])]);
}

#[test]
fn only_administrators_change_roles() {
    let studio = Studio::new();
    let guest = Guest::new(&studio);
    let project = studio.project("film");
    guest.allow_as("Administrator", &project);
    let user = role(&studio, "User");
    let place = [("project_id", &project["id"])];
    for (action, more) in [
        ("add_user_security_role", &[][..]),
        ("remove_user_security_role", &[]),
        ("update_user_security_role", &[("new_role_id", &user)]),
        ("grant_user_security_role_project", &place),
        ("revoke_user_security_role_project", &place),
    ] {
        guest.refused(&operation(action, &guest.id, &user, more));
    }
}
