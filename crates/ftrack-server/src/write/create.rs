//! Creating entities.

use rustc_hash::FxHashSet;
use serde_json::{Map, Value as Json};

use super::{Batch, Written};
use crate::catalog::{Slot, Source, TypeId, TypeInfo};
use crate::read::Handle;
use crate::refusal::{Refusal, RefusalKind};
use crate::store::{Key, RowRef};
use crate::value::Value;

/// The values of a row that is about to be made.
#[derive(Debug)]
pub(super) struct Draft<'j> {
    pub(super) values: Vec<Value>,
    /// Slots that the client filled.
    pub(super) given: FxHashSet<Slot>,
    collections: Vec<(usize, &'j Json)>,
}

impl Batch<'_> {
    /// Creates an entity.
    ///
    /// # Errors
    /// Refuses what the rules of the type forbid.
    pub(crate) fn create(
        &mut self,
        entity_type: &str,
        data: &Map<String, Json>,
    ) -> Result<Written, Refusal> {
        let catalog = std::sync::Arc::clone(&self.catalog);
        let called = catalog
            .find(entity_type)
            .ok_or_else(|| Refusal::unknown_type(entity_type))?;
        if catalog.is_custom_value(called.id) {
            return self.create_custom(called, data);
        }
        let info = concrete(&catalog, called, data)?;
        let mut draft = self.draft(info, data)?;
        self.fill(info, &mut draft)?;
        let key = Key::new(
            info.primary_key
                .iter()
                .map(|slot| draft.values.get(*slot).cloned().unwrap_or_default())
                .collect(),
        );
        self.refuse_key(info, &key)?;
        let collections = std::mem::take(&mut draft.collections);
        let row = self.transaction.insert(info.id, draft.values);
        self.deleted.remove(&(info.root, key.clone()));
        self.refuse_writing(row)?;
        for (position, json) in collections {
            self.set_collection(row, position, json)?;
        }
        self.created(row)?;
        Ok(Written {
            handle: Handle::Row(row),
            key,
            type_id: called.id,
            names: names(info, data, &catalog),
            is_new: true,
        })
    }

    /// Creates an entity of the start data, or sets a custom attribute value of it.
    ///
    /// # Errors
    /// Refuses what the rules of the type forbid.
    pub(crate) fn plant(
        &mut self,
        entity_type: &str,
        values: &Map<String, Json>,
    ) -> Result<(), Refusal> {
        let catalog = std::sync::Arc::clone(&self.catalog);
        let info = catalog
            .find(entity_type)
            .ok_or_else(|| Refusal::unknown_type(entity_type))?;
        if !catalog.is_custom_value(info.id) {
            return self.create(entity_type, values).map(|_| ());
        }
        let part = |name: &str| values.get(name).cloned().unwrap_or_default();
        let key = Json::Array(vec![part("configuration_id"), part("entity_id")]);
        self.update(entity_type, Some(&key), values).map(|_| ())
    }

    /// Makes a row without a client: the server's own rows, such as status changes and links.
    pub(super) fn insert(
        &mut self,
        type_id: TypeId,
        values: &[(&str, Value)],
    ) -> Result<RowRef, Refusal> {
        let catalog = std::sync::Arc::clone(&self.catalog);
        let info = catalog.get(type_id);
        let mut draft = Draft::new(info);
        for (name, value) in values {
            if let Some(slot) = catalog.slot(type_id, name) {
                draft.set(slot, value.clone());
                draft.given.insert(slot);
            }
        }
        self.fill(info, &mut draft)?;
        let id = catalog
            .slot(type_id, "id")
            .filter(|slot| info.is_key(*slot));
        if let Some(id) = id
            && draft.get(id).is_null()
        {
            draft.set(id, Value::fresh_id());
        }
        Ok(self.transaction.insert(type_id, draft.values))
    }

    pub(super) fn draft<'j>(
        &self,
        info: &TypeInfo,
        data: &'j Map<String, Json>,
    ) -> Result<Draft<'j>, Refusal> {
        let mut draft = Draft::new(info);
        for (name, json) in data.iter().filter(|(name, _)| *name != "__entity_type__") {
            let unknown = || Refusal::unknown_attribute(&info.name, name);
            let name_id = self.catalog.name_id(name).ok_or_else(unknown)?;
            let position = info.position(name_id).ok_or_else(unknown)?;
            let attribute = info.attributes.get(position).ok_or_else(unknown)?;
            match &attribute.source {
                Source::Stored { slot, scalar } => {
                    draft.give(*slot, self.scalar(info, attribute, *scalar, json)?);
                }
                Source::Reference { target, slot } => {
                    let key = self.reference(info, name, *target, json)?;
                    draft.give(*slot, single(key));
                }
                Source::CompositeReference { target, slots } => {
                    if let Some(Key::Many(parts)) = self.reference(info, name, *target, json)? {
                        slots.iter().zip(parts.iter()).for_each(|(slot, part)| {
                            draft.give(*slot, part.clone());
                        });
                    }
                }
                Source::Collection { .. } => draft.collections.push((position, json)),
                Source::Computed { .. } | Source::ComputedReference { .. } => {
                    refuse_computed(info, name, json)?;
                }
            }
        }
        Ok(draft)
    }

    /// Adds defaults and what the server sets by itself.
    pub(super) fn fill(&self, info: &TypeInfo, draft: &mut Draft<'_>) -> Result<(), Refusal> {
        for (slot, position) in info.slots.iter().enumerate() {
            if draft.given.contains(&slot) && !draft.get(slot).is_null() {
                continue;
            }
            let Some(attribute) = info.attributes.get(*position) else {
                continue;
            };
            match &attribute.default {
                Some(Json::String(text)) if text == "{uid}" => draft.set(slot, Value::fresh_id()),
                Some(default) if !draft.given.contains(&slot) => {
                    draft.set(
                        slot,
                        self.scalar(info, attribute, info.slot_scalar(slot), default)?,
                    );
                }
                _ => {}
            }
        }
        if let Some((slot, value)) = &info.discriminator {
            draft.set(*slot, value.clone());
        }
        let families = info.root;
        self.set_family_values(info, families, draft);
        self.automatic(info, draft);
        Ok(())
    }

    /// Discriminators of the families between the type and the topmost one.
    fn set_family_values(&self, info: &TypeInfo, root: TypeId, draft: &mut Draft<'_>) {
        for family in self.catalog.types() {
            let is_family = family.root == root && family.id != info.id;
            if !is_family || family.shows.is_some() || !family.members.contains(&info.id) {
                continue;
            }
            if let Some((slot, value)) = &family.discriminator
                && let Some(attribute) = family.slot_attribute(*slot)
                && let Some(own) = info.stored(attribute.name)
            {
                draft.set(own, value.clone());
            }
        }
    }

    pub(super) fn refuse_key(&self, info: &TypeInfo, key: &Key) -> Result<(), Refusal> {
        if key.is_incomplete() {
            let names: Vec<&str> = info
                .primary_key
                .iter()
                .filter_map(|slot| info.slot_attribute(*slot))
                .map(|attribute| self.catalog.name(attribute.name))
                .collect();
            return Err(Refusal::validation(format!(
                "{} needs a value for each of {}",
                info.name,
                names.join(", ")
            )));
        }
        if self.store().find(info.root, key).is_some() {
            return Err(Refusal::new(
                RefusalKind::Duplicate,
                format!(
                    "there is a {} with key {} already",
                    info.name,
                    key.display()
                ),
            ));
        }
        Ok(())
    }
}

