//! One entity type.

use std::ops::Index;
use std::sync::OnceLock;

use super::names::Names;
use super::{Attribute, AttributePosition};
use crate::error::{Error, Result};
use crate::key::Key;
use crate::name::EntityTypeName;

/// An entity type of a server: its attributes and primary key.
///
/// Attributes are numbered by their position; records store values by that number.
#[derive(Debug, Clone)]
pub struct EntityType {
    name: EntityTypeName,
    attributes: Vec<Attribute>,
    names: Names,
    /// Further names of attributes, and where these are.
    aliases: Vec<(Box<str>, AttributePosition)>,
    primary_key: Vec<AttributePosition>,
    default_projections: Vec<String>,
    /// Attributes that can be named in filters only: they have no value to read.
    filter_only: Vec<Attribute>,
    table: Table,
    classifier: Option<(String, String)>,
    by_name: OnceLock<Box<[AttributePosition]>>,
    json_names: OnceLock<Box<[Box<[u8]>]>>,
}

/// Where a server keeps the entities of a type.
#[derive(Debug, Clone)]
struct Table {
    name: String,
    /// Whether there are entities of other types in it too.
    is_shared: bool,
}

impl EntityType {
    /// A type of these attributes. Names of `primary_key` that are not among the attributes are left out, as are
    /// attributes beyond the 65,535th.
    pub fn new(
        name: &str,
        attributes: Vec<Attribute>,
        primary_key: &[String],
        default_projections: Vec<String>,
    ) -> Self {
        let mut attributes = attributes;
        attributes.truncate(usize::from(u16::MAX));
        let names = Names::new(&attributes);
        let primary_key: Vec<AttributePosition> = primary_key
            .iter()
            .filter_map(|name| names.position(&attributes, name))
            .collect();
        for (order, &position) in (0_u16..).zip(&primary_key) {
            attributes[usize::from(position)].key_position = Some(order);
        }
        Self {
            name: EntityTypeName::new(name),
            attributes,
            names,
            aliases: Vec::new(),
            primary_key,
            default_projections,
            filter_only: Vec::new(),
            table: Table {
                name: name.to_lowercase(),
                is_shared: false,
            },
            classifier: None,
            by_name: OnceLock::new(),
            json_names: OnceLock::new(),
        }
    }

    /// The same type, kept in a table of another name, perhaps together with other types.
    pub fn with_table(mut self, name: &str, is_shared: bool) -> Self {
        let name = name.to_lowercase();
        self.table = Table { name, is_shared };
        self
    }

    /// The same type, which is told from others in its table by what a column has.
    pub fn with_classifier(mut self, column: &str, value: &str) -> Self {
        self.classifier = Some((column.to_owned(), value.to_owned()));
        self
    }

    /// What tells the type from others in its table, where the server says it: a column, and what it has for this type,
    /// such as `object_typeid` and the id of the object type.
    pub fn classifier(&self) -> Option<(&str, &str)> {
        let (column, value) = self.classifier.as_ref()?;
        Some((column, value))
    }

    /// The same type with attributes that can be named in the filters of queries, but not read.
    pub fn with_filter_only(mut self, attributes: Vec<Attribute>) -> Self {
        self.filter_only = attributes;
        self
    }

    /// The same type with other default projections.
    pub fn with_default_projections(mut self, projections: Vec<String>) -> Self {
        self.default_projections = projections;
        self
    }

    /// The same type with another name, `alias`, for the attribute `name`: for programs that know it by that. What is
    /// sent to the server stays the same.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownAttribute`] if the type has no attribute `name`.
    pub fn with_alias(mut self, alias: &str, name: &str) -> Result<Self> {
        let position = self
            .position(name)
            .ok_or_else(|| self.unknown_attribute(name))?;
        if self.position(alias).is_none() {
            self.aliases.push((alias.into(), position));
        }
        Ok(self)
    }

    /// The same type whose attribute `name` is immutable, or not.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownAttribute`] if the type has no such attribute.
    pub fn with_immutable(mut self, name: &str, immutable: bool) -> Result<Self> {
        let position = self
            .position(name)
            .ok_or_else(|| self.unknown_attribute(name))?;
        self.attributes[usize::from(position)].immutable = immutable;
        Ok(self)
    }

    /// The same type without the attribute `name`, which is then neither asked for nor taken from answers. Filters can
    /// still name it. Attributes of the primary key stay.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownAttribute`] if the type has no such attribute, or if it is part of the key.
    pub fn without_attribute(self, name: &str) -> Result<Self> {
        let position = self
            .position(name)
            .filter(|position| !self.at(*position).is_key());
        let position = position.ok_or_else(|| self.unknown_attribute(name))?;
        let primary_key: Vec<String> = self
            .primary_key()
            .map(|attribute| attribute.name.to_string())
            .collect();
        let aliases: Vec<(Box<str>, Box<str>)> = self
            .aliases
            .iter()
            .map(|(alias, position)| (alias.clone(), self.at(*position).name.clone()))
            .collect();
        let mut attributes = self.attributes;
        let hidden = attributes.remove(usize::from(position));
        let projections = self
            .default_projections
            .into_iter()
            .filter(|path| *path != *hidden.name)
            .collect();
        let mut filter_only = self.filter_only;
        filter_only.push(hidden);
        let mut remaining = Self::new(self.name.as_str(), attributes, &primary_key, projections)
            .with_filter_only(filter_only);
        remaining.table = self.table;
        for (alias, name) in aliases {
            if let Some(position) = remaining.position(&name) {
                remaining.aliases.push((alias, position));
            }
        }
        Ok(remaining)
    }

