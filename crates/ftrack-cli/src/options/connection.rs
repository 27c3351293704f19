//! How to reach a server.

use clap::Args;

/// How to reach a server. The API key is not an option, since others can see what stands on a command line.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Connection {
    /// The address of the server.
    #[arg(long, value_name = "URL", env = "FTRACK_SERVER")]
    pub(crate) server: Option<String>,
    /// The user to connect as; the environment variable `FTRACK_API_KEY` has their key.
    #[arg(long, value_name = "NAME", env = "FTRACK_API_USER")]
    pub(crate) user: Option<String>,
    /// Take what is not said otherwise from this profile, which `ftrack login` writes.
    ///
    /// Defaults to the profile `default`, else to the only one that there is.
    #[arg(long, value_name = "NAME", env = "FTRACK_PROFILE")]
    pub(crate) profile: Option<String>,
}
