//! Template for `ftrack.api.session.configure-location`: how the locations of the studio are used.

use ftrack::location::{DiskAccessor, StandardStructure};
use ftrack::{LocationConfiguration, Result, Session};

/// Configures the location `studio.projects`, if the server has one, as the folder `root`.
pub(crate) fn register(session: &Session, root: String) -> Result<()> {
    let hub = session.event_hub();
    hub.subscribe(
        "topic=ftrack.api.session.configure-location",
        move |event| {
            let session = event
                .attachment::<Session>("session")
                .ok_or("there is no session in the event")?;
            let Ok(location) = session.location("studio.projects") else {
                return Ok(None);
            };
            location.configure(
                LocationConfiguration::new()
                    .accessor(DiskAccessor::new(&root)?)
                    .structure(StandardStructure::new())
                    .priority(30),
            );
            Ok(None)
        },
    )?;
    Ok(())
}
