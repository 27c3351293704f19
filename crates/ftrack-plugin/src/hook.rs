//! Hooks on values, across the boundary.

use std::sync::Arc;

use ftrack_entity::{Identity, Key};
use ftrack_plugin_abi::message::{HookCall, ValueMessage};
use ftrack_session::extension::Hook;
use ftrack_session::{Error, Session};

use crate::error::RemoteError;
use crate::link::{Answered, json};
use crate::numbered::Numbered;
use crate::value;

/// The hooks that the other side knows by number.
pub(crate) type Hooks = Numbered<Hook>;

/// A hook of the other side; `ask` calls it there.
pub(crate) fn remote(
    number: u64,
    ask: impl Fn(HookCall) -> Result<serde_json::Value, RemoteError> + Send + Sync + 'static,
) -> Hook {
    Arc::new(move |entity, before| {
        let identity = entity.identity();
        let parts = identity.key().parts().iter();
        let answer = ask(HookCall {
            number,
            entity_type: identity.entity_type().as_str().to_owned(),
            key: parts.map(ToString::to_string).collect(),
            value: value::write(entity.session(), before)?,
        })?;
        let after: ValueMessage = serde_json::from_value(answer).map_err(RemoteError::malformed)?;
        value::read(after, entity.session())
    })
}

/// Calls a hook of ours for the other side.
pub(crate) fn run(session: &Session, hooks: &Hooks, call: HookCall) -> Answered {
    let hook = hooks.get(call.number);
    let hook = hook.ok_or_else(|| RemoteError::malformed("there is no such hook"))?;
    let run = || {
        let identity = Identity::new(call.entity_type.as_str(), Key::composite(call.key));
        let entity = session.entity(&identity)?;
        let after = hook(&entity, value::read(call.value, session)?)?;
        value::write(session, after)
    };
    json(run().map_err(|error: Error| RemoteError::from(error))?)
}
