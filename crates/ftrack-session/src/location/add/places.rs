//! Places that two components would share.

use ftrack_entity::Identity;
use ftrack_query::{Query, attr};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use super::addition::{Addition, Entry};
use crate::entity::Entity;
use crate::error::Error;
use crate::error::Result;
use crate::location::LocationKind;
use crate::location::collect::has_members;
use crate::location::naming::described;

/// How many resource identifiers one query names at the most: they are long.
const LARGEST_QUERY: usize = 500;

/// Somebody who has a place.
#[derive(Debug, Deserialize)]
struct Holder {
    component_id: String,
    resource_identifier: Option<String>,
}

impl Addition<'_> {
    /// Refuses places that two components would share: two of those that are added, or one of them and another that is
    /// in the location already. Nothing was copied yet.
    #[track_caller]
    pub(super) fn check_places(&self, entries: &[Entry]) -> Result<()> {
        if !self.kind.manages_data() {
            return Ok(());
        }
        self.check_distinct(entries)?;
        // Of the server, ids are the places; of a location in memory, the server knows nothing.
        if self.kind == LocationKind::Server || self.kind.is_in_memory() {
            return Ok(());
        }
        let new = self.new_places(entries)?;
        let stored: Vec<&str> = new.keys().map(String::as_str).collect();
        for stored in stored.chunks(LARGEST_QUERY) {
            for holder in self.holders(stored)? {
                let Some(stored) = &holder.resource_identifier else {
                    continue;
                };
                let Some(entry) = new.get(stored.as_str()) else {
                    continue;
                };
                if holder.component_id != entry.component.id() {
                    return Err(self.taken_by(entry, &holder.component_id));
                }
            }
        }
        Ok(())
    }

    fn check_distinct(&self, entries: &[Entry]) -> Result<()> {
        let mut targets: FxHashMap<&str, &Entity> = FxHashMap::default();
        for entry in entries
            .iter()
            .filter(|entry| !has_members(&entry.component))
        {
            let Some(other) = targets.insert(&entry.identifier, &entry.component) else {
                continue;
            };
            let message = format!(
                "{} and {} would both be {:?} in {:?}",
                described(other),
                described(&entry.component),
                entry.identifier,
                self.location
            );
            let error = self.failure(message, Vec::new());
            return Err(error
                .with_detail("component", entry.component.id())
                .with_detail("other", other.id())
                .with_detail("resource_identifier", entry.identifier.as_str()));
        }
        Ok(())
    }

    /// The entries whose places may be those of others, by what would be stored for them. Frames go with their
    /// sequence, and a place that is made of an id is nobody else's.
    fn new_places<'e>(&self, entries: &'e [Entry]) -> Result<FxHashMap<String, &'e Entry>> {
        let sequences: FxHashSet<&Identity> = entries
            .iter()
            .filter(|entry| entry.component.entity_type() == "SequenceComponent")
            .map(|entry| entry.component.identity())
            .collect();
        let mut places = FxHashMap::default();
        for entry in entries.iter().filter(|entry| entry.registration.is_none()) {
            // What may be replaced is looked at frame by frame: of a sequence with another padding, the pattern differs
            // and frames do not.
            let goes_along = !self.options.replace && is_frame_of(&entry.component, &sequences);
            if goes_along || is_made_of_id(entry) {
                continue;
            }
            let stored = self.location.encoded(&entry.component, &entry.identifier)?;
            places.insert(stored, entry);
        }
        Ok(places)
    }

    /// Who has these places in the location.
    #[track_caller]
    fn holders(&self, stored: &[&str]) -> Result<Vec<Holder>> {
        if stored.is_empty() {
            return Ok(Vec::new());
        }
        let is_here = attr("location_id").is(self.location.id());
        let query = Query::from("ComponentLocation")
            .select(["component_id", "resource_identifier"])
            .filter(is_here.and(attr("resource_identifier").is_in(stored)))
            .build()?;
        self.session().query(&query).records::<Holder>().collect()
    }

    fn taken_by(&self, entry: &Entry, other: &str) -> Error {
        let message = format!(
            "{} cannot be {:?} in {:?}, which is where {} is; give one of them another name, or the location a structure \
             that tells their names apart",
            described(&entry.component),
            entry.identifier,
            self.location,
            self.described_by_id(other),
        );
        self.failure(message, Vec::new())
            .with_detail("component", entry.component.id())
            .with_detail("other", other)
            .with_detail("resource_identifier", entry.identifier.as_str())
    }

    fn described_by_id(&self, id: &str) -> String {
        let query = Query::from("Component").filter(attr("id").is(id));
        match self.session().query(query).first() {
            Ok(Some(component)) => described(&component),
            // Whoever asks has an error to tell already.
            _ => format!("the component {id}"),
        }
    }

    /// Whose the place is at which there was something already, in words.
    pub(super) fn taken(&self, entries: &[Entry], identifier: &str) -> Option<String> {
        let entry = entries
            .iter()
            .find(|entry| entry.identifier == identifier)?;
        let stored = self.location.encoded(&entry.component, identifier).ok()?;
        let holders = self.holders(&[&stored]).ok()?;
        let id = entry.component.id();
        let other = holders.iter().find(|holder| holder.component_id != id);
        Some(match other {
            Some(other) => format!(
                "{identifier:?} is where {} is",
                self.described_by_id(&other.component_id)
            ),
            None => format!(
                "there is something at {identifier:?} that no component is registered for; remove it, or replace it"
            ),
        })
    }
}

fn is_frame_of(component: &Entity, sequences: &FxHashSet<&Identity>) -> bool {
    let Some(position) = component.definition().position("container") else {
        return false;
    };
    let container = component.record().value(position);
    container
        .as_reference()
        .is_some_and(|container| sequences.contains(container))
}

fn is_made_of_id(entry: &Entry) -> bool {
    entry
        .identifier
        .replace('/', "")
        .contains(&entry.component.id())
}
