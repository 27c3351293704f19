//! Finding the rows worth looking at, so that a condition on an indexed attribute scans no table.

use super::condition::{Condition, Test};
use super::{Handle, Hop, View};
use crate::catalog::{AttributeInfo, Catalog, Members, NameId, Source, TypeId, TypeInfo};
use crate::store::{Key, RowRef};
use crate::value::Value;

/// More related rows than this are not worth following backwards.
const FOLLOW_LIMIT: usize = 4096;

/// How much more a row costs that has to be put in order first, compared with one from an index.
const COLLECTING_COST: usize = 16;

/// Rows among which all results are.
#[derive(Debug)]
pub(super) enum Candidates<'a> {
    /// Lists of row numbers straight from an index, one per concrete type.
    Listed(Vec<(TypeId, &'a [u32])>),
    /// Entities in order.
    Collected(Vec<Handle>),
}

impl<'a> Candidates<'a> {
    fn len(&self) -> usize {
        match self {
            Self::Listed(lists) => lists.iter().map(|(_, rows)| rows.len()).sum(),
            Self::Collected(handles) => handles.len(),
        }
    }

    pub(super) fn handles(self) -> Box<dyn Iterator<Item = Handle> + 'a> {
        match self {
            Self::Listed(lists) => Box::new(lists.into_iter().flat_map(|(type_id, rows)| {
                rows.iter()
                    .map(move |row| Handle::Row(RowRef { type_id, row: *row }))
            })),
            Self::Collected(handles) => Box::new(handles.into_iter()),
        }
    }

    fn collected(mut handles: Vec<Handle>) -> Self {
        handles.sort_unstable();
        handles.dedup();
        Self::Collected(handles)
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
            Condition::All(parts) => self.best(family, parts, limit),
            Condition::Either(parts) => {
                let mut handles = Vec::new();
                for part in parts {
                    handles.extend(self.candidates(family, part, limit)?.handles());
                }
                Some(Candidates::collected(handles))
            }
            Condition::Not(_) => None,
            Condition::Compare { path, test } => match test {
                Test::Is(value) if !value.is_null() => {
                    self.by_values(family, path, std::slice::from_ref(value), limit)
                }
                Test::In(values) if !values.contains(&Value::Null) => {
                    let values: Vec<Value> = values.iter().cloned().collect();
                    self.by_values(family, path, &values, limit)
                }
                _ => None,
            },
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
        values: &[Value],
        limit: usize,
    ) -> Option<Candidates<'a>> {
        let (hop, rest) = path.split_first()?;
        if !rest.is_empty() {
            let target = self.target(family, *hop)?;
            if let Some(direct) = self.by_foreign_key(family, *hop, target, rest, values, limit) {
                return Some(direct);
            }
            let reached = self.by_values(target, rest, values, FOLLOW_LIMIT)?;
            return self.backwards(family, *hop, reached, limit);
        }
        if hop.cast.is_some() {
            return None;
        }
        if self.catalog().is_custom_value(family) {
            return self.custom_by_entity(family, hop.name, values);
        }
        self.by_slot(family, hop.name, values, limit)
    }

    /// `project.id is X` is `project_id is X`: no need to visit the project.
    fn by_foreign_key(
        self,
        family: TypeId,
        hop: Hop,
        target: TypeId,
        rest: &[Hop],
        values: &[Value],
        limit: usize,
    ) -> Option<Candidates<'a>> {
        let [last] = rest else { return None };
        let info = self.catalog().get(target);
        let is_key = matches!(info.primary_key.as_slice(), [slot]
            if info.slot_attribute(*slot).is_some_and(|attribute| attribute.name == last.name));
        if !is_key || hop.cast.is_some() || last.cast.is_some() {
            return None;
        }
        self.by_slot(family, hop.name, values, limit)
    }

    /// Rows of every member type whose stored value, or the slot behind a reference, is one of the values.
    fn by_slot(
        self,
        family: TypeId,
        name: NameId,
        values: &[Value],
        limit: usize,
    ) -> Option<Candidates<'a>> {
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
                let rows = values
                    .iter()
                    .filter_map(|value| self.store.find_id(family, value));
                return Some(Candidates::collected(rows.map(Handle::Row).collect()));
            }
            let index = self.store.table(*type_id).index(slot)?;
            lists.extend(values.iter().map(|value| (*type_id, index.rows(value))));
        }
        together(lists, limit)
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
                    .filter(|handle| self.catalog().is_member(handle.type_id(), family));
                Some(Candidates::collected(handles.collect()))
            }
            _ => None,
        }
    }

    /// The type that a relation leads to, if all member types agree.
    fn target(self, family: TypeId, hop: Hop) -> Option<TypeId> {
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
        let mut lists = Vec::new();
        let mut handles = Vec::new();
        for type_id in &self.catalog().get(family).members {
            let info = self.catalog().get(*type_id);
            let attribute = self.seen_by(family, info, hop.name);
            match attribute.map(|attribute| &attribute.source) {
                None => {}
                Some(Source::Reference { slot, .. }) => {
                    let index = self.store.table(*type_id).index(*slot)?;
                    for entity in &reached {
                        let Handle::Row(row) = entity else {
                            return None;
                        };
                        lists.push((*type_id, index.rows(self.store.id(*row))));
                    }
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
            return together(lists, limit);
        }
        handles.extend(Candidates::Listed(lists).handles());
        Some(Candidates::collected(handles))
    }

    /// The candidates of the part that leaves the fewest rows to look at.
    ///
    /// Rows straight from an index are looked at as they are needed; those put together cost more
    /// than they may save.
    fn best(self, family: TypeId, parts: &[Condition], limit: usize) -> Option<Candidates<'a>> {
        let mut best: Option<Candidates<'a>> = None;
        for part in parts {
            let limit = match &best {
                Some(Candidates::Listed(_)) => {
                    limit.min(best.as_ref().map_or(usize::MAX, Candidates::len) / COLLECTING_COST)
                }
                _ => limit,
            };
            let Some(candidates) = self.candidates(family, part, limit) else {
                continue;
            };
            if best
                .as_ref()
                .is_none_or(|best| candidates.len() < best.len())
            {
                best = Some(candidates);
            }
        }
        best
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

/// Several lists as candidates: as they are where each type has one, else put together in order.
fn together(mut lists: Vec<(TypeId, &[u32])>, limit: usize) -> Option<Candidates<'_>> {
    lists.retain(|(_, rows)| !rows.is_empty());
    lists.sort_unstable_by_key(|(type_id, _)| *type_id);
    let is_single = lists.windows(2).all(|two| match two {
        [(left, _), (right, _)] => left != right,
        _ => true,
    });
    let listed = Candidates::Listed(lists);
    if is_single {
        return Some(listed);
    }
    if listed.len() > limit {
        return None;
    }
    Some(Candidates::collected(listed.handles().collect()))
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
