//! People: who works here, in which groups, and what they may do.

use serde_json::json;

use super::id;
use super::rows::Rows;

/// The type of new users, by the id that servers give it.
const USER_TYPE: &str = "ac9fa5aa-4361-11e0-b7cc-0019bb4983d8";

/// Security roles with their type: for users on projects, for keys of programs, for those assigned to a task.
pub(super) const ROLES: [(&str, &str); 6] = [
    ("Administrator", "PROJECT"),
    ("Project Manager", "PROJECT"),
    ("User", "PROJECT"),
    ("Restricted User", "PROJECT"),
    ("API", "API"),
    ("Assigned User", "ASSIGNED"),
];

/// Groups with the group that each belongs to.
const GROUPS: [(&str, Option<&str>); 7] = [
    ("Artists", None),
    ("Production", None),
    ("Animation", Some("Artists")),
    ("Compositing", Some("Artists")),
    ("Lighting", Some("Artists")),
    ("Modeling", Some("Artists")),
    ("Rigging", Some("Artists")),
];

/// Someone to be added.
pub(super) struct Person {
    pub(super) username: &'static str,
    pub(super) first_name: &'static str,
    pub(super) last_name: &'static str,
    pub(super) role: &'static str,
    pub(super) groups: &'static [&'static str],
}

const PEOPLE: [Person; 4] = [
    Person {
        username: "jane",
        first_name: "Jane",
        last_name: "Doe",
        role: "Project Manager",
        groups: &["Production"],
    },
    Person {
        username: "john",
        first_name: "John",
        last_name: "Smith",
        role: "User",
        groups: &["Animation"],
    },
    Person {
        username: "john.doe",
        first_name: "John",
        last_name: "Doe",
        role: "User",
        groups: &["Animation", "Rigging"],
    },
    Person {
        username: "test_user",
        first_name: "Test",
        last_name: "User",
        role: "User",
        groups: &[],
    },
];

pub(super) fn add(rows: &mut Rows, administrator: &str) {
    rows.add_with_id("UserType", USER_TYPE, json!({ "name": "User" }));
    rows.add(
        "UserType",
        "Collaborator",
        json!({ "name": "Collaborator" }),
    );
    for (name, kind) in ROLES {
        rows.add("SecurityRole", name, json!({ "name": name, "type": kind }));
    }
    for (name, parent) in GROUPS {
        let parent = parent.map(|parent| id("Group", parent));
        let values = json!({ "name": name, "local": true, "parent_id": parent });
        rows.add("Group", name, values);
    }
    add_administrator(rows, administrator);
    add_people(rows, &PEOPLE, administrator);
}

fn add_administrator(rows: &mut Rows, username: &str) {
    let known = PEOPLE.iter().find(|person| person.username == username);
    let (first_name, last_name) = known.map_or(("Local", "Administrator"), |person| {
        (person.first_name, person.last_name)
    });
    add_user(rows, username, first_name, last_name);
    give_role(rows, username, "Administrator");
    let groups = known.map_or(&["Production"][..], |person| person.groups);
    join(rows, username, groups);
}

/// Adds everyone but the administrator, who is there already.
pub(super) fn add_people(rows: &mut Rows, people: &[Person], administrator: &str) {
    let others = people
        .iter()
        .filter(|person| person.username != administrator);
    for person in others {
        add_user(rows, person.username, person.first_name, person.last_name);
        give_role(rows, person.username, person.role);
        join(rows, person.username, person.groups);
    }
}

fn add_user(rows: &mut Rows, username: &str, first_name: &str, last_name: &str) {
    let email = if username.contains('@') {
        username.to_owned()
    } else {
        format!("{username}@studio.example")
    };
    let values = json!({
        "username": username,
        "first_name": first_name,
        "last_name": last_name,
        "email": email,
        "is_active": true,
        "is_otp_enabled": false,
        "is_totp_enabled": false,
        "require_details_update": false,
        "user_type_id": USER_TYPE,
    });
    rows.add("User", username, values);
}

fn give_role(rows: &mut Rows, username: &str, role: &str) {
    let values = json!({
        "user_id": id("User", username),
        "security_role_id": id("SecurityRole", role),
        "is_all_open_projects": true,
    });
    rows.add("UserSecurityRole", &format!("{username}/{role}"), values);
}

fn join(rows: &mut Rows, username: &str, groups: &[&str]) {
    for group in groups {
        let values = json!({ "user_id": id("User", username), "group_id": id("Group", group) });
        rows.add("Membership", &format!("{username}/{group}"), values);
    }
}
