//! Changes of entity types, and hooks.

use serde::{Deserialize, Serialize};

/// A change of an entity type; hooks go by a number.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum ChangeMessage {
    DefaultProjections(Vec<String>),
    Hide(String),
    Alias { alias: String, attribute: String },
    Mutable { attribute: String, mutable: bool },
    OnRead { attribute: String, hook: u64 },
    OnWrite { attribute: String, hook: u64 },
}

/// What a hook is called with.
#[derive(Debug, Serialize, Deserialize)]
pub struct HookCall {
    pub number: u64,
    pub entity_type: String,
    pub key: Vec<String>,
    pub value: ValueMessage,
}

/// A value as JSON text. Empty collections look like other empty lists, so they are told apart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum ValueMessage {
    NotSet,
    Plain(String),
    Collection(String),
}
