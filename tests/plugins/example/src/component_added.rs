//! Template for `ftrack.location.component-added`, which comes from the event server.

use ftrack::{Result, Session};

pub(crate) fn register(session: &Session) -> Result<()> {
    let hub = session.event_hub();
    hub.subscribe("topic=ftrack.location.component-added", |event| {
        let component = event.data["component_id"].as_str().unwrap_or_default();
        let location = event.data["location_id"].as_str().unwrap_or_default();
        tracing::info!(target: crate::LOG, component, location, "component added");
        Ok(None)
    })?;
    Ok(())
}
