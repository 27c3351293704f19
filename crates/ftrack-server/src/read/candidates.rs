//! Finding the rows worth looking at, so that a condition on an indexed attribute scans no table.

use std::borrow::Cow;

use super::condition::Condition;
use super::lists::{Candidates, List};
use super::{Handle, Hop, View};
use crate::catalog::{AttributeInfo, Catalog, Members, NameId, Slot, Source, TypeId, TypeInfo};
use crate::store::{Index, Key, RowList};
use crate::text::Case;
use crate::value::Value;

/// More related rows than this are not worth following backwards.
pub(super) const FOLLOW_LIMIT: usize = 4096;

/// How much more a row costs that has to be put in order first, compared with one from an index.
const COLLECTING_COST: usize = 16;

/// What an index finds.
enum Found<'a> {
    /// Entities by their primary keys.
    ByKey(Vec<Handle>),
    Lists(Vec<List<'a>>),
}

/// Values to look for.
#[derive(Clone, Copy)]
struct Wanted<'v> {
    values: &'v [Value],
    case: Case,
}

impl<'v> Wanted<'v> {
    fn new(values: &'v [Value], case: Case) -> Self {
        Self { values, case }
    }

    /// The values, in every spelling that an index has where case does not count.
    fn in_index(self, index: Index<'_>) -> Cow<'v, [Value]> {
        match self.case {
            Case::Exact => Cow::Borrowed(self.values),
            Case::Ignored => {
                let values = self.values.iter();
                values.flat_map(|value| index.spellings(value)).collect()
            }
        }
    }
}

impl<'a> View<'a> {
    fn catalog(self) -> &'a Catalog {
        self.store.catalog()
    }

