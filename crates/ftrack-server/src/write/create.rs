//! Creating entities.

use serde_json::{Map, Value as Json};

use super::decode::Decoder;
use super::{Batch, Written};
use crate::catalog::{Slot, SlotDefault, Source, TypeId, TypeInfo};
use crate::read::Handle;
use crate::request_error::{RequestError, RequestErrorKind};
use crate::store::{Key, RowRef};
use crate::value::Value;

/// The values of a row that is about to be made.
#[derive(Debug)]
pub(super) struct Draft<'j> {
    pub(super) values: Vec<Value>,
    /// By slot, whether the client filled it.
    given: Vec<bool>,
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
    ) -> Result<Written, RequestError> {
        let catalog = std::sync::Arc::clone(&self.catalog);
        let called = catalog
            .find(entity_type)
            .ok_or_else(|| RequestError::unknown_type(entity_type))?;
        if catalog.is_custom_value(called.id) {
            return self.create_custom(called, data);
        }
        let info = self.concrete(&catalog, called, data)?;
        let mut draft = Decoder::new(&catalog).draft(info, data)?;
        self.fill(info, &mut draft)?;
        self.place(info, &mut draft);
        let key = Key::new(
            info.primary_key
                .iter()
                .map(|slot| draft.values.get(*slot).cloned().unwrap_or_default())
                .collect(),
        );
        let is_fresh = draft.has_fresh_key(info);
        if !is_fresh {
            self.refuse_key(info, &key)?;
        }
        let collections = std::mem::take(&mut draft.collections);
        let row = self.transaction.insert(info.id, draft.values);
        self.deleted.remove(&(info.root, key.clone()));
        if catalog.belonging(row.type_id).is_noted {
            self.refuse_writing(row)?;
        }
        // Nothing that was there before names a key that is new.
        let may_be_named = !is_fresh || !collections.is_empty();
        for (position, json) in collections {
            self.set_collection(row, position, json)?;
        }
        self.created(row, may_be_named)?;
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
    pub(crate) fn seed(
        &mut self,
        entity_type: &str,
        values: &Map<String, Json>,
    ) -> Result<(), RequestError> {
        let catalog = std::sync::Arc::clone(&self.catalog);
        let info = catalog
            .find(entity_type)
            .ok_or_else(|| RequestError::unknown_type(entity_type))?;
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
    ) -> Result<RowRef, RequestError> {
        let catalog = std::sync::Arc::clone(&self.catalog);
        let info = catalog.get(type_id);
        let mut draft = Draft::new(info);
        for (name, value) in values {
            if let Some(slot) = catalog.slot(type_id, name) {
                draft.give(slot, value.clone());
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

    /// Adds defaults and what the server sets by itself.
    pub(super) fn fill(&self, info: &TypeInfo, draft: &mut Draft<'_>) -> Result<(), RequestError> {
        for (slot, default) in info.slot_defaults.iter().enumerate() {
            let is_given = draft.is_given(slot);
            if is_given && !draft.get(slot).is_null() {
                continue;
            }
            match default {
                SlotDefault::Fresh => draft.set(slot, Value::fresh_id()),
                SlotDefault::Value(value) if !is_given => draft.set(slot, value.clone()),
                SlotDefault::Unusable if !is_given => self.refuse_default(info, slot)?,
                _ => {}
            }
        }
        if let Some((slot, value)) = &info.discriminator {
            draft.set(*slot, value.clone());
        }
        for (slot, value) in &info.family_values {
            draft.set(*slot, value.clone());
        }
        self.automatic(info, draft);
        Ok(())
    }

    /// Says what is wrong with a default of the schema.
    fn refuse_default(&self, info: &TypeInfo, slot: Slot) -> Result<(), RequestError> {
        let attribute = info.slot_attribute(slot);
        let default =
            attribute.and_then(|attribute| Some((attribute, attribute.default.as_ref()?)));
        let Some((attribute, default)) = default else {
            return Ok(());
        };
        self.decoder()
            .scalar(info, attribute, info.slot_scalar(slot), default)
            .map(|_| ())
    }

    pub(super) fn refuse_key(&self, info: &TypeInfo, key: &Key) -> Result<(), RequestError> {
        if key.is_incomplete() {
            let names: Vec<&str> = info
                .primary_key
                .iter()
                .filter_map(|slot| info.slot_attribute(*slot))
                .map(|attribute| self.catalog.name(attribute.name))
                .collect();
            return Err(RequestError::validation(format!(
                "{} needs a value for each of {}",
                info.name,
                names.join(", ")
            )));
        }
        if self.store().find(info.root, key).is_some() {
            return Err(RequestError::new(
                RequestErrorKind::Duplicate,
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

impl Decoder<'_> {
    /// The values that are given of a row.
    pub(super) fn draft<'j>(
        self,
        info: &TypeInfo,
        data: &'j Map<String, Json>,
    ) -> Result<Draft<'j>, RequestError> {
        let mut draft = Draft::new(info);
        for (name, json) in data.iter().filter(|(name, _)| *name != "__entity_type__") {
            let unknown = || RequestError::unknown_attribute(&info.name, name);
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
}

impl Draft<'_> {
    fn new(info: &TypeInfo) -> Self {
        Self {
            values: vec![Value::Null; info.slots.len()],
            given: vec![false; info.slots.len()],
            collections: Vec::new(),
        }
    }

    /// The same without the members of collections.
    pub(super) fn without_collections(self) -> Draft<'static> {
        Draft {
            values: self.values,
            given: self.given,
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

    /// Whether the client filled a slot.
    pub(super) fn is_given(&self, slot: Slot) -> bool {
        self.given.get(slot).copied().unwrap_or_default()
    }

    /// Whether the key is a random one, which nothing else has.
    fn has_fresh_key(&self, info: &TypeInfo) -> bool {
        let is_fresh = |slot: &Slot| {
            let default = info.slot_defaults.get(*slot);
            !self.is_given(*slot) && matches!(default, Some(SlotDefault::Fresh))
        };
        !info.primary_key.is_empty() && info.primary_key.iter().all(is_fresh)
    }

    fn give(&mut self, slot: Slot, value: Value) {
        if let Some(given) = self.given.get_mut(slot) {
            *given = true;
        }
        self.set(slot, value);
    }
}

/// The one value of a key.
pub(super) fn single(key: Option<Key>) -> Value {
    match key {
        Some(Key::One(value)) => value,
        _ => Value::Null,
    }
}

/// Refuses a value for an attribute that the server computes; saying nothing is fine.
pub(super) fn refuse_computed(
    info: &TypeInfo,
    name: &str,
    json: &Json,
) -> Result<(), RequestError> {
    if json.is_null() {
        return Ok(());
    }
    Err(RequestError::validation(format!(
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
