//! Values, across the boundary.

use ftrack_entity::Value;
use ftrack_plugin_abi::message::ValueMessage;
use ftrack_session::{Data, EncodeStrategy, Result, Session};

use crate::error::RemoteError;

/// The value as a message.
pub(crate) fn write(session: &Session, value: Value) -> Result<ValueMessage> {
    if value.is_not_set() {
        return Ok(ValueMessage::NotSet);
    }
    let is_collection = value.as_collection().is_some();
    let text = session.encode(Data::Value(value), EncodeStrategy::SetOnly)?;
    Ok(if is_collection {
        ValueMessage::Collection(text)
    } else {
        ValueMessage::Plain(text)
    })
}

/// The value that the message tells of.
pub(crate) fn read(message: ValueMessage, session: &Session) -> Result<Value> {
    match message {
        ValueMessage::NotSet => Ok(Value::NotSet),
        ValueMessage::Collection(text) => {
            let members = session.decode(&text)?.entities();
            let identities = members.iter().map(|member| member.identity().clone());
            Ok(Value::Collection(identities.collect()))
        }
        ValueMessage::Plain(text) => match session.decode(&text)? {
            Data::Value(value) => Ok(value),
            Data::Entity(entity) => Ok(Value::from(entity)),
            _ => {
                let json: serde_json::Value =
                    serde_json::from_str(&text).map_err(RemoteError::malformed)?;
                Ok(Value::from(json))
            }
        },
    }
}
