//! Adding components to locations.

mod addition;
mod data;
mod options;
mod places;
mod register;
mod transfer;
mod upload;

pub use self::options::{AddOptions, Source};

use self::addition::Addition;
pub(crate) use self::options::path_text;
use super::Location;
use super::collect::unit_of;
use crate::entity::Entity;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;

impl Location {
    /// Adds a component, with all that it consists of: copies its data here from `source`, unless this location leaves
    /// data alone, and registers it.
    ///
    /// # Errors
    ///
    /// As [`add_components`](Self::add_components).
    #[track_caller]
    pub fn add_component(&self, component: &Entity, source: impl Into<Source>) -> Result<()> {
        self.add_components(
            std::slice::from_ref(component),
            [source],
            &AddOptions::default(),
        )
    }

    /// Adds components: copies their data here, each from its source, or all from one, and registers them (product
    /// documentation, "Locations", Using components with locations).
    ///
    /// Data goes where this location's structure says; nothing that exists there is replaced, unless
    /// [`AddOptions::replace`] says so, and never what belongs to another component. When all of it has
    /// arrived, the unit of work of the components is committed, with everything in it: all components and all that
    /// they consist of are registered by one batch, or none is. What this call copied is removed again if anything
    /// fails, so that it can be called again.
    ///
    /// ```
    /// use ftrack_location::transfer::TransferOptions;
    /// use ftrack_session::{AddOptions, Entity, Location, Result};
    ///
    /// fn bring(plates: &[Entity], from: &Location, to: &Location) -> Result<()> {
    ///     let transfer = TransferOptions::new().progress(|progress| {
    ///         println!("{} of {} files", progress.files, progress.total_files);
    ///     });
    ///     to.add_components(plates, [from], &AddOptions::new().transfer(transfer))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::InvalidArgument`] if there is neither one source nor one for each component, a source is a path
    ///   and this location is not of the kind `Origin`, or the components belong to several units of work;
    ///   [`ErrorKind::EntityType`] if one is not a component,
    ///   [`ErrorKind::InvalidState`] if one was deleted and that is not committed.
    /// - [`ErrorKind::ComponentInLocation`] names those that are here already; nothing was done.
    /// - [`ErrorKind::Location`] if another component has the place of one, which both are named for, with the details
    ///   `component`, `other` and `resource_identifier`; nothing was done. The same kind if a
    ///   structure or an accessor is missing, a resource identifier cannot be made, data
    ///   cannot be copied, or registering failed; the cause is the source. The detail `transferred` lists what was
    ///   copied and is still there, as objects of `component` and `resource_identifier`: usually nothing.
    /// - [`ErrorKind::Cancelled`], with the same details, if the transfer was cancelled.
    /// - Either of them with the detail `resumable` if an upload to the server was interrupted and what was sent is
    ///   kept: the same call goes on with it, see [`UploadOptions`](crate::UploadOptions).
    /// - [`ErrorKind::CommitOutcomeUnknown`] if nobody knows whether the components are registered. Then nothing is
    ///   removed, and the recorded operations are kept.
    #[track_caller]
    pub fn add_components(
        &self,
        components: &[Entity],
        sources: impl IntoIterator<Item = impl Into<Source>>,
        options: &AddOptions,
    ) -> Result<()> {
        let sources: Vec<Source> = sources.into_iter().map(Into::into).collect();
        if sources.len() != 1 && sources.len() != components.len() {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!(
                    "there are {} sources for {} components: give one for all, or one for each",
                    sources.len(),
                    components.len()
                ),
            ));
        }
        if self.structure().is_none() {
            return Err(self.error(format!(
                "no structure is defined for {self:?}; give it one by Location::configure"
            )));
        }
        let Some(session) = unit_of(components)? else {
            return Ok(());
        };
        let location = self.within(session)?;
        Addition::new(location, sources, options)?.run(components)
    }
}
