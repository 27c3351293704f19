//! Picking locations by priority.

use ftrack_entity::{EntityState, Identity};

use super::Location;
use crate::entity::Entity;
use crate::error::Result;
use crate::session::Session;

impl Session {
    /// The location that new components go to by default: of those that have an accessor, the one of the
    /// highest priority, which is the lowest number. Needs no request.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnrecognisedEntityType`](crate::ErrorKind::UnrecognisedEntityType) if the server has no locations.
    pub fn pick_location(&self) -> Result<Option<Location>> {
        let mut candidates = self.accessible_locations()?;
        Ok((!candidates.is_empty()).then(|| candidates.swap_remove(0)))
    }

    /// The location that the component is best taken from: of those that have an accessor and at least a part of it,
    /// the one of the highest priority.
    ///
    /// # Errors
    ///
    /// As [`pick_locations`](Self::pick_locations).
    #[track_caller]
    pub fn pick_location_for(&self, component: &Entity) -> Result<Option<Location>> {
        let mut picked = self.pick_locations(std::slice::from_ref(component))?;
        Ok(picked.pop().flatten())
    }

    /// For each of the components the location that it is best taken from: of those that have an accessor and at least
    /// a part of it, the one of the highest priority.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, components: &[ftrack_session::Entity]) -> ftrack_session::Result<()> {
    /// for (component, location) in components.iter().zip(session.pick_locations(components)?) {
    ///     match location {
    ///         Some(location) => println!("{}", location.filesystem_path(component)?.display()),
    ///         None => println!("{component:?} is nowhere that can be reached"),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`component_availabilities`](Self::component_availabilities).
    #[track_caller]
    pub fn pick_locations(&self, components: &[Entity]) -> Result<Vec<Option<Location>>> {
        let candidates = self.accessible_locations()?;
        let availabilities = self.component_availabilities(components, Some(&candidates))?;
        let best = |availability: &super::Availability| {
            candidates
                .iter()
                .find(|candidate| {
                    availability
                        .get(&candidate.id())
                        .is_some_and(|percentage| *percentage > 0.0)
                })
                .cloned()
        };
        Ok(availabilities.iter().map(best).collect())
    }

    /// The locations that have an accessor, by priority. Those that the server has not heard of yet, or that are about
    /// to go, are none.
    fn accessible_locations(&self) -> Result<Vec<Location>> {
        let mut locations = Vec::new();
        for id in self.location_registry().accessible() {
            let entity = self.entity(&Identity::new("Location", id.as_str()))?;
            if !matches!(
                entity.state(),
                Some(EntityState::Created | EntityState::Deleted)
            ) {
                locations.push(Location { entity });
            }
        }
        Ok(locations)
    }
}
