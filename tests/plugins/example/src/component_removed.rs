//! Template for `ftrack.location.component-removed`, which comes from the event server.

use ftrack::{Result, Session};

pub(crate) fn register(session: &Session) -> Result<()> {
    let hub = session.event_hub();
    hub.subscribe("topic=ftrack.location.component-removed", |event| {
        let component = event.data["component_id"].as_str().unwrap_or_default();
        let location = event.data["location_id"].as_str().unwrap_or_default();
        tracing::info!(target: crate::LOG, component, location, "component removed");
        Ok(None)
    })?;
    Ok(())
}
