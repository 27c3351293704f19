//! Template for `ftrack.update`, which the server publishes after each commit of anybody.

use ftrack::{Result, Session};

pub(crate) fn register(session: &Session) -> Result<()> {
    let hub = session.event_hub();
    hub.subscribe("topic=ftrack.update", |event| {
        for entity in event.data["entities"].as_array().into_iter().flatten() {
            let entity_type = entity["entity_type"].as_str().unwrap_or_default();
            let action = entity["action"].as_str().unwrap_or_default();
            tracing::debug!(target: crate::LOG, entity_type, action, "something changed");
        }
        Ok(None)
    })?;
    Ok(())
}
