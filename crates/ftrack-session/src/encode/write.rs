//! Writing JSON text.

use std::cell::RefCell;
use std::sync::Arc;

use ftrack_entity::{EncodeValue, EntityType, EntityTypeName, Record, Schema, Value};
use rustc_hash::FxHashMap;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Data, EncodeStrategy};

/// `data` as JSON text.
pub(super) fn text(data: &Data, strategy: EncodeStrategy, schema: &Schema) -> String {
    let writer = Writer {
        strategy,
        schema,
        orders: RefCell::default(),
    };
    let item = Item {
        data,
        writer: &writer,
    };
    // Serialising into memory fails for no value of ours: keys are text and numbers are finite.
    let text = serde_json::to_string(&item);
    debug_assert!(text.is_ok(), "{text:?}");
    text.unwrap_or_default()
}

struct Writer<'a> {
    strategy: EncodeStrategy,
    schema: &'a Schema,
    /// The attributes of each type in the order of their names: sorted once, not for every entity.
    orders: RefCell<FxHashMap<EntityTypeName, Arc<[u16]>>>,
}

impl Writer<'_> {
    fn order(&self, entity_type: &EntityType) -> Arc<[u16]> {
        let mut orders = self.orders.borrow_mut();
        let order = orders.entry(entity_type.name()).or_insert_with(|| {
            let attributes = entity_type.attributes();
            let mut order: Vec<u16> = (0_u16..).zip(attributes).map(|(at, _)| at).collect();
            order.sort_by_key(|&at| attributes[usize::from(at)].name());
            order.into()
        });
        Arc::clone(order)
    }

    /// The value to write; [`Value::NotSet`] if none is.
    fn value(&self, record: &Record, position: u16) -> Value {
        let attribute = &record.entity_type().attributes()[usize::from(position)];
        match self.strategy {
            _ if attribute.is_key() => record.value(position),
            EncodeStrategy::All | EncodeStrategy::SetOnly => record.value(position),
            EncodeStrategy::PersistedOnly if attribute.is_computed() => Value::NotSet,
            EncodeStrategy::PersistedOnly => record.remote_value(position),
            EncodeStrategy::ModifiedOnly => {
                let local = record.local_value(position);
                if local == record.remote_value(position) {
                    Value::NotSet
                } else {
                    local
                }
            }
        }
    }
}

struct Item<'a> {
    data: &'a Data,
    writer: &'a Writer<'a>,
}

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let writer = self.writer;
        match self.data {
            Data::Value(value) => {
                let schema = writer.schema;
                EncodeValue { value, schema }.serialize(serializer)
            }
            Data::Entity(entity) => {
                let record = entity.record();
                RecordItem { record, writer }.serialize(serializer)
            }
            Data::List(list) => {
                serializer.collect_seq(list.iter().map(|data| Item { data, writer }))
            }
            Data::Map(map) => {
                let items = map.iter().map(|(name, data)| (name, Item { data, writer }));
                serializer.collect_map(items)
            }
        }
    }
}

struct RecordItem<'a> {
    record: &'a Record,
    writer: &'a Writer<'a>,
}

impl Serialize for RecordItem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entity_type = self.record.entity_type();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("__entity_type__", entity_type.name().as_str())?;
        for &position in &*self.writer.order(entity_type) {
            let value = &self.writer.value(self.record, position);
            if !value.is_not_set() {
                let name = entity_type.attributes()[usize::from(position)].name();
                let schema = self.writer.schema;
                map.serialize_entry(name, &EncodeValue { value, schema })?;
            }
        }
        map.end()
    }
}
