//! Entity types, read from a server's schemas.

mod accept;
mod attribute;
mod entity_type;
mod entry;
mod handle;
mod names;
mod parse;
mod position;
mod view;

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

pub use self::attribute::{Attribute, AttributeKind, DataType};
pub use self::entity_type::EntityType;
use self::entry::Entry;
pub use self::handle::AttributeHandle;
pub use self::position::AttributePosition;
use crate::error::{Error, Result};
use crate::name::EntityTypeName;

/// The entity types of one server.
///
/// Made once, when a session starts, from the server's answer to `query_schemas`; it does not change afterwards.
///
/// ```
/// use ftrack_entity::Schema;
///
/// let answer = br#"[{"id": "Status", "primary_key": ["id"], "default_projections": ["id", "name"],
///     "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}]"#;
/// let schema = Schema::from_json(answer)?;
/// assert_eq!(schema.entity_type("Status")?.default_projections(), ["id", "name"]);
/// # Ok::<(), ftrack_entity::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Schema {
    types: Vec<Entry>,
    /// What types are read from when they are first needed.
    text: Option<Arc<[u8]>>,
    positions: FxHashMap<EntityTypeName, usize>,
    /// The same by text, so that names of the caller's need not be interned to be found.
    by_text: FxHashMap<&'static str, usize>,
}

impl Schema {
    /// Reads the answer to `query_schemas`: a JSON array of schemas.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if the text is not such an array.
    pub fn from_json(text: &[u8]) -> Result<Self> {
        Ok(Self::from_types(parse::entity_types(text)?))
    }

    /// The types of a text that [`from_json`](Self::from_json) has read before, such as one that was kept on disk. The
    /// text is kept, and each type is read from it when it is first needed: of hundreds, a program uses a few.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if the text is not an array of objects that have an `id`. Of what else is wrong with a type
    /// nothing can be said any more: it has no attributes then.
    ///
    /// ```
    /// use ftrack_entity::Schema;
    ///
    /// let answer = br#"[{"id": "Status", "primary_key": ["id"], "properties": {"id": {"type": "string"}}}]"#;
    /// let schema = Schema::from_kept_json(answer[..].into())?;
    /// assert_eq!(schema.entity_type("Status")?.attributes().len(), 1);
    /// assert_eq!(schema.text_of("Status"), Some(&answer[1..answer.len() - 1]));
    /// # Ok::<(), ftrack_entity::Error>(())
    /// ```
    pub fn from_kept_json(text: Arc<[u8]>) -> Result<Self> {
        let mut schema = Self::default();
        for (name, place) in parse::places(&text)? {
            schema.add(Entry::unread(EntityTypeName::new(&name), place));
        }
        schema.text = Some(text);
        Ok(schema)
    }

    /// As [`from_kept_json`](Self::from_kept_json), where it is known which part of the text describes each type: what
    /// [`places`](Self::places) said of it. Nothing of the text is read before it is needed.
    ///
    /// A type whose part is not in the text, or is not a schema of that type, has no attributes.
    ///
    /// ```
    /// use ftrack_entity::Schema;
    ///
    /// let answer = br#"[{"id": "Status", "primary_key": ["id"], "properties": {"id": {"type": "string"}}}]"#;
    /// let schema = Schema::from_kept_json(answer[..].into())?;
    /// let again = Schema::from_places(answer[..].into(), schema.places());
    /// assert_eq!(again.text_of("Status"), schema.text_of("Status"));
    /// # Ok::<(), ftrack_entity::Error>(())
    /// ```
    pub fn from_places(
        text: Arc<[u8]>,
        places: impl IntoIterator<Item = (impl AsRef<str>, Range<usize>)>,
    ) -> Self {
        let mut schema = Self::default();
        for (name, place) in places {
            schema.add(Entry::unread(EntityTypeName::new(name.as_ref()), place));
        }
        schema.text = Some(text);
        schema
    }

