//! Changing entities.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::create::{names, refuse_computed, single};
use super::decode::{entity_key, missing};
use super::{Batch, Written};
use crate::catalog::{AttributeInfo, Slot, Source, TypeInfo};
use crate::read::Handle;
use crate::request_error::RequestError;
use crate::store::{Key, RowRef};
use crate::value::Value;

impl Batch<'_> {
    /// Changes attributes of an entity.
    ///
    /// # Errors
    /// Refuses what the rules of the type forbid, and an entity that does not exist.
    pub(crate) fn update(
        &mut self,
        entity_type: &str,
        key: Option<&Json>,
        data: &Map<String, Json>,
    ) -> Result<Written, RequestError> {
        let catalog = Arc::clone(&self.catalog);
        let called = catalog
            .find(entity_type)
            .ok_or_else(|| RequestError::unknown_type(entity_type))?;
        let key = entity_key(called, key)?;
        if catalog.is_custom_value(called.id) {
            return self.update_custom(called, &key, data);
        }
        let row = self
            .find_seen(called, &key)
            .ok_or_else(|| missing(called, &key))?;
        self.refuse_writing(row)?;
        self.visit(row);
        let info = catalog.get(row.type_id);
        for (name, json) in data.iter().filter(|(name, _)| *name != "__entity_type__") {
            let unknown = || RequestError::unknown_attribute(&info.name, name);
            let name_id = catalog.name_id(name).ok_or_else(unknown)?;
            let position = info.position(name_id).ok_or_else(unknown)?;
            let attribute = info.attributes.get(position).ok_or_else(unknown)?;
            self.update_attribute(row, info, position, attribute, name, json)?;
        }
        Ok(Written {
            handle: Handle::Row(row),
            key,
            type_id: called.id,
            names: names(info, data, &catalog),
            is_new: false,
        })
    }

    fn update_attribute(
        &mut self,
        row: RowRef,
        info: &TypeInfo,
        position: usize,
        attribute: &AttributeInfo,
        name: &str,
        json: &Json,
    ) -> Result<(), RequestError> {
        match &attribute.source {
            Source::Stored { slot, scalar } => {
                let value = self.decoder().scalar(info, attribute, *scalar, json)?;
                self.change(row, info, attribute, *slot, value)
            }
            Source::Reference { target, slot } => {
                let value = single(self.decoder().reference(info, name, *target, json)?);
                self.change(row, info, attribute, *slot, value)
            }
            Source::CompositeReference { target, slots } => {
                if let Some(Key::Many(parts)) =
                    self.decoder().reference(info, name, *target, json)?
                {
                    for (slot, part) in slots.iter().zip(parts.iter()) {
                        self.change(row, info, attribute, *slot, part.clone())?;
                    }
                }
                Ok(())
            }
            Source::Collection { .. } => self.set_collection(row, position, json),
            Source::Computed { .. } | Source::ComputedReference { .. } => {
                refuse_computed(info, name, json)
            }
        }
    }

    fn change(
        &mut self,
        row: RowRef,
        info: &TypeInfo,
        attribute: &AttributeInfo,
        slot: Slot,
        value: Value,
    ) -> Result<(), RequestError> {
        let old = self.store().value(row, slot).clone();
        if old == value {
            return Ok(());
        }
        // What has no value yet may be set once, as the clients see it.
        if info.is_key(slot) || (attribute.is_immutable && !old.is_null()) {
            let name = self.catalog.name(attribute.name);
            return Err(RequestError::validation(format!(
                "{}.{name} cannot be changed",
                info.name
            )));
        }
        self.decoder().refuse_mark(info, slot, &value)?;
        self.refuse_words(row, slot)?;
        self.transaction.set(row, slot, value);
        self.changed(row, slot, &old)
    }
}
