//! What users see without a security role on a project, and with one.

use serde_json::{Value, json};

use crate::client::{Answer, Studio, create, delete, reference, send, update};
use crate::files::{announce, get, put};

/// A user who has no role at all.
pub(crate) struct Guest<'s> {
    studio: &'s Studio,
    username: &'s str,
    pub(crate) id: Value,
    pub(crate) key: String,
}

impl<'s> Guest<'s> {
    pub(crate) fn new(studio: &'s Studio) -> Self {
        Self::named(studio, "ada")
    }

    pub(crate) fn named(studio: &'s Studio, username: &'s str) -> Self {
        let user = studio.create("User", &json!({"username": username, "is_active": true}));
        let reset = json!({"action": "reset_remote", "reset_type": "api_key", "entity_type": "User",
            "entity_key": user["id"]});
        let key = studio.one(&reset)["data"]["api_key"].clone();
        Self {
            studio,
            username,
            id: user["id"].clone(),
            key: key.as_str().unwrap().to_owned(),
        }
    }

    pub(crate) fn call(&self, operations: &Value) -> Value {
        self.post(operations).json()
    }

    /// The whole answer to operations.
    pub(crate) fn post(&self, operations: &Value) -> Answer {
        let headers = [
            ("ftrack-user", self.username),
            ("ftrack-api-key", self.key.as_str()),
        ];
        let body = operations.to_string();
        let url = self.studio.server.url();
        send(url, "POST", "/api", &headers, body.as_bytes())
    }

    pub(crate) fn count(&self, expression: &str) -> usize {
        let answer = self.call(&json!([{"action": "query", "expression": expression}]));
        answer[0]["data"].as_array().map_or(usize::MAX, Vec::len)
    }

    pub(crate) fn gets(&self, component: &str) -> u16 {
        let headers = [
            ("ftrack-user", self.username),
            ("ftrack-api-key", self.key.as_str()),
        ];
        let path = format!("/component/get?id={component}");
        send(self.studio.server.url(), "GET", &path, &headers, b"").status
    }

    pub(crate) fn refused(&self, operation: &Value) {
        let answer = self.call(&json!([operation]));
        assert_eq!(
            answer["exception"], "PermissionError",
            "{operation}: {answer}"
        );
    }

    /// An operation on what the user does not see is answered as one on what does not exist.
    pub(crate) fn misses(&self, operation: &Value) {
        let answer = self.call(&json!([operation]));
        let text = answer["content"].as_str().unwrap_or_default();
        let is_missing = text.starts_with("there is no ") || text.ends_with("does not exist");
        assert!(is_missing, "{operation}: {answer}");
    }

    /// Gives the user a role on a project.
    pub(crate) fn allow(&self, project: &Value) {
        self.allow_as("User", project);
    }

    /// Gives the user the role of this name on a project; answers the id of what says so.
    pub(crate) fn allow_as(&self, role: &str, project: &Value) -> Value {
        let role = self
            .studio
            .query(&format!("SecurityRole where name is \"{role}\""));
        let role = self.studio.create(
            "UserSecurityRole",
            &json!({"user_id": self.id, "security_role_id": role[0]["id"]}),
        );
        let link = json!({"user_security_role_id": role["id"], "project_id": project["id"]});
        self.studio.create("UserSecurityRoleProject", &link);
        role["id"].clone()
    }
}

/// A project with one of each below it, and a component with a file of this id.
pub(crate) fn production(studio: &Studio, name: &str, component: &str, user: &Value) -> Value {
    let project = studio.project(name);
    let shot = studio.below("Shot", &format!("{name} shot"), &project);
    let task = studio.below("Task", &format!("{name} task"), &shot);
    studio.create(
        "Appointment",
        &json!({"context_id": task["id"], "resource_id": user, "type": "assignment"}),
    );
    studio.create(
        "Note",
        &json!({"content": "n", "parent_id": shot["id"], "parent_type": "Shot"}),
    );
    let asset = studio.create("Asset", &json!({"name": "a", "parent": reference(&shot)}));
    let version = studio.create("AssetVersion", &json!({"asset": reference(&asset)}));
    studio.create(
        "FileComponent",
        &json!({"id": component, "name": "f", "version_id": version["id"]}),
    );
    studio.create(
        "Metadata",
        &json!({"parent_id": component, "parent_type": "FileComponent", "key": "k", "value": "v"}),
    );
    let upload = announce(studio, component, None, None);
    assert_eq!(put(studio, &upload["url"], &[], b"x").status, 200);
    project
}

