//! Which rows of a snapshot surely break no rule, so that few of very many are looked at one by one.

use std::hash::{BuildHasher, Hash, Hasher};

use rustc_hash::{FxBuildHasher, FxHashSet};

use super::Batch;
use super::unique::UNIQUE;
use crate::catalog::{Catalog, Slot, TypeId, TypeInfo};
use crate::store::{RowRef, Store};
use crate::value::Value;

/// What tells that a row of a type breaks no rule.
struct Signs<'c, 's> {
    /// What needs a value, unless more is known of the row.
    needed: Vec<Slot>,
    naming: Vec<Naming<'c, 's>>,
    /// What no two rows have together, each under the number of the rule.
    unique: Vec<(usize, Vec<Slot>)>,
    /// Whether there are rules of which this knows nothing.
    is_doubtful: bool,
}

/// What names rows.
struct Naming<'c, 's> {
    slot: Slot,
    /// Where these rows are.
    families: &'c [TypeId],
    /// What was found: many rows name the same.
    found: FxHashSet<&'s Value>,
}

impl Batch<'_> {
    /// The positions of rows that have to be looked at; the others keep all rules.
    pub(super) fn doubtful(&self, rows: &[RowRef]) -> Vec<usize> {
        if self.reader().is_some() {
            return (0..rows.len()).collect();
        }
        let catalog = &*self.catalog;
        let mut signs: Vec<Signs<'_, '_>> = catalog
            .types()
            .iter()
            .map(|info| Signs::new(catalog, info))
            .collect();
        let mut doubtful = Vec::new();
        let mut hashes = Vec::new();
        for (position, row) in rows.iter().enumerate() {
            let signs = signs.get_mut(usize::from(row.type_id.0));
            let values = self.store().table(row.type_id).get(row.row);
            let (Some(signs), Some(values)) = (signs, values) else {
                doubtful.push(position);
                continue;
            };
            if !signs.are_in(self.store(), values) {
                doubtful.push(position);
            }
            hashes.extend(signs.hashes(values).map(|hash| (hash, position)));
        }
        // Rows that have something in common that should be unique, or look like it.
        hashes.sort_unstable();
        for two in hashes.windows(2) {
            if let [(left, first), (right, second)] = two
                && left == right
            {
                doubtful.extend([*first, *second]);
            }
        }
        doubtful.sort_unstable();
        doubtful.dedup();
        doubtful
    }
}

impl<'c, 's> Signs<'c, 's> {
    fn new(catalog: &'c Catalog, info: &'c TypeInfo) -> Self {
        let slot = |name: &&str| catalog.slot(info.id, name);
        let required = info.required.iter();
        let mut needed: Vec<Slot> = required
            .filter_map(|position| info.stored(info.attributes.get(*position)?.name))
            .collect();
        if info.is_seen_by("TypedContext") {
            needed.extend(slot(&"parent_id"));
        }
        let naming = (0..info.slots.len()).map(|slot| Naming {
            slot,
            families: catalog.targets(info.id, slot),
            found: FxHashSet::default(),
        });
        let rules = UNIQUE.iter().enumerate();
        let rules = rules.filter(|(_, (family, _))| info.is_seen_by(family));
        let unique = rules.filter_map(|(number, (_, names))| {
            let slots: Option<Vec<Slot>> = names.iter().map(slot).collect();
            Some((number, slots?))
        });
        Self {
            needed,
            naming: naming
                .filter(|naming| !naming.families.is_empty())
                .collect(),
            unique: unique.collect(),
            is_doubtful: info.is_seen_by("CustomAttributeLink")
                || info.is_seen_by("CustomConfigurationBase"),
        }
    }

    /// Whether a row has what it needs, and names what there is.
    fn are_in(&mut self, store: &Store, values: &'s [Value]) -> bool {
        let value = |slot: Slot| values.get(slot).filter(|value| !value.is_null());
        let exists = |naming: &mut Naming<'_, 's>| match value(naming.slot) {
            None => true,
            Some(id) if naming.found.contains(id) => true,
            Some(id) => {
                let mut families = naming.families.iter();
                families.any(|family| store.find_id(*family, id).is_some())
                    && naming.found.insert(id)
            }
        };
        !self.is_doubtful
            && self.needed.iter().all(|slot| value(*slot).is_some())
            && self.naming.iter_mut().all(exists)
    }

    /// A hash for each rule of what a row has to be the only one with; nothing where it has no such value.
    fn hashes(&self, values: &[Value]) -> impl Iterator<Item = u64> {
        self.unique.iter().filter_map(|(rule, slots)| {
            let mut hasher = FxBuildHasher.build_hasher();
            rule.hash(&mut hasher);
            for slot in slots {
                let value = values.get(*slot).filter(|value| !value.is_null())?;
                value.hash(&mut hasher);
            }
            Some(hasher.finish())
        })
    }
}
