//! Hooks on values, across the boundary.

use std::sync::Arc;

use ftrack_entity::{Identity, Key, Value};
use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::message::{Answered, json};
use super::numbered::Numbered;
use crate::customise::Hook;
use crate::{Data, EncodeStrategy, Error, Result, Session};

/// The hooks that the other side knows by number.
pub(super) type Hooks = Numbered<Hook>;

/// What a hook is called with.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HookCall {
    number: u64,
    entity_type: String,
    key: Vec<String>,
    value: ValueMessage,
}

/// A value as JSON text. Empty collections look like other empty lists, so they are told apart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum ValueMessage {
    NotSet,
    Plain(String),
    Collection(String),
}

/// A hook of the other side; `ask` calls it there.
pub(super) fn remote(
    number: u64,
    ask: impl Fn(HookCall) -> Result<serde_json::Value, Fault> + Send + Sync + 'static,
) -> Hook {
    Arc::new(move |entity, value| {
        let identity = entity.identity();
        let parts = identity.key().parts().iter();
        let answer = ask(HookCall {
            number,
            entity_type: identity.entity_type().as_str().to_owned(),
            key: parts.map(ToString::to_string).collect(),
            value: ValueMessage::of(entity.session(), value)?,
        })?;
        let value: ValueMessage = serde_json::from_value(answer).map_err(Fault::malformed)?;
        value.read(entity.session())
    })
}

/// Calls a hook of ours for the other side.
pub(super) fn run(session: &Session, hooks: &Hooks, call: HookCall) -> Answered {
    let hook = hooks.get(call.number);
    let hook = hook.ok_or_else(|| Fault::malformed("there is no such hook"))?;
    let run = || {
        let identity = Identity::new(call.entity_type.as_str(), Key::composite(call.key));
        let entity = session.entity(&identity)?;
        let value = hook(&entity, call.value.read(session)?)?;
        ValueMessage::of(session, value)
    };
    json(run().map_err(|error: Error| Fault::from(error))?)
}

impl ValueMessage {
    pub(super) fn of(session: &Session, value: Value) -> Result<Self> {
        if value.is_not_set() {
            return Ok(Self::NotSet);
        }
        let is_collection = value.as_collection().is_some();
        let text = session.encode(Data::Value(value), EncodeStrategy::SetOnly)?;
        Ok(if is_collection {
            Self::Collection(text)
        } else {
            Self::Plain(text)
        })
    }

    pub(super) fn read(self, session: &Session) -> Result<Value> {
        match self {
            Self::NotSet => Ok(Value::NotSet),
            Self::Collection(text) => {
                let members = session.decode(&text)?.entities();
                let identities = members.iter().map(|member| member.identity().clone());
                Ok(Value::Collection(identities.collect()))
            }
            Self::Plain(text) => match session.decode(&text)? {
                Data::Value(value) => Ok(value),
                Data::Entity(entity) => Ok(Value::from(entity)),
                Data::List(_) | Data::Map(_) => {
                    let json: serde_json::Value =
                        serde_json::from_str(&text).map_err(Fault::malformed)?;
                    Ok(Value::from(json))
                }
            },
        }
    }
}
