//! How attributes are compared with values.

use std::fmt;

/// How an attribute is compared with one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operator {
    /// `is`, also spelled `=`.
    Is,
    /// `is_not`, also spelled `!=`.
    IsNot,
    /// `>`, also spelled `greater_than` and `after`.
    Greater,
    /// `<`, also spelled `less_than` and `before`.
    Less,
    /// `>=`.
    GreaterOrEqual,
    /// `<=`.
    LessOrEqual,
    /// `like`: a pattern in which `%` stands for any run of characters and `_` for one; `\\%` and `\\_`
    /// stand for themselves.
    Like,
    /// `not_like`, also spelled `not like`.
    NotLike,
}

impl Operator {
    /// The canonical spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::IsNot => "is_not",
            Self::Greater => ">",
            Self::Less => "<",
            Self::GreaterOrEqual => ">=",
            Self::LessOrEqual => "<=",
            Self::Like => "like",
            Self::NotLike => "not_like",
        }
    }

    /// Any spelling of an operator that the grammar lets through, `not like` included.
    pub(crate) fn from_spelling(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "!=" | "is_not" => Self::IsNot,
            ">" | "after" | "greater_than" => Self::Greater,
            "<" | "before" | "less_than" => Self::Less,
            ">=" => Self::GreaterOrEqual,
            "<=" => Self::LessOrEqual,
            "like" => Self::Like,
            // Any number of blanks may stand in it.
            words if words.starts_with("not") => Self::NotLike,
            _ => Self::Is,
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