impl Draft<'_> {
    fn new(info: &TypeInfo) -> Self {
        Self {
            values: vec![Value::Null; info.slots.len()],
            given: FxHashSet::default(),
            collections: Vec::new(),
        }
    }

    pub(super) fn get(&self, slot: Slot) -> &Value {
        self.values.get(slot).unwrap_or(&Value::Null)
    }

    pub(super) fn set(&mut self, slot: Slot, value: Value) {
        if let Some(place) = self.values.get_mut(slot) {
            *place = value;
        }
    }

    fn give(&mut self, slot: Slot, value: Value) {
        self.given.insert(slot);
        self.set(slot, value);
    }
}

/// The type of the row: the one named, or the member of the family that the data tells.
fn concrete<'c>(
    catalog: &'c crate::catalog::Catalog,
    called: &'c TypeInfo,
    data: &Map<String, Json>,
) -> Result<&'c TypeInfo, Refusal> {
    if called.is_concrete {
        return Ok(called);
    }
    let mut members = called.members.iter().map(|member| catalog.get(*member));
    if called.shows.is_some() && called.members.len() == 1 {
        return members
            .next()
            .ok_or_else(|| Refusal::unknown_type(&called.name));
    }
    let told = members.find(|member| {
        let Some((slot, value)) = &member.discriminator else {
            return false;
        };
        let Some(attribute) = member.slot_attribute(*slot) else {
            return false;
        };
        let sent = data
            .get(catalog.name(attribute.name))
            .and_then(Json::as_str);
        sent.is_some() && sent.map(Value::text).as_ref() == Some(value)
    });
    told.ok_or_else(|| {
        Refusal::validation(format!(
            "{} is a family of types: create an entity of one of them",
            called.name
        ))
    })
}

/// The one value of a key.
pub(super) fn single(key: Option<Key>) -> Value {
    match key {
        Some(Key::One(value)) => value,
        _ => Value::Null,
    }
}

/// Refuses a value for an attribute that the server computes; saying nothing is fine.
pub(super) fn refuse_computed(info: &TypeInfo, name: &str, json: &Json) -> Result<(), Refusal> {
    if json.is_null() {
        return Ok(());
    }
    Err(Refusal::validation(format!(
        "{}.{name} is computed by the server",
        info.name
    )))
}

/// The attributes that a client named.
pub(super) fn names(
    info: &TypeInfo,
    data: &Map<String, Json>,
    catalog: &crate::catalog::Catalog,
) -> Vec<crate::catalog::NameId> {
    data.keys()
        .filter_map(|name| catalog.name_id(name))
        .filter(|name| info.attribute(*name).is_some())
        .collect()
}
