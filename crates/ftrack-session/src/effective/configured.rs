//! Which attributes are configured, with their defaults and types.

use ftrack_entity::Value;
use ftrack_query::{Query, attr};

use super::PAGE;
use crate::custom_attributes::Class;
use crate::error::Result;
use crate::session::{CONFIGURATION, Configuration, Session};

/// What is read of a configuration, where the server knows it.
const ATTRIBUTES: [&str; 7] = [
    "id",
    "key",
    "project_id",
    "object_type_id",
    "entity_type",
    "is_hierarchical",
    "default",
];

/// An attribute as it is configured.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) applies: Configuration,
    pub(super) default: Value,
    pub(super) kind: String,
}

/// The configurations that are asked for, in the order of their precedence.
#[derive(Debug)]
pub(super) struct Configured(Vec<Definition>);

impl Configured {
    /// One request.
    #[track_caller]
    pub(super) fn load(session: &Session, keys: &[&str]) -> Result<Self> {
        let definition = session.definition(CONFIGURATION)?;
        let has = |name: &str| definition.position(name).is_some();
        let names = ATTRIBUTES.into_iter().filter(|name| has(name));
        let names = names.chain(has("type").then_some("type.name"));
        let mut query = Query::from(CONFIGURATION).select(names);
        if !keys.is_empty() {
            query = query.filter(attr("key").is_in(keys));
        }
        let rows = session.query(query).page_size(PAGE).all()?;
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            let kind = if has("type") {
                row.get::<Option<String>>("type.name")?
            } else {
                None
            };
            all.push(Definition {
                applies: Configuration::read(&row)?,
                default: row.value("default")?,
                kind: kind.unwrap_or_default(),
            });
        }
        all.sort_by_key(|definition| definition.applies.precedence());
        Ok(Self(all))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that apply to a kind of entity. Several may have the same key: the first one that the user may see counts.
    pub(super) fn applicable(&self, class: &Class) -> impl Iterator<Item = &Definition> {
        let all = self.0.iter();
        all.filter(|definition| definition.applies.applies_to(class))
    }
}
