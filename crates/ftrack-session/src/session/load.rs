//! Loading what is asked for and not known.

use std::sync::Arc;

use ftrack_entity::{
    Arrival, Attribute, AttributeKind, EntityState, EntityType, Expected, Key, Record, Request,
};
use ftrack_query::{Query, Split};
use parking_lot::{Condvar, Mutex};
use rustc_hash::FxHashSet;

use super::Session;
use super::call::{Purpose, accepted};
use crate::{Entity, Error, ErrorKind, FetchPolicy, Result};

/// How many entities one request loads at the most: their ids are part of its text.
const LARGEST_LOAD: usize = 500;

/// What is being loaded at the moment, so that threads that want the same wait for it instead of asking again.
#[derive(Debug, Default)]
pub(super) struct Loads {
    under_way: Mutex<FxHashSet<(usize, u16)>>,
    finished: Condvar,
}

/// The loading of one attribute for one group of records; the next may begin when this is dropped.
struct Load<'a> {
    loads: &'a Loads,
    group: (usize, u16),
}

impl Loads {
    /// Begins a load, after any that is under way for the same group.
    fn begin(&self, group: (usize, u16)) -> Load<'_> {
        let mut under_way = self.under_way.lock();
        while !under_way.insert(group) {
            self.finished.wait(&mut under_way);
        }
        Load { loads: self, group }
    }
}

impl Drop for Load<'_> {
    fn drop(&mut self) {
        self.loads.under_way.lock().remove(&self.group);
        self.loads.finished.notify_all();
    }
}

impl Session {
    /// Loads the attribute at `position` for `record`, as `policy` says; `rest` is what follows it in a path
    /// that is being read, and is loaded along with it.
    #[track_caller]
    pub(crate) fn load(
        &self,
        record: &Arc<Record>,
        position: u16,
        rest: Option<&str>,
        policy: FetchPolicy,
    ) -> Result<Arrival> {
        let entity_type = record.entity_type();
        let attribute = &entity_type.attributes()[usize::from(position)];
        if self.state_of(record.identity()) == Some(EntityState::Created) {
            return Ok(Arrival::default());
        }
        match policy {
            FetchPolicy::Off => return Ok(Arrival::default()),
            FetchPolicy::Deny => return Err(denied(entity_type, attribute, rest)),
            FetchPolicy::Siblings | FetchPolicy::Single => {}
        }
        let purpose = Purpose::of("load");
        let siblings = record
            .siblings()
            .filter(|_| policy == FetchPolicy::Siblings && !attribute.is_collection());
        let group = siblings
            .as_ref()
            .map_or(Arc::as_ptr(record).addr(), |set| Arc::as_ptr(set).addr());
        let _load = self.unit.loads.begin((group, position));
        if !record.read(position, ftrack_entity::Value::is_not_set) {
            return Ok(Arrival::default());
        }
        let mut keys = vec![record.identity().key().clone()];
        if let Some(siblings) = siblings {
            keys.extend(self.lacking(&siblings.records(), record, position));
        }
        let projections = self.projections(attribute, rest);
        if rest.is_some() {
            self.check_paths(entity_type, &projections)?;
        }
        self.fetch(entity_type, &projections, &keys, purpose)
    }

    /// Refuses paths through attributes that there are not: the server would refuse them too, in its own words.
    fn check_paths(&self, entity_type: &EntityType, paths: &[String]) -> Result<()> {
        let query = Query::from(entity_type.name().as_str())
            .select(paths.iter().map(String::as_str))
            .build()?;
        match query.check(self.schema()).into_iter().next() {
            Some(fault) => Err(Error::new(ErrorKind::UnknownAttribute, fault.to_string())
                .with_detail("path", paths.join(", "))),
            None => Ok(()),
        }
    }

    /// The keys of `siblings` that lack the attribute as `record` does, up to the largest load.
    fn lacking(&self, siblings: &[Arc<Record>], record: &Arc<Record>, position: u16) -> Vec<Key> {
        let log = self.unit.log.lock();
        siblings
            .iter()
            .filter(|sibling| !Arc::ptr_eq(sibling, record))
            .filter(|sibling| sibling.read(position, ftrack_entity::Value::is_not_set))
            .filter(|sibling| {
                !matches!(
                    log.state(sibling.identity()),
                    Some(EntityState::Created | EntityState::Deleted)
                )
            })
            .map(|sibling| sibling.identity().key().clone())
            .take(LARGEST_LOAD - 1)
            .collect()
    }

