//! Template for `ftrack.api.session.ready`: the session has started. Everything waits for this handler, so it had
//! better be quick.

use ftrack::{Result, Session};

pub(crate) fn register(session: &Session, greeting: String) -> Result<()> {
    let hub = session.event_hub();
    hub.subscribe("topic=ftrack.api.session.ready", move |event| {
        let session = event
            .attachment::<Session>("session")
            .ok_or("there is no session in the event")?;
        tracing::info!(target: crate::LOG, user = session.api_user(), "{greeting}");
        Ok(None)
    })?;
    Ok(())
}
