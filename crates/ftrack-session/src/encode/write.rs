//! Writing JSON text.

use ftrack_entity::{AttributePosition, JsonText, Record, Schema, Value};

use super::{Data, EncodeStrategy};

/// About what an entity takes, in bytes.
const ENTITY: usize = 4_096;

/// `data` as JSON text.
pub(super) fn text(data: &Data, strategy: EncodeStrategy, schema: &Schema) -> String {
    let mut text = JsonText::with_capacity(schema, ENTITY);
    write(&mut text, data, strategy);
    text.into_string()
}

fn write(text: &mut JsonText<'_>, data: &Data, strategy: EncodeStrategy) {
    match data {
        Data::Value(value) => text.value(value),
        Data::Entity(entity) => write_entity(text, entity.record(), strategy),
        Data::List(list) => {
            text.open_list();
            for data in list {
                text.item();
                write(text, data, strategy);
            }
            text.close_list();
        }
        Data::Map(map) => {
            text.open_object();
            for (name, data) in map {
                text.name(name);
                write(text, data, strategy);
            }
            text.close_object();
        }
    }
}

fn write_entity(text: &mut JsonText<'_>, record: &Record, strategy: EncodeStrategy) {
    let entity_type = record.entity_type();
    text.open_object();
    text.name("__entity_type__");
    text.text(entity_type.name().as_str());
    read_each(record, strategy, |position, value| {
        if !value.is_not_set() {
            text.attribute(entity_type, position, value);
        }
    });
    text.close_object();
}

/// Calls `reader` with each value to write, in the order of the attributes' names; [`Value::NotSet`] is none. The
/// record is locked meanwhile, unless what is written has to be compared.
fn read_each(
    record: &Record,
    strategy: EncodeStrategy,
    mut reader: impl FnMut(AttributePosition, &Value),
) {
    let entity_type = record.entity_type();
    let attribute = |position| &entity_type[position];
    let positions = entity_type.positions_by_name();
    match strategy {
        EncodeStrategy::All | EncodeStrategy::SetOnly => record.read_each(positions, reader),
        EncodeStrategy::PersistedOnly => record.read_each_remote(positions, |position, value| {
            let attribute = attribute(position);
            if !attribute.is_computed() || attribute.is_key() {
                reader(position, value);
            }
        }),
        EncodeStrategy::ModifiedOnly => {
            for &position in positions {
                let local = record.local_value(position);
                if attribute(position).is_key() {
                    reader(position, &record.value(position));
                } else if local != record.remote_value(position) {
                    reader(position, &local);
                }
            }
        }
    }
}
