//! Finding locations.

use ftrack_query::{Query, attr};

use super::Location;
use super::builtin::BUILTINS;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::session::Session;

impl Session {
    /// The location of this name or id. The built-in ones, such as `ftrack.server`, are known without a request.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// let server = session.location("ftrack.server")?;
    /// let origin = session.location(ftrack_session::symbol::ORIGIN_LOCATION_ID)?;
    /// let london = session.location("studio.london")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if the server has none, and the errors of a query.
    #[track_caller]
    pub fn location(&self, name_or_id: &str) -> Result<Location> {
        let builtin = BUILTINS
            .iter()
            .find(|builtin| [builtin.id, builtin.name].contains(&name_or_id));
        if let Some(builtin) = builtin {
            let entity = builtin.entity(self)?;
            return Ok(Location { entity });
        }
        let wanted = attr("name").is(name_or_id).or(attr("id").is(name_or_id));
        let query = Query::from("Location").select(["name"]).filter(wanted);
        let entity = self.query(query).first()?.ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                format!("the server has no location {name_or_id:?}"),
            )
            .with_detail("location", name_or_id)
        })?;
        Ok(Location { entity })
    }

    /// The location of this name, which is made if the server has none. That is committed by itself: nothing else that
    /// is recorded goes along.
    ///
    /// ```
    /// use ftrack_location::{DiskAccessor, StandardStructure};
    ///
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// let london = session.ensure_location("studio.london")?;
    /// london.set_accessor(DiskAccessor::new("/mnt/london")?);
    /// london.set_structure(StandardStructure::new());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`ensure`](Self::ensure); [`ErrorKind::PermissionDenied`] if the user may not make locations.
    #[track_caller]
    pub fn ensure_location(&self, name: &str) -> Result<Location> {
        if let Some(builtin) = BUILTINS.iter().find(|builtin| builtin.name == name) {
            let entity = builtin.entity(self)?;
            return Ok(Location { entity });
        }
        let made = self
            .begin()
            .ensure("Location", crate::values! { "name": name }, &[])?;
        let entity = self.attach(&made)?;
        Ok(Location { entity })
    }

    /// All locations that the server has, configured or not.
    ///
    /// # Errors
    ///
    /// The errors of a query.
    #[track_caller]
    pub fn locations(&self) -> Result<Vec<Location>> {
        let entities = self.query("select name from Location").all()?;
        Ok(entities
            .into_iter()
            .map(|entity| Location { entity })
            .collect())
    }
}
