//! Template for `ftrack.api.session.construct-entity-type`: what an entity type is like.

use ftrack::{ConstructEntityType, Result, Session};

const USERS: &str = "topic=ftrack.api.session.construct-entity-type and data.schema.id=User";

pub(crate) fn register(session: &Session) -> Result<()> {
    session.event_hub().subscribe(USERS, |event| {
        let user = event
            .attachment::<ConstructEntityType>("entity_type")
            .ok_or("there is no entity type in the event")?;
        user.customise(|user| {
            user.default_projections(["id", "username", "first_name", "last_name"])
                .alias("login", "username")
        })?;
        Ok(None)
    })?;
    Ok(())
}
