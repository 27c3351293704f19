//! Template for `ftrack.api.session.get-file-type-from-string`: the types of files that have several extensions.

use ftrack::{Result, Session};

/// Types that are more than the last extension.
const TYPES: &[&str] = &[".tar.gz", ".bgeo.sc"];

pub(crate) fn register(session: &Session) -> Result<()> {
    let hub = session.event_hub();
    hub.subscribe(
        "topic=ftrack.api.session.get-file-type-from-string",
        |event| {
            let path = event.data["file_path"].as_str().unwrap_or_default();
            let known = TYPES.iter().find(|known| path.ends_with(**known));
            // Who answers nothing leaves it to the others.
            Ok(known.map(|known| (*known).into()))
        },
    )?;
    Ok(())
}
