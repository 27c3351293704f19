//! What a library is asked for.

use ftrack_session::Plugin;

/// The plugin that a library exports.
pub trait Exported: 'static {
    /// The name of its package.
    const NAME: &'static str;
    /// The version of its package.
    const VERSION: &'static str;

    /// Makes the plugin, for one session.
    fn plugin() -> Box<dyn Plugin>;
}
