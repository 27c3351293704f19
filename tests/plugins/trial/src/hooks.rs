//! Hooks on values that live in the library.

use ftrack::{ConstructEntityType, Error, ErrorKind, Result, Session, Value};

const USERS: &str = "topic=ftrack.api.session.construct-entity-type and data.schema.id=User";

pub(crate) fn register(session: &Session) -> Result<()> {
    session.event_hub().subscribe(USERS, |event| {
        let user = event
            .attachment::<ConstructEntityType>("entity_type")
            .ok_or("there is no entity type in the event")?;
        user.customise(|user| {
            user.hide("thumbnail_url")?
                .on_read("username", |user, value| {
                    let name = value.as_str().unwrap_or_default().to_uppercase();
                    Ok(Value::from(format!("{name} {}", user.entity_type())))
                })?
                .on_write("email", |_, value| match value.as_str() {
                    Some(text) if !text.contains('@') => Err(Error::new(
                        ErrorKind::Validation,
                        format!("{text:?} is not an address"),
                    )),
                    _ => Ok(value),
                })?
                .on_read("assignments", |_, value| Ok(value))
        })?;
        Ok(None)
    })?;
    Ok(())
}