#[test]
fn a_project_is_seen_by_those_with_a_role_on_it() {
    let studio = Studio::new();
    let guest = Guest::new(&studio);
    let ours = production(&studio, "ours", "c-1", &guest.id);
    production(&studio, "theirs", "c-2", &guest.id);
    let of_projects = [
        "Project",
        "Shot",
        "TypedContext where name like \"% task\"",
        "Context where ancestors any (name like \"%shot\")",
        "Note",
        "Asset",
        "AssetVersion",
        "FileComponent",
        "Metadata where key is k",
        "Appointment",
        "ContextCustomAttributeValue where key is fstart",
    ];
    for expression in of_projects {
        assert_eq!(guest.count(expression), 0, "{expression}");
    }
    let by_members = "User where assignments.context.name like \"% task\"";
    assert_eq!(studio.query(by_members).len(), 1);
    assert_eq!(guest.count(by_members), 0);
    assert_eq!(guest.count("User"), studio.query("User").len());
    assert_eq!(guest.count("Status"), studio.query("Status").len());
    assert_eq!((guest.gets("c-1"), guest.gets("c-2")), (404, 404));

    guest.allow(&ours);
    for expression in of_projects {
        let all = studio.query(expression).len();
        assert!(all >= 2, "{expression}");
        assert_eq!(guest.count(expression), all / 2, "{expression}");
    }
    assert_eq!(guest.count(by_members), 1);
    let expression = "select assignments.context.name from User where username is ada";
    let answer = guest.call(&json!([{"action": "query", "expression": expression}]));
    let members = answer[0]["data"][0]["assignments"].as_array().unwrap();
    assert_eq!(members.len(), 1, "{answer}");
    assert_eq!(members[0]["context"]["name"], "ours task");
    assert_eq!((guest.gets("c-1"), guest.gets("c-2")), (200, 404));
    assert_eq!(get(&studio, "get", "c-2", &[]).status, 200);
}

#[test]
fn other_actions_keep_to_it_too() {
    let studio = Studio::new();
    let guest = Guest::new(&studio);
    let theirs = production(&studio, "theirs", "c-1", &guest.id);
    let search = json!({"action": "search", "entity_type": "TypedContext", "expression": "TypedContext",
        "terms": ["theirs"]});
    assert_eq!(guest.call(&json!([search]))[0]["data"], json!([]));
    for operation in [
        json!({"action": "compute_rollups", "ids": [theirs["id"]]}),
        json!({"action": "generate_signed_url", "component_id": "c-1"}),
        json!({"action": "get_upload_metadata", "component_id": "c-1", "file_name": "f"}),
        json!({"action": "encode_media", "component_id": "c-1", "keep_original": true}),
        json!({"action": "get_widget_url", "name": "info", "entity_type": "Project", "entity_key": [theirs["id"]]}),
    ] {
        let answer = guest.call(&json!([operation]));
        assert!(answer["exception"].is_string(), "{operation}: {answer}");
    }
    let upload = announce(&studio, "c-1", None, Some(1));
    let part = put(&studio, &upload["urls"][0]["signed_url"], &[], b"other");
    let tag = part.headers.split("etag: ").nth(1).unwrap();
    let parts = json!([{"part_number": 1, "e_tag": tag.lines().next().unwrap().trim_matches('"')}]);
    let complete = json!({"action": "complete_multipart_upload", "component_id": "c-1",
        "upload_id": upload["upload_id"], "parts": parts});
    guest.misses(&complete);
    assert_eq!(get(&studio, "get", "c-1", &[]).body, b"x");
    studio.one(&complete);
    assert_eq!(get(&studio, "get", "c-1", &[]).body, b"other");
}

