//! Loading what is asked for and not known.

use std::sync::Arc;

use ftrack_entity::{
    Attribute, AttributeKind, AttributePosition, EntityState, EntityType, Expected, Key,
    MergedRecords, Record, Request, SiblingSet, Value,
};
use ftrack_query::{Query, Split};

use crate::cache::TakenOver;
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::fetch::FetchPolicy;
use crate::metadata_items::{CUSTOM_ATTRIBUTES, METADATA};
use crate::session::{Purpose, Session, accepted};

/// How many entities one request loads at the most: their ids are part of its text.
const LARGEST_LOAD: usize = 500;

/// How many rows of metadata or custom attributes an entity is taken to have, as long as none is known.
const ROWS_OF_MAP: usize = 16;

/// For which entities an attribute is loaded along with the one that asks.
struct LoadGroup {
    keys: Vec<Key>,
    /// Why it is loaded for that one alone, where it is.
    alone: Option<&'static str>,
}

impl Session {
    /// Loads the attribute at `position` for `record`, as `policy` says; `rest` is what follows its name in a path
    /// that is being read, and is loaded along with it.
    #[track_caller]
    pub(crate) fn load(
        &self,
        record: &Arc<Record>,
        position: AttributePosition,
        rest: &str,
        policy: FetchPolicy,
    ) -> Result<MergedRecords> {
        let entity_type = record.entity_type();
        let attribute = &entity_type[position];
        if self.state_of(record.identity()) == Some(EntityState::Created) {
            return Ok(MergedRecords::default());
        }
        match policy {
            FetchPolicy::Off => return Ok(MergedRecords::default()),
            FetchPolicy::Deny => return Err(denied(entity_type, attribute, rest)),
            FetchPolicy::Siblings | FetchPolicy::Single => {}
        }
        let purpose = Purpose::read("load");
        let siblings = record
            .siblings()
            .filter(|_| policy == FetchPolicy::Siblings);
        let group = siblings
            .as_ref()
            .map_or(Arc::as_ptr(record).addr(), |set| Arc::as_ptr(set).addr());
        let load = self.unit.loads.begin((group, position.into()));
        if !record.read(position, Value::is_not_set) {
            return Ok(MergedRecords::default());
        }
        let load_group = self.load_group(record, position, siblings.as_deref(), policy);
        let mut keys = load_group.keys;
        keys.push(record.identity().key().clone());
        let projections = self.paths_to_load(entity_type, attribute, rest)?;
        let purpose = purpose.loading(keys.len(), load_group.alone);
        let taken_over = self.ask_for(entity_type, &projections, &keys, purpose)?;
        self.note_sizes(taken_over.records(), entity_type, position);
        // Others may go on before caches are told, which are code of the caller's.
        drop(load);
        Ok(self.complete(taken_over))
    }

    /// Which siblings lack the attribute too, and have it loaded along with `record`.
    ///
    /// The members of collections are rows that nobody has counted before. So the first collection is loaded alone, and
    /// its siblings' when it is known how large such a collection is: as many at a time as fit into the limit.
    fn load_group(
        &self,
        record: &Arc<Record>,
        position: AttributePosition,
        siblings: Option<&SiblingSet>,
        policy: FetchPolicy,
    ) -> LoadGroup {
        let alone = |reason| LoadGroup {
            keys: Vec::new(),
            alone: Some(reason),
        };
        let Some(siblings) = siblings else {
            return alone(match policy {
                FetchPolicy::Single => "the fetch policy is to load for single entities",
                _ => "no other entity of its type came with it",
            });
        };
        let siblings = siblings.records();
        let attribute = &record.entity_type()[position];
        let mut largest = LARGEST_LOAD;
        if attribute.is_collection() {
            let name = record.entity_type().name();
            let known = self.unit.sizes.lock().get(&(name, position)).copied();
            let expected = match (known, attribute.kind()) {
                (Some(known), _) => known.max(1),
                (None, AttributeKind::MappedCollection(_)) => ROWS_OF_MAP,
                (None, _) => return alone("it is not known yet how large such a collection is"),
            };
            largest = largest.min(self.sibling_rows() / expected);
            if largest < 2 {
                return alone("such collections are larger than the limit of rows for siblings");
            }
        }
        let keys = self.lacking(&siblings, record, position, largest - 1);
        let is_alone = keys.is_empty();
        LoadGroup {
            keys,
            alone: is_alone.then_some("no sibling lacks it"),
        }
    }

