//! Requests as JSON.

use super::{Action, Payload};
use crate::json_text::JsonText;
use crate::schema::Schema;

/// A request that is not part of a unit of work.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Request {
    /// `query` with its text.
    Query(String),
    /// Any request, as JSON.
    Json(serde_json::Value),
}

/// About what a request takes, in bytes.
const REQUEST: usize = 256;

/// The body for `requests`: a JSON array.
pub fn encode_requests(requests: &[Request]) -> Vec<u8> {
    let schema = Schema::default();
    let mut body = JsonText::with_capacity(&schema, requests.len() * REQUEST);
    body.open_list();
    for request in requests {
        body.item();
        match request {
            Request::Query(text) => {
                body.open_object();
                body.name("action");
                body.text("query");
                body.name("expression");
                body.text(text);
                body.close_object();
            }
            Request::Json(value) => body.json(value),
        }
    }
    body.close_list();
    body.into_bytes()
}

pub(super) fn payloads(payloads: &[Payload], schema: &Schema) -> Vec<u8> {
    let mut body = JsonText::with_capacity(schema, payloads.len() * 2 * REQUEST);
    body.open_list();
    for payload in payloads {
        body.item();
        request(&mut body, payload);
    }
    body.close_list();
    body.into_bytes()
}

fn request(body: &mut JsonText<'_>, payload: &Payload) {
    let identity = payload.record.identity();
    body.open_object();
    body.name("action");
    body.text(payload.action.as_str());
    if payload.action != Action::Delete {
        body.name("entity_data");
        data(body, payload);
    }
    body.name("entity_key");
    body.open_list();
    for part in identity.key().parts() {
        body.item();
        body.text(&part.to_text());
    }
    body.close_list();
    body.name("entity_type");
    body.text(identity.entity_type().as_str());
    body.close_object();
}

fn data(body: &mut JsonText<'_>, payload: &Payload) {
    let entity_type = payload.record.entity_type();
    let identity = payload.record.identity();
    body.open_object();
    body.name("__entity_type__");
    body.text(identity.entity_type().as_str());
    if payload.action == Action::Create {
        body.key(identity, entity_type);
    }
    for (position, value) in &payload.data {
        body.attribute(entity_type, *position, value);
    }
    body.close_object();
}