#[test]
fn whoever_has_limits_cannot_lift_them() {
    let studio = Studio::new();
    let guest = Guest::new(&studio);
    let admin = studio.query("User where username is admin")[0]["id"].clone();
    let role = studio.query("UserSecurityRole limit 1")[0].clone();
    let security_role = studio.query("SecurityRole limit 1")[0]["id"].clone();
    let own_role = json!({"user_id": guest.id, "security_role_id": security_role, "is_all_open_projects": true});
    for operation in [
        create("UserSecurityRole", &own_role),
        update(
            "UserSecurityRole",
            &role["id"],
            &json!({"user_id": guest.id}),
        ),
        delete("UserSecurityRole", &role["id"]),
        update(
            "User",
            &guest.id,
            &json!({"user_security_roles": [reference(&role)]}),
        ),
        update("User", &admin, &json!({"username": "somebody"})),
        create("User", &json!({"username": "accomplice"})),
        delete("User", &admin),
        json!({"action": "reset_remote", "reset_type": "api_key", "entity_type": "User", "entity_key": admin}),
    ] {
        guest.refused(&operation);
    }
    let own = update("User", &guest.id, &json!({"first_name": "Ada"}));
    assert!(guest.call(&json!([own])).is_array());
}

#[test]
fn members_of_other_projects_are_not_taken_over() {
    let studio = Studio::new();
    let guest = Guest::new(&studio);
    let ours = production(&studio, "ours", "c-1", &guest.id);
    production(&studio, "theirs", "c-2", &guest.id);
    guest.allow(&ours);
    let shot = |name: &str| studio.query(&format!("Shot where project.name is {name}"))[0].clone();
    let (own, other) = (shot("ours"), shot("theirs"));
    let notes = studio.query("Note");
    for operation in [
        update("Shot", &own["id"], &json!({"notes": notes})),
        update("Shot", &own["id"], &json!({"parent": reference(&other)})),
        update(
            "Project",
            &ours["id"],
            &json!({"children": [reference(&other)]}),
        ),
    ] {
        guest.misses(&operation);
    }
    assert_eq!(studio.query("Note where parent_id is_not None").len(), 2);
    let moved = json!({"parent_id": own["id"]});
    let foreign = studio.query(&format!(
        "Note where parent_id is {}",
        other["id"].as_str().unwrap()
    ));
    guest.misses(&update("Note", &foreign[0]["id"], &moved));
}

#[test]
fn what_came_before_its_parent_is_a_members_own_once_the_parent_is_there() {
    let studio = Studio::new();
    let guest = Guest::new(&studio);
    let film = studio.project("film");
    guest.allow(&film);
    let [shot, task, asset] =
        [1, 2, 3].map(|number| format!("{number:08x}-0000-4000-8000-000000000000"));
    let answer = guest.call(&json!([
        create("Task", &json!({"id": task, "name": "t", "parent_id": shot})),
        create("Asset", &json!({"id": asset, "name": "a", "context_id": shot})),
        create("Shot", &json!({"id": shot, "name": "s", "parent_id": film["id"]})),
        update("Task", &json!(task), &json!({"bid": 3})),
        update("Asset", &json!(asset), &json!({"name": "b"})),
        {"action": "query", "expression": "select name, project_id from Task where bid is 3"},
    ]));
    assert_eq!(answer[5]["data"][0]["project_id"], film["id"], "{answer}");
    assert_eq!(answer[5]["data"][0]["name"], "t");
    let found = studio.query("select project_id, name from Asset");
    assert_eq!(found[0]["project_id"], film["id"]);
    assert_eq!(found[0]["name"], "b");
}

#[test]
fn makers_see_their_own_project_within_the_batch_that_makes_it() {
    let studio = Studio::new();
    let guest = Guest::new(&studio);
    production(&studio, "theirs", "c-1", &guest.id);
    let schema = studio.query("ProjectSchema limit 1")[0]["id"].clone();
    let answer = guest.call(&json!([
        create("Project", &json!({"name": "own", "full_name": "own", "project_schema_id": schema})),
        {"action": "query", "expression": "select name from Project"},
    ]));
    let found = answer[1]["data"].as_array().unwrap();
    assert_eq!(found.len(), 1, "{answer}");
    assert_eq!(found[0]["name"], "own");
    assert_eq!(guest.count("Project"), 1);
}
