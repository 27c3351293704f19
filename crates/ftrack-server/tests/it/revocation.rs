//! What users have ends when they lose the credentials or the role by which they have it.

use serde_json::{Value, json};

use crate::client::{Studio, delete, send};
use crate::event_client::Peer;
use crate::files::{path_of, put};
use crate::permissions::{Guest, production};

/// How something is taken from a guest.
type Revocation = (&'static str, fn(&Studio, &Guest<'_>, &Value));

const REVOCATIONS: [Revocation; 7] = [
    ("role", |studio, _, role| {
        studio.one(&delete("UserSecurityRole", role));
    }),
    ("project of the role", |studio, _, role| {
        let links = format!(
            "UserSecurityRoleProject where user_security_role_id is {}",
            role.as_str().unwrap()
        );
        studio.one(&delete(
            "UserSecurityRoleProject",
            &studio.query(&links)[0]["id"],
        ));
    }),
    ("role by action", |studio, guest, role| {
        let held = format!(
            "select security_role_id from UserSecurityRole where id is {}",
            role.as_str().unwrap()
        );
        let role = studio.query(&held)[0]["security_role_id"].clone();
        studio.one(
            &json!({"action": "remove_user_security_role", "user_id": guest.id, "role_id": role}),
        );
    }),
    ("role given to another", |studio, _, role| {
        let admin = studio.query("User where username is admin")[0]["id"].clone();
        studio.update("UserSecurityRole", role, &json!({"user_id": admin}));
    }),
    ("key", |studio, guest, _| {
        studio.one(
            &json!({"action": "reset_remote", "reset_type": "api_key", "entity_type": "User",
            "entity_key": guest.id}),
        );
    }),
    ("active", |studio, guest, _| {
        studio.update("User", &guest.id, &json!({"is_active": false}));
    }),
    ("user", |studio, guest, _| {
        studio.one(&delete("User", &guest.id));
    }),
];

#[tokio::test]
async fn connections_uploads_and_addresses_end_with_the_right_to_them() {
    for (what, revoke) in REVOCATIONS {
        let studio = Studio::new();
        let guest = Guest::new(&studio);
        let project = production(&studio, "film", "c-1", &guest.id);
        let role = guest.allow_as("User", &project);
        let signed = guest.call(&json!([{"action": "generate_signed_url", "component_id": "c-1"}]));
        let address = path_of(&studio, &signed[0]["signed_url"]);
        let announce = |parts: Value| {
            guest.call(
                &json!([{"action": "get_upload_metadata", "component_id": "c-1",
                "file_name": "f", "parts": parts}]),
            )[0]
            .clone()
        };
        let (whole, parts) = (announce(json!(null)), announce(json!(1)));
        let own_address =
            studio.one(&json!({"action": "generate_signed_url", "component_id": "c-1"}));
        let mut peer = Peer::connect_as(&studio, "ada", &guest.key).await;
        let get = |path: &str| send(studio.server.url(), "GET", path, &[], b"").status;
        assert_eq!(get(&address), 200, "{what}");

        revoke(&studio, &guest, &role);
        assert_eq!(get(&address), 401, "{what}");
        assert_eq!(
            get(&path_of(&studio, &own_address["signed_url"])),
            200,
            "{what}"
        );
        assert_eq!(
            put(&studio, &whole["url"], &[], b"mine").status,
            404,
            "{what}"
        );
        let part = &parts["urls"][0]["signed_url"];
        assert_eq!(put(&studio, part, &[], b"mine").status, 404, "{what}");
        let farewell = peer.packet().await.unwrap();
        assert_eq!(
            farewell, "7:::disconnected: credentials or roles were revoked",
            "{what}"
        );
        assert_eq!(peer.packet().await, None, "{what}");
        let file = crate::files::get(&studio, "get", "c-1", &[]);
        assert_eq!(file.body, b"x", "{what}");
    }
}

#[tokio::test]
async fn a_ticket_from_before_opens_nothing() {
    let studio = Studio::new();
    let guest = Guest::new(&studio);
    let headers = [
        ("ftrack-user", "ada"),
        ("ftrack-api-key", guest.key.as_str()),
    ];
    let answer = send(studio.server.url(), "GET", "/socket.io/1/", &headers, b"");
    let text = String::from_utf8(answer.body).unwrap();
    studio.update("User", &guest.id, &json!({"is_active": false}));
    let mut peer = Peer::redeem(&studio, text.split(':').next().unwrap()).await;
    let farewell = peer.packet().await.unwrap();
    assert!(farewell.starts_with("7:::disconnected"), "{farewell}");
    assert_eq!(peer.packet().await, None);
}

#[tokio::test]
async fn whoever_is_given_a_role_stays_connected() {
    let studio = Studio::new();
    let guest = Guest::new(&studio);
    let project = studio.project("film");
    let mut peer = Peer::connect_as(&studio, "ada", &guest.key).await;
    peer.subscribe(
        json!({"id": "ada"}),
        "topic=ftrack.update and data.parents=x",
    )
    .await;
    guest.allow(&project);
    studio.update("User", &guest.id, &json!({"first_name": "Ada"}));
    let event = json!({"topic": "still.here", "id": "1", "data": {}});
    peer.tell(&event).await;
}
