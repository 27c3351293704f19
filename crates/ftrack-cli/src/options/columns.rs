//! Which attributes are shown.

use clap::Args;

/// Which attributes are shown.
#[derive(Debug, Default, Args)]
pub(crate) struct Columns {
    /// The attributes to show, such as `name,status,parent.name,custom_attributes[fstart]`.
    ///
    /// Dots follow references. A reference shows the name of what it leads to, and `[KEY]` picks one custom attribute,
    /// or one key of `metadata`.
    #[arg(
        long,
        value_name = "NAME,…",
        value_delimiter = ',',
        help_heading = "Output"
    )]
    pub(crate) columns: Vec<String>,
}
