//! Those who try.

use serde_json::{Value, json};

use super::fixture::Fixture;
use crate::client::{Answer, Studio, send};
use crate::event_client::{Peer, event_of};

/// Somebody who tries, with an event connection of their own.
pub(super) struct Person {
    url: String,
    username: String,
    key: String,
    /// Whether they work in the other project.
    pub(super) has_other_project: bool,
    peer: Peer,
}

/// Everybody: without a role, with one on another project, with one on the project, and with one on everything.
pub(super) struct People {
    all: Vec<Person>,
    /// A row that everybody sees, and whose changes tell that all before was told.
    sign: Value,
    signs: u32,
}

impl Person {
    async fn new(studio: &Studio, username: &str, project: Option<&Value>) -> Self {
        let user = studio.create("User", &json!({"username": username, "is_active": true}));
        let reset = json!({"action": "reset_remote", "reset_type": "api_key", "entity_type": "User",
            "entity_key": user["id"]});
        let key = studio.one(&reset)["data"]["api_key"].clone();
        let role = studio.query("SecurityRole where name is User")[0]["id"].clone();
        if let Some(project) = project {
            let place = json!({"action": "grant_user_security_role_project", "user_id": user["id"],
                "role_id": role, "project_id": project});
            let add =
                json!({"action": "add_user_security_role", "user_id": user["id"], "role_id": role});
            assert!(studio.call(&json!([add, place])).is_array());
        }
        Self::with_key(studio, username, key.as_str().unwrap()).await
    }

    async fn with_key(studio: &Studio, username: &str, key: &str) -> Self {
        let mut peer = Peer::connect_as(studio, username, key).await;
        let subscriber = json!({"id": username});
        peer.subscribe(subscriber, "topic=ftrack.update").await;
        Self {
            url: studio.server.url().to_owned(),
            username: username.to_owned(),
            key: key.to_owned(),
            has_other_project: false,
            peer,
        }
    }

    /// Asks for operations.
    pub(super) fn post(&self, operations: &Value) -> Answer {
        let body = operations.to_string();
        send(
            &self.url,
            "POST",
            "/api",
            &self.credentials(),
            body.as_bytes(),
        )
    }

    /// Asks for a file.
    pub(super) fn get(&self, path: &str) -> Answer {
        send(&self.url, "GET", path, &self.credentials(), b"")
    }

    fn credentials(&self) -> [(&str, &str); 2] {
        [
            ("ftrack-user", &self.username),
            ("ftrack-api-key", &self.key),
        ]
    }

    /// The changed entities that this person is told of until the sign comes.
    async fn hear(&mut self, studio: &Studio, sign: u32) -> Vec<Value> {
        let mut heard = Vec::new();
        loop {
            let packet = self.peer.packet().await.expect("a packet");
            if packet.starts_with("7:::") {
                // Whoever loses a role with its project connects again.
                let (username, key) = (self.username.clone(), self.key.clone());
                *self = Self::with_key(studio, &username, &key).await;
                return heard;
            }
            let mut event = event_of(&packet);
            let Value::Array(entities) = event["data"]["entities"].take() else {
                continue;
            };
            let is_sign = entities
                .iter()
                .any(|entity| entity["changes"]["sort"]["new"] == json!(sign));
            heard.extend(entities);
            if is_sign {
                return heard;
            }
        }
    }
}

impl People {
    pub(super) async fn new(studio: &Studio, theirs: &Fixture<'_>, ours: &Fixture<'_>) -> Self {
        let project = |fixture: &Fixture<'_>| fixture.rows["Project"].key[0].clone();
        let (user, key) = (studio.server.user(), studio.server.api_key());
        let mut stranger = Person::new(studio, "stranger", Some(&project(ours))).await;
        stranger.has_other_project = true;
        let all = vec![
            Person::new(studio, "nobody", None).await,
            stranger,
            Person::new(studio, "member", Some(&project(theirs))).await,
            Person::with_key(studio, user, key).await,
        ];
        Self {
            all,
            sign: studio.query("Status where name is \"Not started\"")[0]["id"].clone(),
            signs: 1_000,
        }
    }

    pub(super) fn all(&self) -> &[Person] {
        &self.all
    }

    /// Deletes the row of a type; answers who was told of it. Nothing where nobody is told of the type.
    pub(super) async fn hear_of_the_end_of(
        &mut self,
        studio: &Studio,
        theirs: &Fixture<'_>,
        name: &str,
    ) -> Vec<Option<bool>> {
        let key = &theirs.rows[name].key;
        // It may be gone already, with what it belonged to.
        let end = json!([{"action": "delete", "entity_type": name, "entity_key": key}]);
        let is_gone = studio.call(&end).is_array();
        self.signs += 1;
        studio.update("Status", &self.sign, &json!({"sort": self.signs}));
        let id = key
            .iter()
            .map(|part| part.as_str().map_or(part.to_string(), str::to_owned));
        let id = id.collect::<Vec<_>>().join(",");
        let mut heard = Vec::new();
        for person in &mut self.all {
            let told = person.hear(studio, self.signs).await;
            heard.push(told.iter().any(|entity| entity["entityId"] == json!(id)));
        }
        let is_told = is_gone && heard.last() == Some(&true);
        heard
            .into_iter()
            .map(|heard| is_told.then_some(heard))
            .collect()
    }
}