    /// Rows of `family` among which are all that fulfil the condition; `None` to look at every row.
    ///
    /// Putting rows together that no single list of an index has is given up beyond `limit`.
    pub(super) fn candidates(
        self,
        family: TypeId,
        condition: &Condition,
        limit: usize,
    ) -> Option<Candidates<'a>> {
        match condition {
            Condition::All(parts) => Some(self.best(family, parts, limit)?.1),
            Condition::Either(parts) => {
                let mut handles = Vec::new();
                for part in parts {
                    let found = self.candidates(family, part, limit)?;
                    self.budget.spend_on(found.len());
                    handles.extend(found.handles());
                }
                Some(Candidates::collected(handles))
            }
            Condition::Not(_) => None,
            Condition::Compare { path, test } => {
                let (values, case) = test.values()?;
                self.by_values(family, path, Wanted::new(&values, case), limit)
            }
            Condition::Related { path, condition } => {
                let condition = condition.as_ref()?;
                let (hop, rest) = path.split_first()?;
                let target = self.target(family, *hop)?;
                let reached = if rest.is_empty() {
                    self.candidates(target, condition, FOLLOW_LIMIT)?
                } else {
                    let rest = Condition::Related {
                        path: rest.to_vec(),
                        condition: Some(condition.clone()),
                    };
                    self.candidates(target, &rest, FOLLOW_LIMIT)?
                };
                self.backwards(family, *hop, reached, limit)
            }
        }
    }

    /// Rows whose path ends in one of some values.
    fn by_values(
        self,
        family: TypeId,
        path: &[Hop],
        wanted: Wanted<'_>,
        limit: usize,
    ) -> Option<Candidates<'a>> {
        let (hop, rest) = path.split_first()?;
        if !self.budget.spend_on(wanted.values.len()) {
            return None;
        }
        if !rest.is_empty() {
            let target = self.target(family, *hop)?;
            if let Some(direct) = self.by_foreign_key(family, *hop, target, rest, wanted, limit) {
                return Some(direct);
            }
            let reached = self.by_values(target, rest, wanted, FOLLOW_LIMIT)?;
            return self.backwards(family, *hop, reached, limit);
        }
        if hop.cast.is_some() {
            return None;
        }
        if self.catalog().is_custom_value(family) {
            return self.custom_by_entity(family, hop.name, wanted.values);
        }
        self.by_slot(family, hop.name, wanted, limit)
    }

    /// `project.id is X` is `project_id is X`: no need to visit the project.
    fn by_foreign_key(
        self,
        family: TypeId,
        hop: Hop,
        target: TypeId,
        rest: &[Hop],
        wanted: Wanted<'_>,
        limit: usize,
    ) -> Option<Candidates<'a>> {
        let [last] = rest else { return None };
        let info = self.catalog().get(target);
        let is_key = matches!(info.primary_key.as_slice(), [slot]
            if info.slot_attribute(*slot).is_some_and(|attribute| attribute.name == last.name));
        if !is_key || hop.cast.is_some() || last.cast.is_some() {
            return None;
        }
        self.by_slot(family, hop.name, wanted, limit)
    }

    /// Rows of every member type whose stored value, or the slot behind a reference, is one of the values.
    fn by_slot(
        self,
        family: TypeId,
        name: NameId,
        wanted: Wanted<'_>,
        limit: usize,
    ) -> Option<Candidates<'a>> {
        match self.found_by_slot(family, name, wanted)? {
            Found::ByKey(mut rows) => {
                rows.retain(|row| self.may_read(*row));
                Some(Candidates::collected(rows))
            }
            Found::Lists(lists) => self.together(lists, limit),
        }
    }

    fn found_by_slot(self, family: TypeId, name: NameId, wanted: Wanted<'_>) -> Option<Found<'a>> {
        if self.depends_on_row(family, name) {
            return None;
        }
        let mut lists = Vec::new();
        for type_id in &self.catalog().get(family).members {
            let info = self.catalog().get(*type_id);
            let Some(attribute) = self.seen_by(family, info, name) else {
                continue;
            };
            let slot = slot_of(attribute)?;
            if info.primary_key == [slot] {
                let rows = wanted
                    .values
                    .iter()
                    .filter_map(|value| self.store.find_id(family, value));
                return Some(Found::ByKey(rows.map(Handle::Row).collect()));
            }
            let index = self.store.table(*type_id).index(slot)?;
            let values = wanted.in_index(index);
            let named = values.iter().map(|value| (value, index.rows(value)));
            self.add_seen(*type_id, slot, named, &mut lists);
        }
        Some(Found::Lists(lists))
    }

    /// The attribute of the rows of a member type as queries on `family` see it.
    fn seen_by(
        self,
        family: TypeId,
        member: &'a TypeInfo,
        name: NameId,
    ) -> Option<&'a AttributeInfo> {
        let info = self.catalog().get(family);
        let seen = if info.faces.is_empty() { member } else { info };
        seen.attribute(name)
    }

    /// Whether it depends on the row which attribute queries on `family` mean by a name.
    fn depends_on_row(self, family: TypeId, name: NameId) -> bool {
        let info = self.catalog().get(family);
        !info.faces.is_empty() && info.attribute(name).is_none()
    }

    fn custom_by_entity(
        self,
        family: TypeId,
        name: NameId,
        values: &[Value],
    ) -> Option<Candidates<'a>> {
        match self.catalog().name(name) {
            "entity_id" => {
                let handles = values
                    .iter()
                    .filter_map(|value| self.entity_with_values(value))
                    .flat_map(|entity| self.custom_attributes(entity, family))
                    .filter(|handle| self.catalog().is_member(handle.type_id(), family))
                    .filter(|handle| self.may_read(*handle));
                Some(Candidates::collected(handles.collect()))
            }
            _ => None,
        }
    }

    /// The type that a relation leads to, if all member types agree.
    pub(super) fn target(self, family: TypeId, hop: Hop) -> Option<TypeId> {
        if let Some(cast) = hop.cast {
            return Some(cast);
        }
        let info = self.catalog().get(family);
        let mut targets: Vec<TypeId> = std::iter::once(family)
            .chain(info.found().iter().copied())
            .filter_map(|type_id| self.catalog().get(type_id).attribute(hop.name))
            .filter_map(target_of)
            .collect();
        targets.dedup();
        match targets.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// Rows of `family` whose relation leads to one of the reached entities.
    fn backwards(
        self,
        family: TypeId,
        hop: Hop,
        reached: Candidates<'a>,
        limit: usize,
    ) -> Option<Candidates<'a>> {
        // The values of custom attributes are in no table.
        if reached.len() > FOLLOW_LIMIT || self.catalog().is_custom_value(family) {
            return None;
        }
        if self.depends_on_row(family, hop.name) {
            return None;
        }
        let reached: Vec<Handle> = reached.handles().collect();
        if !self.budget.spend_on(reached.len()) {
            return None;
        }
        let mut lists = Vec::new();
        let mut handles = Vec::new();
        for type_id in &self.catalog().get(family).members {
            let info = self.catalog().get(*type_id);
            let attribute = self.seen_by(family, info, hop.name);
            match attribute.map(|attribute| &attribute.source) {
                None => {}
                Some(Source::Reference { slot, .. }) => {
                    let index = self.store.table(*type_id).index(*slot)?;
                    let ids = reached.iter().map(|entity| match entity {
                        Handle::Row(row) => Some(self.store.id(*row)),
                        _ => None,
                    });
                    let ids: Vec<&Value> = ids.collect::<Option<_>>()?;
                    let named = ids.into_iter().map(|id| (id, index.rows(id)));
                    self.add_seen(*type_id, *slot, named, &mut lists);
                }
                Some(Source::Collection { members, .. }) => {
                    for entity in &reached {
                        self.owners(*type_id, *entity, members, &mut handles)?;
                    }
                }
                Some(_) => return None,
            }
        }
        if handles.is_empty() {
            return self.together(lists, limit);
        }
        handles.retain(|handle| self.may_read(*handle));
        handles.extend(self.together(lists, usize::MAX)?.handles());
        Some(Candidates::collected(handles))
    }

    /// Adds the rows of a concrete type that have values in a slot. Which rows are looked at, and so how long it
    /// takes, must not tell of what is not seen: such rows are left out here already.
    fn add_seen<'v>(
        self,
        type_id: TypeId,
        slot: Slot,
        named: impl Iterator<Item = (&'v Value, RowList<'a>)>,
        lists: &mut Vec<List<'a>>,
    ) {
        let belonging = self.catalog().belonging(type_id);
        let end = belonging.ends.iter().find(|end| end.slot == slot);
        let decides = belonging.ends.len() == 1 || belonging.is_first_enough;
        let is_first = belonging
            .ends
            .first()
            .is_some_and(|first| first.slot == slot);
        for (value, rows) in named {
            let is_seen = match (self.reader, end) {
                (None, _) => true,
                (Some(rights), Some(end)) if !rights.sees_end(self.store, end, value) => continue,
                (Some(_), Some(_)) => decides && is_first,
                (Some(_), None) => false,
            };
            lists.push(List {
                type_id,
                rows,
                is_seen,
            });
        }
    }

    /// Several lists as candidates: as they are where each type has one, else put together in order.
    fn together(self, mut lists: Vec<List<'a>>, limit: usize) -> Option<Candidates<'a>> {
        lists.retain(|list| !list.rows.is_empty());
        lists.sort_by_key(|list| list.type_id);
        let is_single = lists.windows(2).all(|two| match two {
            [left, right] => left.type_id != right.type_id,
            _ => true,
        });
        let is_seen = lists.iter().all(|list| list.is_seen);
        let listed = Candidates::Listed(
            lists
                .into_iter()
                .map(|list| (list.type_id, list.rows))
                .collect(),
        );
        if is_single && is_seen {
            return Some(listed);
        }
        if is_seen && listed.len() > limit {
            return None;
        }
        let seen = listed
            .handles()
            .filter(|row| is_seen || self.may_read(*row));
        let seen = Candidates::collected(seen.collect());
        (is_single || seen.len() <= limit).then_some(seen)
    }

    /// The candidates of the part that leaves the fewest rows to look at, and which part that is.
    ///
    /// Rows straight from an index are looked at as they are needed; those put together cost more
    /// than they may save.
    pub(super) fn best(
        self,
        family: TypeId,
        parts: &[Condition],
        limit: usize,
    ) -> Option<(usize, Candidates<'a>)> {
        let mut best: Option<(usize, Candidates<'a>)> = None;
        let mut partly_hidden = Vec::new();
        for (position, part) in parts.iter().enumerate() {
            if let Some(lists) = self.partly_hidden(family, part) {
                partly_hidden.push((position, part, lists));
                continue;
            }
            let limit = match &best {
                Some((_, listed @ Candidates::Listed(_))) => {
                    limit.min(listed.len() / COLLECTING_COST)
                }
                _ => limit,
            };
            let found = self.candidates(family, part, limit);
            best = fewest(best, position, found);
        }
        for (position, part, lists) in partly_hidden {
            let found = match &best {
                Some((_, best)) => {
                    self.budget.spend_on(best.len());
                    Some(best.within(&lists))
                }
                None => self.candidates(family, part, limit),
            };
            best = fewest(best, position, found);
        }
        best
    }

    /// The lists for a condition, where whoever reads may not see everything in them. It is not looked at one by one,
    /// which would take longer the more is hidden, where others tell what is seen.
    fn partly_hidden(self, family: TypeId, condition: &Condition) -> Option<Vec<List<'a>>> {
        self.reader?;
        let Condition::Compare { path, test } = condition else {
            return None;
        };
        let [hop] = path.as_slice() else { return None };
        if hop.cast.is_some() || self.catalog().is_custom_value(family) {
            return None;
        }
        let (values, case) = test.values()?;
        let found = self.found_by_slot(family, hop.name, Wanted::new(&values, case));
        match found {
            Some(Found::Lists(lists)) if lists.iter().any(|list| !list.is_seen) => Some(lists),
            _ => None,
        }
    }

    /// The rows of a type in whose collection an entity is.
    fn owners(
        self,
        type_id: TypeId,
        member: Handle,
        members: &Members,
        found: &mut Vec<Handle>,
    ) -> Option<()> {
        let row = match (member, members) {
            (Handle::Custom { entity, .. }, Members::CustomAttributes) => {
                found.extend((entity.type_id == type_id).then_some(Handle::Row(entity)));
                return Some(());
            }
            (Handle::Row(row), _) => row,
            _ => return None,
        };
        match members {
            Members::Foreign { attribute, .. } => {
                let slot = self.catalog().get(row.type_id).stored(*attribute)?;
                let owner = self
                    .store
                    .find(type_id, &Key::One(self.store.value(row, slot).clone()));
                found.extend(owner.map(Handle::Row));
            }
            Members::Through { link, own, other } => {
                for link in self.naming(*link, *other, self.store.id(row), None) {
                    let slot = self.catalog().get(link.type_id).stored(*own)?;
                    found.extend(
                        self.store
                            .find_id(type_id, self.store.value(link, slot))
                            .map(Handle::Row),
                    );
                }
            }
            Members::Ancestors => {
                found.extend(self.descendants(row, type_id).into_iter().map(Handle::Row));
            }
            Members::Descendants => {
                let above = self
                    .path(row)
                    .into_iter()
                    .filter(|above| above.type_id == type_id);
                found.extend(above.map(Handle::Row));
            }
            Members::CustomAttributes | Members::Special => return None,
        }
        Some(())
    }
}

/// What leaves fewer rows to look at: the best so far, or what was found for a part.
fn fewest<'a>(
    best: Option<(usize, Candidates<'a>)>,
    position: usize,
    found: Option<Candidates<'a>>,
) -> Option<(usize, Candidates<'a>)> {
    match (best, found) {
        (Some((_, best)), Some(found)) if found.len() < best.len() => Some((position, found)),
        (None, Some(found)) => Some((position, found)),
        (best, _) => best,
    }
}

fn slot_of(attribute: &AttributeInfo) -> Option<usize> {
    match &attribute.source {
        Source::Stored { slot, .. } | Source::Reference { slot, .. } => Some(*slot),
        _ => None,
    }
}

fn target_of(attribute: &AttributeInfo) -> Option<TypeId> {
    match &attribute.source {
        Source::Reference { target, .. } | Source::Collection { target, .. } => Some(*target),
        _ => None,
    }
}