    /// The name of each type, and which bytes of the text describe it, where the text is kept.
    pub fn places(&self) -> impl Iterator<Item = (&'static str, Range<usize>)> {
        let types = self.types.iter();
        types.filter_map(|entry| Some((entry.name().as_str(), entry.place()?)))
    }

    /// A schema of the given types; of two with one name the later counts.
    pub fn from_types(types: impl IntoIterator<Item = EntityType>) -> Self {
        let mut schema = Self::default();
        for entity_type in types {
            schema.add(Entry::from(entity_type));
        }
        schema
    }

    fn add(&mut self, entry: Entry) {
        let (name, next) = (entry.name(), self.types.len());
        let position = *self.positions.entry(name).or_insert(next);
        self.by_text.insert(name.as_str(), position);
        if position == next {
            self.types.push(entry);
        } else {
            self.types[position] = entry;
        }
    }

    /// The same schema with these types in place of those of the same names; the others are shared.
    pub fn with_types(mut self, types: impl IntoIterator<Item = EntityType>) -> Self {
        for entity_type in types {
            if let Some(&position) = self.positions.get(&entity_type.name()) {
                self.types[position].replace(entity_type);
            }
        }
        self
    }

    /// All types, in the order in which the server reported them.
    pub fn types(&self) -> impl ExactSizeIterator<Item = &Arc<EntityType>> {
        self.types.iter().map(|entry| self.read(entry))
    }

    /// The names of all types, in the same order, without reading what there is to know of them.
    pub fn names(&self) -> impl ExactSizeIterator<Item = EntityTypeName> {
        self.types.iter().map(Entry::name)
    }

    /// The type of this name, if the server has it.
    pub fn get(&self, name: &str) -> Option<&Arc<EntityType>> {
        let entry = self.types.get(*self.by_text.get(name)?)?;
        Some(self.read(entry))
    }

    /// The type of this name, if the server has it.
    pub fn by_name(&self, name: EntityTypeName) -> Option<&Arc<EntityType>> {
        let entry = self.types.get(*self.positions.get(&name)?)?;
        Some(self.read(entry))
    }

    /// The text that the types are read from, where it is kept: that of [`from_kept_json`](Self::from_kept_json).
    pub fn text(&self) -> Option<&[u8]> {
        self.text.as_deref()
    }

    /// The part of the text that describes the type of this name, where it is kept.
    pub fn text_of(&self, name: &str) -> Option<&[u8]> {
        self.types.get(*self.by_text.get(name)?)?.text(self.text()?)
    }

    fn read<'schema>(&'schema self, entry: &'schema Entry) -> &'schema Arc<EntityType> {
        entry.read(self.text.as_deref().unwrap_or_default())
    }

    /// The type of all entities in this table, by which events and user interfaces of the server name types: the one
    /// with `task` is `TypedContext`. Case and underscores make no difference.
    pub fn by_table(&self, table: &str) -> Option<&Arc<EntityType>> {
        let table = table.replace('_', "").to_lowercase();
        let is_named = |found: &&Arc<EntityType>| {
            !found.shares_table() && found.table().replace('_', "") == table
        };
        self.types().find(is_named)
    }

    /// The type of the entities in this table of which a column has this value, as [`by_table`](Self::by_table) finds
    /// tables: of those in `task` whose `object_typeid` is that of shots, `Shot`.
    pub fn by_classifier(
        &self,
        table: &str,
        column: &str,
        value: &str,
    ) -> Option<&Arc<EntityType>> {
        let table = table.replace('_', "").to_lowercase();
        let is_named = |found: &&Arc<EntityType>| {
            found.classifier() == Some((column, value)) && found.table().replace('_', "") == table
        };
        self.types().find(is_named)
    }

    /// The type of this name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownEntityType`], with the most similar name, if the server has no such type.
    pub fn entity_type(&self, name: &str) -> Result<&Arc<EntityType>> {
        self.get(name).ok_or_else(|| Error::UnknownEntityType {
            name: name.to_owned(),
            similar: ftrack_query::closest(name, self.names().map(EntityTypeName::as_str)),
        })
    }
}
