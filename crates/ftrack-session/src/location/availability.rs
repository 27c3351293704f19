//! How much of a component is where.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Location;
use super::collect::{check_component, has_members};
use super::links;
use crate::entity::Entity;
use crate::error::Result;
use crate::session::Session;

/// How much of a component there is in each location: percentages by the ids of the locations.
pub type Availability = BTreeMap<String, f64>;

impl Session {
    /// How much of the component there is in each of the locations, or in all that the server has.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, sequence: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// for (location_id, percentage) in session.component_availability(sequence, None)? {
    ///     println!("{location_id}: {percentage} %");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`component_availabilities`](Self::component_availabilities).
    #[track_caller]
    #[doc(alias = "get_component_availability")]
    pub fn component_availability(
        &self,
        component: &Entity,
        locations: Option<&[Location]>,
    ) -> Result<Availability> {
        let mut all = self.component_availabilities(std::slice::from_ref(component), locations)?;
        Ok(all.pop().unwrap_or_default())
    }

    /// How much of each of the components there is in each of the locations, or in all that the server has (product
    /// documentation, "Locations", Obtaining component availability).
    ///
    /// A file is there, 100, or not, 0. A component that consists of others is as available as these are on average;
    /// one without any is like a file. The server is asked each time. It does not know what is in locations of the
    /// kinds `Memory` and `Origin`, so nothing ever is available there.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::EntityType`](crate::ErrorKind::EntityType) if one of the entities is not a component, and the
    /// errors of a query.
    #[track_caller]
    #[doc(alias = "get_component_availabilities")]
    pub fn component_availabilities(
        &self,
        components: &[Entity],
        locations: Option<&[Location]>,
    ) -> Result<Vec<Availability>> {
        let ids: Vec<String> = match locations {
            Some(locations) => locations.iter().map(Location::id).collect(),
            None => self.locations()?.iter().map(Location::id).collect(),
        };
        for component in components {
            check_component(component)?;
        }
        if components.is_empty() || ids.is_empty() {
            return Ok(vec![
                ids.into_iter().map(|id| (id, 0.0)).collect();
                components.len()
            ]);
        }
        let tree = Tree::load(self, components)?;
        let mut places: FxHashMap<String, FxHashSet<String>> = FxHashMap::default();
        for link in links::find(self, "component_id, location_id", "", &tree.leaves)? {
            places
                .entry(link.component_id)
                .or_default()
                .insert(link.location_id);
        }
        Ok(components
            .iter()
            .map(|component| {
                let in_location = |location: &String| {
                    let percentage = tree.availability(component, location, &places);
                    // Sums of fractions miss round numbers by a little.
                    let rounded = (percentage * 1e9).round() / 1e9;
                    (location.clone(), rounded.clamp(0.0, 100.0))
                };
                ids.iter().map(in_location).collect()
            })
            .collect())
    }
}

impl Location {
    /// How much of the component there is in this location: a percentage.
    ///
    /// # Errors
    ///
    /// As [`Session::component_availabilities`].
    #[track_caller]
    #[doc(alias = "get_component_availability")]
    pub fn component_availability(&self, component: &Entity) -> Result<f64> {
        let mut all = self.component_availabilities(std::slice::from_ref(component))?;
        Ok(all.pop().unwrap_or_default())
    }

    /// How much of each of the components there is in this location: percentages in the order of the components.
    ///
    /// # Errors
    ///
    /// As [`Session::component_availabilities`].
    #[track_caller]
    #[doc(alias = "get_component_availabilities")]
    pub fn component_availabilities(&self, components: &[Entity]) -> Result<Vec<f64>> {
        let all = self
            .session()
            .component_availabilities(components, Some(std::slice::from_ref(self)))?;
        let id = self.id();
        Ok(all
            .iter()
            .map(|availability| availability.get(&id).copied().unwrap_or_default())
            .collect())
    }
}

/// Components, and those that they consist of.
struct Tree {
    members: FxHashMap<String, Vec<Entity>>,
    /// Those that consist of no others.
    leaves: Vec<Entity>,
}

impl Tree {
    #[track_caller]
    fn load(session: &Session, components: &[Entity]) -> Result<Self> {
        let mut tree = Self {
            members: FxHashMap::default(),
            leaves: Vec::new(),
        };
        let mut level = components.to_vec();
        let mut known = FxHashSet::default();
        while !level.is_empty() {
            level.retain(|component| known.insert(component.identity().clone()));
            let (containers, files): (Vec<_>, Vec<_>) = level.into_iter().partition(has_members);
            tree.leaves.extend(files);
            session.populate(&containers, ["members"])?;
            level = Vec::new();
            for container in containers {
                let members = container.collection("members")?.entities()?;
                if members.is_empty() {
                    tree.leaves.push(container);
                } else {
                    level.extend(members.iter().cloned());
                    tree.members.insert(container.id(), members);
                }
            }
        }
        Ok(tree)
    }

    /// Goes through what the component consists of with a list of what is to be done, since components may lie in one
    /// another as deep as they like. What contains itself counts as not there.
    fn availability(
        &self,
        component: &Entity,
        location: &str,
        places: &FxHashMap<String, FxHashSet<String>>,
    ) -> f64 {
        let mut known: FxHashMap<String, f64> = FxHashMap::default();
        let mut steps = vec![component.id()];
        while let Some(id) = steps.last().cloned() {
            let members = self.members.get(&id).map(Vec::as_slice);
            let unknown: Vec<String> = members
                .unwrap_or_default()
                .iter()
                .map(Entity::id)
                .filter(|member| !known.contains_key(member))
                .collect();
            let is_first_visit = !known.contains_key(&id);
            if is_first_visit && !unknown.is_empty() {
                known.insert(id, 0.0);
                steps.extend(unknown);
                continue;
            }
            steps.pop();
            let availability = if let Some(members) = members {
                average(members.iter().map(|member| known.get(&member.id())))
            } else {
                let is_there = |places: &FxHashSet<String>| places.contains(location);
                if places.get(&id).is_some_and(is_there) {
                    100.0
                } else {
                    0.0
                }
            };
            known.insert(id, availability);
        }
        known.get(&component.id()).copied().unwrap_or_default()
    }
}

fn average<'a>(values: impl ExactSizeIterator<Item = Option<&'a f64>>) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "there are far fewer members than numbers that an f64 holds"
    )]
    let count = values.len() as f64;
    values.flatten().sum::<f64>() / count
}
