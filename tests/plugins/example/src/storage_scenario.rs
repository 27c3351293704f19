//! Template for `ftrack.storage-scenario.activate`: a storage scenario of the studio's own.

use ftrack::{Result, Session};

const OURS: &str =
    "topic=ftrack.storage-scenario.activate and data.storage_scenario.scenario=studio.example";

pub(crate) fn register(session: &Session) -> Result<()> {
    let hub = session.event_hub();
    hub.subscribe(OURS, |event| {
        let settings = &event.data["storage_scenario"]["data"];
        tracing::info!(target: crate::LOG, %settings, "the scenario is activated");
        Ok(None)
    })?;
    Ok(())
}
