//! The keys of a server's custom attributes, so that a mistyped one can be named.

use std::cell::OnceCell;

use ftrack::Session;
use ftrack::query::{KnownKeys, SchemaView};
use serde_json::{Map, Value as Json};

use crate::failure::Failure;

/// Attributes that have keys.
struct Keyed {
    attributes: &'static [&'static str],
    /// The entity type of the rows that say which keys there are.
    configuration: &'static str,
}

const VALUES: Keyed = Keyed {
    attributes: &["custom_attributes"],
    configuration: "CustomAttributeConfiguration",
};

const LINKS: Keyed = Keyed {
    attributes: &["custom_attribute_links", "custom_attribute_links_from"],
    configuration: "CustomAttributeLinkConfiguration",
};

/// The keys of a server, which are asked for once, when somebody wants to know.
pub(crate) struct Keys<'a> {
    session: &'a Session,
    values: OnceCell<Option<Vec<String>>>,
    links: OnceCell<Option<Vec<String>>>,
}

impl<'a> Keys<'a> {
    pub(crate) fn new(session: &'a Session) -> Self {
        Self {
            session,
            values: OnceCell::new(),
            links: OnceCell::new(),
        }
    }

    /// Whose keys they are.
    pub(crate) fn session(&self) -> &'a Session {
        self.session
    }

    /// All keys of values; nothing where they are not known: where a server has no configurations, or shows none to
    /// this user.
    pub(crate) fn all(&self) -> Result<Option<&[String]>, Failure> {
        self.keys_of(&VALUES, &self.values)
    }

    fn keys_of<'k>(
        &self,
        keyed: &Keyed,
        asked: &'k OnceCell<Option<Vec<String>>>,
    ) -> Result<Option<&'k [String]>, Failure> {
        if let Some(known) = asked.get() {
            return Ok(known.as_deref());
        }
        let keys = keys(self.session, keyed.configuration)?;
        Ok(asked.get_or_init(|| keys).as_deref())
    }

    /// Does something with the schema of the server, which knows the keys that a text may name, if they are known.
    pub(crate) fn with<T>(
        &self,
        text: &str,
        check: impl FnOnce(&dyn SchemaView) -> T,
    ) -> Result<T, Failure> {
        let mut known = Vec::new();
        for (keyed, asked) in [(&VALUES, &self.values), (&LINKS, &self.links)] {
            let is_named = keyed.attributes.iter().any(|name| text.contains(name));
            if is_named && let Some(keys) = self.keys_of(keyed, asked)? {
                known.extend(keyed.attributes.iter().map(|name| (*name, keys)));
            }
        }
        Ok(with_keys(self.session.schema(), &known, check))
    }
}

fn keys(session: &Session, configuration: &str) -> Result<Option<Vec<String>>, Failure> {
    if session.schema().entity_type(configuration).is_err() {
        return Ok(None);
    }
    let query = format!("select key from {configuration}");
    let mut keys = Vec::new();
    for row in session.query(query).records::<Map<String, Json>>() {
        if let Some(Json::String(key)) = row?.remove("key") {
            keys.push(key);
        }
    }
    Ok((!keys.is_empty()).then_some(keys))
}

/// Adds what is known of one attribute after the other.
fn with_keys<T>(
    schema: &dyn SchemaView,
    known: &[(&str, &[String])],
    check: impl FnOnce(&dyn SchemaView) -> T,
) -> T {
    let Some(((attribute, keys), rest)) = known.split_first() else {
        return check(schema);
    };
    let schema = KnownKeys::new(schema, attribute, keys.iter().cloned());
    with_keys(&schema, rest, check)
}