    /// Whether this is `base` or a kind of it, as `Shot` is of `TypedContext`.
    ///
    /// Schemas do not declare that, but a type that is a kind of another has all its attributes. Nothing is a kind of a
    /// type with so few attributes that their names tell nothing, nor of one that shares its table: both are kinds of
    /// the type that has the table to itself.
    pub fn is_kind_of(&self, base: &Self) -> bool {
        if self.name == base.name {
            return true;
        }
        if base.shares_table() {
            return false;
        }
        // Attributes that this client hides are still the type's.
        let has = |name: &str| {
            let hidden = |known: &Attribute| *known.name == *name;
            self.position(name).is_some() || self.filter_only.iter().any(hidden)
        };
        base.is_telling() && base.attributes.iter().all(|known| has(known.name()))
    }

    /// Whether the names of the attributes say that a type which has them all is a kind of this one.
    pub(crate) fn is_telling(&self) -> bool {
        const FEW: usize = 4;
        self.attributes.len() >= FEW
    }

    /// Everything that the filters of queries can name: attributes, and those that cannot be read.
    pub fn queryable(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().chain(&self.filter_only)
    }

    /// What events and user interfaces of the server call entities of this type: the table that they are kept in, in
    /// lower case, such as `task` for shots and tasks alike, and `show` for projects.
    pub fn table(&self) -> &str {
        &self.table.name
    }

    /// Whether other types have the same table.
    pub fn shares_table(&self) -> bool {
        self.table.is_shared
    }

    /// The name, such as `Task`.
    pub fn name(&self) -> EntityTypeName {
        self.name
    }

    /// All attributes, in the order in which the server reported them.
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The attribute of this name, if there is one.
    pub fn get(&self, name: &str) -> Option<&Attribute> {
        self.attributes.get(usize::from(self.position(name)?))
    }

    /// The attribute of this name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownAttribute`], with the most similar name, if the type has no such attribute.
    pub fn attribute(&self, name: &str) -> Result<&Attribute> {
        self.get(name).ok_or_else(|| self.unknown_attribute(name))
    }

    /// The position of the attribute of this name, if there is one.
    #[inline]
    pub fn position(&self, name: &str) -> Option<AttributePosition> {
        let position = self.names.position(&self.attributes, name);
        position.or_else(|| {
            let mut aliases = self.aliases.iter();
            aliases
                .find(|(alias, _)| **alias == *name)
                .map(|(_, position)| *position)
        })
    }

    /// The position of the attribute of this name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownAttribute`], with the most similar name, if the type has no such attribute.
    pub fn position_of(&self, name: &str) -> Result<AttributePosition> {
        self.position(name)
            .ok_or_else(|| self.unknown_attribute(name))
    }

    /// The position of the attribute that is at `index` of [`attributes`](Self::attributes).
    pub fn position_at(&self, index: usize) -> Option<AttributePosition> {
        let position = u16::try_from(index).ok().map(AttributePosition);
        position.filter(|_| index < self.attributes.len())
    }

    /// All attributes with their positions, in the order in which the server reported them.
    pub fn positioned_attributes(&self) -> impl Iterator<Item = (AttributePosition, &Attribute)> {
        (0..).map(AttributePosition).zip(&self.attributes)
    }

    /// The positions of all attributes, in the order of their names.
    pub fn positions_by_name(&self) -> &[AttributePosition] {
        self.by_name.get_or_init(|| {
            let mut order: Vec<(AttributePosition, &str)> = self
                .positioned_attributes()
                .map(|(position, attribute)| (position, attribute.name()))
                .collect();
            order.sort_unstable_by_key(|(_, name)| *name);
            order.into_iter().map(|(position, _)| position).collect()
        })
    }

    /// The name of the attribute at `position` as JSON has it, with quotes and the colon that follows. Every value
    /// that is written needs one, so they are made once, when the first entity of the type is written.
    pub(crate) fn json_name(&self, position: AttributePosition) -> &[u8] {
        let names = self.json_names.get_or_init(|| {
            let name = |attribute: &Attribute| crate::json::name(attribute.name()).into();
            self.attributes.iter().map(name).collect()
        });
        &names[usize::from(position)]
    }

    /// The attributes of the primary key, in order.
    pub fn primary_key(&self) -> impl ExactSizeIterator<Item = &Attribute> {
        self.primary_key
            .iter()
            .map(|&position| &self.attributes[usize::from(position)])
    }

    /// What queries that name no projections ask for.
    pub fn default_projections(&self) -> &[String] {
        &self.default_projections
    }

    /// The key made of `parts`.
    ///
    /// # Errors
    ///
    /// [`Error::KeyArity`] if the primary key has another number of attributes than `key` has parts.
    pub fn check_key(&self, key: &Key) -> Result<()> {
        if key.len() == self.primary_key.len() {
            return Ok(());
        }
        Err(Error::KeyArity {
            entity_type: self.name.as_str(),
            attributes: self
                .primary_key()
                .map(|attribute| attribute.name.to_string())
                .collect(),
            given: key.len(),
        })
    }

    /// The error for a name that is not an attribute of this type.
    pub(crate) fn unknown_attribute(&self, name: &str) -> Error {
        Error::UnknownAttribute {
            entity_type: self.name.as_str(),
            attribute: name.to_owned(),
            similar: ftrack_query::closest(name, self.attributes.iter().map(|known| &*known.name)),
        }
    }

    #[inline]
    pub(crate) fn at(&self, position: AttributePosition) -> &Attribute {
        &self.attributes[usize::from(position)]
    }

    #[inline]
    pub(crate) fn key_positions(&self) -> &[AttributePosition] {
        &self.primary_key
    }
}

/// The attribute at a position of this very type.
impl Index<AttributePosition> for EntityType {
    type Output = Attribute;

    #[inline]
    fn index(&self, position: AttributePosition) -> &Attribute {
        self.at(position)
    }
}
