//! Query text that the session itself writes.

use std::fmt::Write;

use ftrack_entity::{EntityType, Key};
use ftrack_query::{Filter, attr};

/// The conditions that a primary key makes, such as `id is "x"`.
pub(crate) fn key_conditions(entity_type: &EntityType, key: &Key) -> String {
    let conditions = entity_type
        .primary_key()
        .zip(key.parts())
        .map(|(attribute, part)| attr(attribute.name()).is(part.to_text().to_string()));
    Filter::all_of(conditions)
        .map(|filter| filter.to_string())
        .unwrap_or_default()
}

/// The conditions that several primary keys make: `id in (…)` for plain ones, as the official client writes it.
pub(crate) fn keys_conditions(entity_type: &EntityType, keys: &[Key]) -> String {
    let mut names = entity_type
        .primary_key()
        .map(ftrack_entity::Attribute::name);
    let (Some(name), None) = (names.next(), names.next()) else {
        let each = keys
            .iter()
            .map(|key| format!("({})", key_conditions(entity_type, key)));
        return each.collect::<Vec<_>>().join(" or ");
    };
    if let [key] = keys {
        return format!("{name} is {}", word(key));
    }
    let mut text = format!("{name} in (");
    for (index, key) in keys.iter().enumerate() {
        let separator = if index == 0 { "" } else { "," };
        // Writing to a String does not fail.
        let _ = write!(text, "{separator}{}", word(key));
    }
    text.push(')');
    text
}

/// A key as a bare word where the language takes it as one, else quoted.
pub(crate) fn word(key: &Key) -> String {
    let text = key.to_string();
    let is_bare = text.len() == 36
        && text
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if is_bare {
        text
    } else {
        ftrack_query::Literal::Text(text).to_string()
    }
}