    /// What to ask for so that `attribute` is known: a reference comes with the default projections of its target.
    pub(crate) fn projections(&self, attribute: &Attribute, rest: Option<&str>) -> Vec<String> {
        let name = attribute.name();
        if let Some(rest) = rest {
            return vec![format!("{name}.{rest}")];
        }
        let target = attribute
            .target()
            .and_then(|target| self.schema().by_name(target));
        if let (AttributeKind::MappedCollection(_), Some(target)) = (attribute.kind(), target) {
            return mapped_projections(name, target);
        }
        let target = target.filter(|_| !attribute.is_collection());
        match target.map(|target| target.default_projections()) {
            Some(projections) if !projections.is_empty() => projections
                .iter()
                .map(|projection| format!("{name}.{projection}"))
                .collect(),
            _ => vec![name.to_owned()],
        }
    }

    /// Loads `projections`, which may be dotted paths, for all `entities`, in as few requests as their number allows
    /// (product documentation, "Working with entities", Populating entities). Values that were set and not committed
    /// survive; entities that were created and not committed are skipped.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// let users = session.query("User").all()?;
    /// session.populate(&users, ["first_name", "last_name"])?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of a query.
    #[track_caller]
    pub fn populate<P: AsRef<str>>(
        &self,
        entities: &[Entity],
        projections: impl IntoIterator<Item = P>,
    ) -> Result<()> {
        let purpose = Purpose::of("populate");
        let projections: Vec<String> = projections
            .into_iter()
            .map(|path| path.as_ref().to_owned())
            .collect();
        if projections.is_empty() {
            return Ok(());
        }
        let mut groups: Vec<(&Arc<EntityType>, Vec<Key>)> = Vec::new();
        for entity in entities
            .iter()
            .filter(|entity| entity.state() != Some(EntityState::Created))
        {
            let key = entity.identity().key().clone();
            let entity_type = entity.definition();
            match groups
                .iter_mut()
                .find(|(known, _)| known.name() == entity_type.name())
            {
                Some((_, keys)) => keys.push(key),
                None => groups.push((entity_type, vec![key])),
            }
        }
        for (entity_type, keys) in groups {
            for keys in keys.chunks(LARGEST_LOAD) {
                let arrival = self.fetch(entity_type, &projections, keys, purpose)?;
                for entity in entities {
                    entity.keep(&arrival);
                }
            }
        }
        Ok(())
    }

    fn fetch(
        &self,
        entity_type: &Arc<EntityType>,
        projections: &[String],
        keys: &[Key],
        purpose: Purpose,
    ) -> Result<Arrival> {
        let conditions = crate::query_text::keys_conditions(entity_type, keys);
        let text = format!("{} where {conditions}", entity_type.name());
        let text = Split::of(&text)
            .select(projections)
            .page(0, LARGEST_LOAD as u64);
        let epoch = self.records().epoch();
        let body = self.channel().ask(&[Request::Query(text)], purpose)?;
        let (_, staged) = accepted(&body, self.schema(), &[Expected::Rows(entity_type.name())])?;
        Ok(self.take_over(staged, epoch))
    }
}

/// What makes a map of a list of entities: their keys, and the values along with them.
fn mapped_projections(name: &str, target: &EntityType) -> Vec<String> {
    ["key", "value"]
        .into_iter()
        .filter(|part| target.position(part).is_some())
        .map(|part| format!("{name}.{part}"))
        .collect()
}

fn denied(entity_type: &EntityType, attribute: &Attribute, rest: Option<&str>) -> Error {
    let path = match rest {
        Some(rest) => format!("{}.{rest}", attribute.name()),
        None => attribute.name().to_owned(),
    };
    Error::new(
        ErrorKind::NotLoaded,
        format!(
            "{path:?} of {} is not loaded, and loading on access is denied here; add it to the query's projections",
            entity_type.name()
        ),
    )
    .with_detail("entity_type", entity_type.name().as_str())
    .with_detail("projection", path)
}
