//! Writing JSON text.

use ftrack_entity::{EncodeValue, Record, Schema, Value};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Data, EncodeStrategy};

/// `data` as JSON text.
pub(super) fn text(data: &Data, strategy: EncodeStrategy, schema: &Schema) -> String {
    let writer = Writer { strategy, schema };
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
}

impl Writer<'_> {
    /// Calls `reader` with the value to write; [`Value::NotSet`] if none is. The record is locked meanwhile.
    fn read<R>(&self, record: &Record, position: u16, reader: impl FnOnce(&Value) -> R) -> R {
        let attribute = &record.entity_type().attributes()[usize::from(position)];
        match self.strategy {
            _ if attribute.is_key() => record.read(position, reader),
            EncodeStrategy::All | EncodeStrategy::SetOnly => record.read(position, reader),
            EncodeStrategy::PersistedOnly if attribute.is_computed() => reader(&Value::NotSet),
            EncodeStrategy::PersistedOnly => record.read_remote(position, reader),
            EncodeStrategy::ModifiedOnly => {
                let local = record.local_value(position);
                if local == record.remote_value(position) {
                    reader(&Value::NotSet)
                } else {
                    reader(&local)
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
        let schema = self.writer.schema;
        for &position in entity_type.positions_by_name() {
            self.writer.read(self.record, position, |value| {
                if value.is_not_set() {
                    return Ok(());
                }
                let name = entity_type.attributes()[usize::from(position)].name();
                map.serialize_entry(name, &EncodeValue { value, schema })
            })?;
        }
        map.end()
    }
}
