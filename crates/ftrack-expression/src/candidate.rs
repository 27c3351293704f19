//! What expressions are matched against.

mod members;

#[cfg(feature = "serde_json")]
mod json;

use std::borrow::{Borrow, Cow};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::{BuildHasher, Hash};

/// A mapping whose members an expression can ask for.
///
/// Implemented for the standard maps and, with the feature `serde_json`, for JSON
/// values. A type of your own answers for one key at a time; keys with dots are
/// taken apart by the caller, which goes on in [`Member::Map`].
///
/// ```
/// use std::collections::HashMap;
/// use ftrack_expression::{AsMember, Candidate, Expression, Member};
///
/// struct Event {
///     topic: String,
///     source: HashMap<String, String>,
/// }
///
/// impl Candidate for Event {
///     fn member(&self, key: &str) -> Option<Member<'_>> {
///         match key {
///             "topic" => Some(self.topic.as_member()),
///             "source" => Some(Member::Map(&self.source)),
///             _ => None,
///         }
///     }
/// }
///
/// let event = Event {
///     topic: "ftrack.update".to_owned(),
///     source: HashMap::from([("id".to_owned(), "hub-1".to_owned())]),
/// };
/// assert!(Expression::parse("topic=ftrack.* and source.id=hub-1")?.matches(&event));
/// # Ok::<(), ftrack_expression::ParseError>(())
/// ```
pub trait Candidate {
    /// What is stored under `key`, or `None` if there is no such key. `key` is a
    /// single one, without dots; it may be empty.
    fn member(&self, key: &str) -> Option<Member<'_>>;
}

/// What a [`Candidate`] has under a key.
///
/// Maps whose values are all of one kind have those kinds as values ([`AsMember`]);
/// members themselves are values for maps that mix them.
///
/// ```
/// use std::collections::BTreeMap;
/// use ftrack_expression::{Expression, Member};
///
/// let candidate = BTreeMap::from([
///     ("name", Member::Text("sh010".into())),
///     ("frames", Member::Integer(120)),
///     ("published", Member::Boolean(true)),
/// ]);
/// assert!(Expression::parse("name=sh* and frames<200 and published=true")?.matches(&candidate));
/// # Ok::<(), ftrack_expression::ParseError>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum Member<'a> {
    /// There is a value, and it is nothing.
    Null,
    /// `true` or `false`, which are also its text forms.
    Boolean(bool),
    /// A whole number.
    Integer(i128),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// A sequence. Expressions do not look into it.
    List,
    /// A nested mapping.
    Map(&'a dyn Candidate),
}

/// A value that expressions can look at, and that a map may therefore hold to be
/// a [`Candidate`].
///
/// ```
/// use std::collections::HashMap;
/// use ftrack_expression::{AsMember, Expression, Member};
///
/// struct Frame(u32);
///
/// impl AsMember for Frame {
///     fn as_member(&self) -> Member<'_> {
///         Member::Integer(self.0.into())
///     }
/// }
///
/// let candidate = HashMap::from([("first", Frame(1001)), ("last", Frame(1100))]);
/// assert!(Expression::parse("first=1001 and last<2000")?.matches(&candidate));
/// # Ok::<(), ftrack_expression::ParseError>(())
/// ```
pub trait AsMember {
    /// The value as an expression sees it.
    fn as_member(&self) -> Member<'_>;
}

impl fmt::Debug for Member<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => formatter.write_str("Null"),
            Self::Boolean(value) => formatter.debug_tuple("Boolean").field(value).finish(),
            Self::Integer(value) => formatter.debug_tuple("Integer").field(value).finish(),
            Self::Float(value) => formatter.debug_tuple("Float").field(value).finish(),
            Self::Text(value) => formatter.debug_tuple("Text").field(value).finish(),
            Self::List => formatter.write_str("List"),
            Self::Map(_) => formatter.debug_tuple("Map").finish_non_exhaustive(),
        }
    }
}

impl<T: Candidate + ?Sized> Candidate for &T {
    fn member(&self, key: &str) -> Option<Member<'_>> {
        (**self).member(key)
    }
}

impl<K, V, S> Candidate for HashMap<K, V, S>
where
    K: Borrow<str> + Eq + Hash,
    S: BuildHasher,
    V: AsMember,
{
    fn member(&self, key: &str) -> Option<Member<'_>> {
        self.get(key).map(V::as_member)
    }
}

impl<K, V> Candidate for BTreeMap<K, V>
where
    K: Borrow<str> + Ord,
    V: AsMember,
{
    fn member(&self, key: &str) -> Option<Member<'_>> {
        self.get(key).map(V::as_member)
    }
}

/// Follows `keys` into `candidate`.
pub(crate) fn find<'a, 'k>(
    candidate: &'a dyn Candidate,
    mut keys: impl Iterator<Item = &'k str>,
) -> Option<Member<'a>> {
    let mut member = candidate.member(keys.next()?)?;
    for key in keys {
        let Member::Map(mapping) = member else {
            return None;
        };
        member = mapping.member(key)?;
    }
    Some(member)
}