    /// Remembers how large collections are that arrived, so that it can be told how many fit into the limit of rows.
    fn note_sizes(
        &self,
        records: &MergedRecords,
        entity_type: &EntityType,
        position: AttributePosition,
    ) {
        if !entity_type[position].is_collection() {
            return;
        }
        let of_type = records.records().iter();
        let of_type = of_type.filter(|record| record.entity_type().name() == entity_type.name());
        let sizes = of_type.filter_map(|record| record.read(position, size));
        if let Some(largest) = sizes.max() {
            let mut known = self.unit.sizes.lock();
            let known = known.entry((entity_type.name(), position)).or_default();
            *known = largest.max(*known);
        }
    }

    /// What to ask for so that what `rest` names behind `attribute` is known. Paths through attributes that there are
    /// not are refused: the server would refuse them too, in its own words. No query can name the keys of metadata and
    /// custom attributes, so what is before them in the path is loaded on its own.
    fn paths_to_load(
        &self,
        entity_type: &EntityType,
        attribute: &Attribute,
        rest: &str,
    ) -> Result<Vec<String>> {
        let projections = self.projections(attribute, rest);
        if rest.is_empty() {
            return Ok(projections);
        }
        let query = Query::from(entity_type.name().as_str())
            .select(projections.iter().map(String::as_str))
            .build()?;
        let Some(fault) = query.check(self.schema()).into_iter().next() else {
            return Ok(projections);
        };
        let maps = [METADATA, CUSTOM_ATTRIBUTES];
        if rest.split('.').any(|step| maps.contains(&step)) {
            return Ok(self.projections(attribute, ""));
        }
        Err(Error::new(ErrorKind::UnknownAttribute, fault.to_string())
            .with_detail("path", projections.join(", ")))
    }

    /// The keys of `siblings` that lack the attribute as `record` does, up to `count`.
    fn lacking(
        &self,
        siblings: &[Arc<Record>],
        record: &Arc<Record>,
        position: AttributePosition,
        count: usize,
    ) -> Vec<Key> {
        let log = self.unit.log.lock();
        siblings
            .iter()
            .filter(|sibling| !Arc::ptr_eq(sibling, record))
            .filter(|sibling| sibling.read(position, Value::is_not_set))
            .filter(|sibling| {
                !matches!(
                    log.state(sibling.identity()),
                    Some(EntityState::Created | EntityState::Deleted)
                )
            })
            .map(|sibling| sibling.identity().key().clone())
            .take(count)
            .collect()
    }

    /// What to ask for so that `attribute` is known, or what `rest` names behind it: a reference comes with the default
    /// projections of its target.
    pub(crate) fn projections(&self, attribute: &Attribute, rest: &str) -> Vec<String> {
        let name = attribute.name();
        if !rest.is_empty() {
            return vec![format!("{name}{rest}")];
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
        let purpose = Purpose::read("populate");
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
                let purpose = purpose.loading(keys.len(), None);
                let taken_over = self.ask_for(entity_type, &projections, keys, purpose)?;
                let records = self.complete(taken_over);
                for entity in entities {
                    entity.keep(&records);
                }
            }
        }
        Ok(())
    }

    /// Asks for `projections` of the entities with these keys, and takes the answer over into the records.
    fn ask_for(
        &self,
        entity_type: &Arc<EntityType>,
        projections: &[String],
        keys: &[Key],
        purpose: Purpose,
    ) -> Result<TakenOver> {
        let conditions = crate::query_text::keys_conditions(entity_type, keys);
        let text = format!("{} where {conditions}", entity_type.name());
        let text = Split::new(&text)
            .select(projections)
            .page(0, LARGEST_LOAD as u64);
        let asked = self.records().begin_request();
        let body = self.channel().ask(&[Request::Query(text)], purpose)?;
        let (_, staged) = accepted(&body, self.schema(), &[Expected::Rows(entity_type.name())])?;
        Ok(self.merge_answer(staged, &asked))
    }
}

/// How many members a collection has, if it is one.
fn size(value: &Value) -> Option<usize> {
    value.as_collection().map(<[_]>::len)
}

/// What makes a map of a list of entities: their keys, and the values along with them.
fn mapped_projections(name: &str, target: &EntityType) -> Vec<String> {
    ["key", "value"]
        .into_iter()
        .filter(|part| target.position(part).is_some())
        .map(|part| format!("{name}.{part}"))
        .collect()
}

fn denied(entity_type: &EntityType, attribute: &Attribute, rest: &str) -> Error {
    let path = format!("{}{rest}", attribute.name());
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
