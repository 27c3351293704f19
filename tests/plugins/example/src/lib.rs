//! An example of a plugin in a shared library, with a template for each event of a session.
//!
//! Take what you need: each module subscribes to one event. The crate is a `cdylib`; built and put into a folder that
//! `FTRACK_EVENT_PLUGIN_PATH` names, it is found by every session that starts. See the page "Plugins" of the
//! documentation.
#![forbid(unsafe_code)]

mod component_added;
mod component_removed;
mod configure_location;
mod construct_entity_type;
mod file_type;
mod ready;
mod reset;
mod storage_scenario;
mod update;

use ftrack::{Plugin, PluginArguments, Result, Session, export_plugin};

/// What the plugin's lines in the log are found by.
const LOG: &str = "com.example.example-plugin";

struct Example;

impl Plugin for Example {
    fn argument_names(&self) -> &[&str] {
        &["greeting", "root"]
    }

    fn register(&self, session: &Session, arguments: &PluginArguments) -> Result<()> {
        let greeting: String = arguments.get_or("greeting", "hello".to_owned())?;
        construct_entity_type::register(session)?;
        ready::register(session, greeting)?;
        reset::register(session)?;
        if let Some(root) = arguments.get("root")? {
            configure_location::register(session, root)?;
        }
        file_type::register(session)?;
        storage_scenario::register(session)?;
        component_added::register(session)?;
        component_removed::register(session)?;
        update::register(session)?;
        tracing::debug!(target: LOG, "plugin registered");
        Ok(())
    }
}

export_plugin!(Example);
