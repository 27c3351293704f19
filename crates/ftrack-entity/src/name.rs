//! Names of entity types, interned.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{LazyLock, RwLock};

use rustc_hash::FxHashMap;

static NAMES: LazyLock<RwLock<FxHashMap<&'static str, EntityTypeName>>> =
    LazyLock::new(RwLock::default);

/// The name of an entity type, such as `Task`: one word, copied freely, compared by address.
///
/// A name lives as long as the process. The set is bounded by the schemas that were read and the names that
/// the program itself wrote: answers of a server are looked up ([`EntityTypeName::known`]), never interned.
///
/// ```
/// use ftrack_entity::EntityTypeName;
///
/// let task = EntityTypeName::new("Task");
/// assert_eq!(task, EntityTypeName::new("Task"));
/// assert_eq!(task.as_str(), "Task");
/// ```
#[derive(Clone, Copy)]
// A thin pointer: it is part of every identity, and with eight bytes more a value would be as much larger.
pub struct EntityTypeName(&'static &'static str);

impl EntityTypeName {
    /// The interned form of `name`.
    pub fn new(name: &str) -> Self {
        if let Some(known) = Self::known(name) {
            return known;
        }
        let mut names = NAMES
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = names.get(name) {
            return *known;
        }
        let text: &'static str = Box::leak(name.to_owned().into_boxed_str());
        let interned = Self(Box::leak(Box::new(text)));
        names.insert(text, interned);
        interned
    }

    /// The interned form of `name`, if some schema or program has used it before.
    pub fn known(name: &str) -> Option<Self> {
        let names = NAMES
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        names.get(name).copied()
    }

    /// The name as text.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl PartialEq for EntityTypeName {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for EntityTypeName {}

impl Hash for EntityTypeName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(std::ptr::from_ref(self.0).addr());
    }
}

impl PartialOrd for EntityTypeName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EntityTypeName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl fmt::Display for EntityTypeName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl fmt::Debug for EntityTypeName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl From<&str> for EntityTypeName {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}
