//! Template for `ftrack.api.session.reset`: the session has forgotten everything that it had read.

use ftrack::{Result, Session};

pub(crate) fn register(session: &Session) -> Result<()> {
    let hub = session.event_hub();
    hub.subscribe("topic=ftrack.api.session.reset", |event| {
        let session = event
            .attachment::<Session>("session")
            .ok_or("there is no session in the event")?;
        tracing::info!(target: crate::LOG, server = session.server_url(), "the session was reset");
        Ok(None)
    })?;
    Ok(())
}
