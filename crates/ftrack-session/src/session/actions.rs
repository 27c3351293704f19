//! Actions of the server that are neither queries nor part of a unit of work.

use serde_json::{Value as Json, json};

use super::Session;
use super::handle::Entity;
use crate::error::{Error, ErrorKind, Result};

impl Session {
    /// Sends one request, never twice, and gives back the answer.
    #[track_caller]
    pub(crate) fn act(&self, request: Json) -> Result<Json> {
        let mut answers = self.call(&[request])?;
        answers
            .pop()
            .ok_or_else(|| Error::new(ErrorKind::MalformedAnswer, "the server's answer is empty"))
    }

    /// The address of a page of the server that shows `name` (`info`, `tasks` or `tasks_browser`), of `entity` where
    /// the page is about one; `theme` is `light` or `dark`. The address works for some minutes (product
    /// documentation, "Using web widgets").
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, task: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// println!("{}", session.widget_url("info", Some(task), Some("light"))?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ServerCompatibility`] if the server has no such pages, and what else it reports.
    #[track_caller]
    #[doc(alias = "get_widget_url")]
    pub fn widget_url(
        &self,
        name: &str,
        entity: Option<&Entity>,
        theme: Option<&str>,
    ) -> Result<String> {
        let mut request = json!({"action": "get_widget_url", "name": name, "theme": theme});
        if let Some(entity) = entity {
            let parts = entity.identity().key().parts();
            request["entity_type"] = entity.entity_type().into();
            request["entity_key"] = parts.iter().map(ToString::to_string).collect();
        }
        let answer = self.act(request)?;
        text_of(&answer, "widget_url")
    }

    /// Asks the server to set something of its own back: `api_key` of a user gives that user a new key, which is in
    /// the answer.
    ///
    /// # Errors
    ///
    /// What the server reports.
    #[track_caller]
    pub fn reset_remote(&self, reset_type: &str, entity: Option<&Entity>) -> Result<Json> {
        let mut request = json!({"action": "reset_remote", "reset_type": reset_type});
        if let Some(entity) = entity {
            request["entity_type"] = entity.entity_type().into();
            request["entity_key"] = entity.id().into();
        }
        let mut answer = self.act(request)?;
        Ok(answer["data"].take())
    }

    /// Sends invitations to these users (product documentation, "Working with users").
    ///
    /// # Errors
    ///
    /// What the server reports; then none is sent.
    #[track_caller]
    pub fn send_user_invites(&self, users: &[Entity]) -> Result<()> {
        self.send_invites("send_user_invite", "user_id", users)
    }

    /// Sends invitations to these invitees of review sessions (product documentation, "Using review sessions").
    ///
    /// # Errors
    ///
    /// What the server reports; then none is sent.
    #[track_caller]
    pub fn send_review_session_invites(&self, invitees: &[Entity]) -> Result<()> {
        self.send_invites(
            "send_review_session_invite",
            "review_session_invitee_id",
            invitees,
        )
    }

    #[track_caller]
    fn send_invites(&self, action: &str, key: &str, entities: &[Entity]) -> Result<()> {
        let requests: Vec<Json> = entities
            .iter()
            .map(|entity| json!({"action": action, key: entity.id()}))
            .collect();
        if !requests.is_empty() {
            self.call(&requests)?;
        }
        Ok(())
    }

    /// Where and how to send the data of a component of `file_size` bytes to the server's own location. `file_name`
    /// has its extension; `checksum` is the MD5 of the data in base64.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ServerCompatibility`] if the server takes no data, and what else it reports.
    #[track_caller]
    #[doc(alias = "get_upload_metadata")]
    pub fn upload_metadata(
        &self,
        component_id: &str,
        file_name: &str,
        file_size: u64,
        checksum: Option<&str>,
    ) -> Result<Json> {
        self.act(json!({
            "action": "get_upload_metadata",
            "component_id": component_id,
            "file_name": file_name,
            "file_size": file_size,
            "checksum": checksum,
        }))
    }

    /// Looks for entities of a type by words, as the search of the web interface does. `context_id` limits the search
    /// to what is below that context. The answer holds the entities as JSON under `data`.
    ///
    /// # Errors
    ///
    /// What the server reports.
    #[track_caller]
    pub fn search(
        &self,
        entity_type: &str,
        expression: &str,
        terms: &[&str],
        context_id: Option<&str>,
    ) -> Result<Json> {
        self.definition(entity_type)?;
        let mut request = json!({
            "action": "search", "entity_type": entity_type, "expression": expression, "terms": terms,
        });
        if let Some(context_id) = context_id {
            request["context_id"] = context_id.into();
        }
        self.act(request)
    }
}

pub(crate) fn text_of(answer: &Json, name: &'static str) -> Result<String> {
    answer[name].as_str().map(str::to_owned).ok_or_else(|| {
        Error::new(
            ErrorKind::MalformedAnswer,
            format!("the server's answer has no {name:?}"),
        )
        .with_detail("name", name)
    })
}
