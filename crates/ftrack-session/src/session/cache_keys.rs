//! The keys by which entities are cached.

use std::sync::Arc;

use ftrack_cache::{KeyMaker, KeyPart, StringKeyMaker};
use ftrack_entity::{Identity, IdentityMap, Key, Record};

/// The text by which an entity is cached: its type and primary key.
///
/// ```
/// use ftrack_session::{Identity, Key, entity_key};
///
/// assert_eq!(entity_key(&Identity::new("User", "u-1")), "('User', ['u-1'])");
/// let metadata = Identity::new("Metadata", Key::composite(["t-1", "fps"]));
/// assert_eq!(entity_key(&metadata), "('Metadata', ['t-1', 'fps'])");
/// ```
pub fn entity_key(identity: &Identity) -> String {
    StringKeyMaker.key(&[parts(identity)])
}

/// What a key of an entity is made from.
fn parts(identity: &Identity) -> KeyPart {
    let parts = identity.key().parts();
    let parts: Vec<KeyPart> = parts
        .iter()
        .map(|part| KeyPart::from(part.to_text().to_string()))
        .collect();
    (identity.entity_type().as_str(), parts).into()
}

/// How a session makes the keys of its caches.
#[derive(Default)]
pub(crate) struct CacheKeys {
    /// Somebody else's way; without one it is that of [`entity_key`].
    maker: Option<Box<dyn KeyMaker>>,
}

impl CacheKeys {
    pub(crate) fn by(maker: impl KeyMaker + 'static) -> Self {
        Self {
            maker: Some(Box::new(maker)),
        }
    }

    pub(crate) fn key(&self, identity: &Identity) -> String {
        match &self.maker {
            None => entity_key(identity),
            Some(maker) => maker.key(&[parts(identity)]),
        }
    }

    /// The record whose key this is. Nobody but the maker knows what is in the keys of a foreign one, so that every
    /// record has to be asked then.
    pub(crate) fn find(&self, key: &str, records: &IdentityMap) -> Option<Arc<Record>> {
        if self.maker.is_none() {
            return records.get(&identity(key)?);
        }
        let mut known = records.records().into_iter();
        known.find(|record| self.key(record.identity()) == key)
    }
}

/// The identity whose key the text is, if it is one.
fn identity(key: &str) -> Option<Identity> {
    let rest = key.strip_prefix('(')?;
    let (entity_type, rest) = quoted(rest)?;
    let mut rest = rest.strip_prefix(", [")?;
    let mut parts = Vec::new();
    loop {
        let (part, after) = quoted(rest)?;
        parts.push(part);
        match after.strip_prefix(", ") {
            Some(next) => rest = next,
            None => {
                return (after == "])")
                    .then(|| Identity::new(entity_type.as_str(), Key::composite(parts)));
            }
        }
    }
}

/// A text in single quotes at the beginning, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let inside = text.strip_prefix('\'')?;
    let mut value = String::new();
    let mut characters = inside.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '\'' => return Some((value, inside.get(index + 1..)?)),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_leads_back_to_its_identity() {
        for identity_of in [
            Identity::new("Task", "0154901c-eaf9-11e5-b165-00505681ec7a"),
            Identity::new(
                "Metadata",
                Key::composite(["a", "it's", "back\\slash", "', '", "])", ""]),
            ),
        ] {
            assert_eq!(identity(&entity_key(&identity_of)), Some(identity_of));
        }
    }

    #[test]
    fn other_text_is_no_key() {
        for text in [
            "",
            "Task",
            "('Task')",
            "('Task', [])",
            "('Task', ['a')",
            "('Task', ['a']) ",
            "('Task', ['a\\",
        ] {
            assert_eq!(identity(text), None, "{text}");
        }
    }
}
