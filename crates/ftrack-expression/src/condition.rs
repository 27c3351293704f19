//! One comparison: a field, and the test that its value has to pass.

use std::fmt;

/// One comparison of an expression, such as `topic=ftrack.*`.
///
/// ```
/// use ftrack_expression::{Expression, Kind, Test};
///
/// let expression = Expression::parse("data.frame >= 1001")?;
/// let Kind::Condition(condition) = expression.kind() else { unreachable!() };
/// assert_eq!(condition.field(), "data.frame");
/// assert_eq!(condition.test(), &Test::GreaterOrEqual("1001".to_owned()));
/// # Ok::<(), ftrack_expression::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Condition {
    field: String,
    /// The keys that `field` names one after another, kept apart for matching.
    keys: Box<[Box<str>]>,
    test: Test,
}

impl Condition {
    pub(crate) fn new(field: String, test: Test) -> Self {
        let keys = field.split('.').map(Box::from).collect();
        Self { field, keys, test }
    }

    /// The key that is looked up, with dots between the keys of nested mappings.
    pub fn field(&self) -> &str {
        &self.field
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| &**key)
    }

    /// What the value found there has to fulfil.
    pub fn test(&self) -> &Test {
        &self.test
    }
}

/// The text, as for [`Expression`](crate::Expression).
impl fmt::Debug for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Condition({self})")
    }
}

/// What a condition asks of the value of its field.
///
/// A field that the candidate does not have passes none of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Test {
    /// `field=*`: there is a value, be it null or a container.
    Exists,
    /// `field=text`: the text form of the value is this text.
    Is(String),
    /// `field=text*`: the text form of the value starts with this text.
    StartsWith(String),
    /// `field!=text`: the text form of the value is another one.
    IsNot(String),
    /// `field<text`.
    Less(String),
    /// `field<=text`.
    LessOrEqual(String),
    /// `field>text`.
    Greater(String),
    /// `field>=text`.
    GreaterOrEqual(String),
}

impl Test {
    /// The test that `=` with a wildcard after `prefix` stands for.
    pub(crate) fn starting_with(prefix: String) -> Self {
        if prefix.is_empty() {
            Self::Exists
        } else {
            Self::StartsWith(prefix)
        }
    }

    /// The operator as it is written.
    pub fn operator(&self) -> &'static str {
        match self {
            Self::Exists | Self::Is(_) | Self::StartsWith(_) => "=",
            Self::IsNot(_) => "!=",
            Self::Less(_) => "<",
            Self::LessOrEqual(_) => "<=",
            Self::Greater(_) => ">",
            Self::GreaterOrEqual(_) => ">=",
        }
    }
}
