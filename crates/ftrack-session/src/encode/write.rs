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
    /// Calls `reader` with each value to write, in the order of the attributes' names; [`Value::NotSet`] is none. The
    /// record is locked meanwhile, unless what is written has to be compared.
    fn read_each<E>(
        &self,
        record: &Record,
        mut reader: impl FnMut(u16, &Value) -> Result<(), E>,
    ) -> Result<(), E> {
        let entity_type = record.entity_type();
        let attribute = |position| &entity_type.attributes()[usize::from(position)];
        let positions = entity_type.positions_by_name();
        match self.strategy {
            EncodeStrategy::All | EncodeStrategy::SetOnly => record.read_each(positions, reader),
            EncodeStrategy::PersistedOnly => {
                record.read_each_remote(positions, |position, value| {
                    let attribute = attribute(position);
                    if attribute.is_computed() && !attribute.is_key() {
                        return Ok(());
                    }
                    reader(position, value)
                })
            }
            EncodeStrategy::ModifiedOnly => positions.iter().try_for_each(|&position| {
                if attribute(position).is_key() {
                    return reader(position, &record.value(position));
                }
                let local = record.local_value(position);
                if local == record.remote_value(position) {
                    return Ok(());
                }
                reader(position, &local)
            }),
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
        self.writer.read_each(self.record, |position, value| {
            if value.is_not_set() {
                return Ok(());
            }
            let name = entity_type.attributes()[usize::from(position)].name();
            map.serialize_entry(name, &EncodeValue { value, schema })
        })?;
        map.end()
    }
}
