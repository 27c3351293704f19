//! Conditions that read like the language: `attr("name").is("010")`.

use crate::literal::Literal;
use crate::operator::Operator;
use crate::path::Path;
use crate::query::{Filter, InList};
use crate::span::Span;

/// Begins a condition on an attribute, which may lie behind relations.
///
/// ```
/// use ftrack_query::attr;
///
/// let filter = attr("status.name").is_in(["Done", "Omitted"])
///     & !attr("assignments").any(attr("resource.username").is("jane"));
/// assert_eq!(
///     filter.to_string(),
///     r#"status.name in ("Done", "Omitted") and not assignments any (resource.username is "jane")"#,
/// );
/// ```
pub fn attr(path: impl Into<Path>) -> Attribute {
    let mut path = path.into();
    path.forget_places();
    Attribute { path }
}

/// An attribute that waits for its condition; [`attr`] makes it.
///
/// Values are strings, numbers, booleans, `Option`s of these (`None` is null) and, with the
/// feature `chrono`, dates and date-times.
#[derive(Clone, Debug)]
#[must_use = "an attribute is not a condition yet"]
pub struct Attribute {
    path: Path,
}

impl Attribute {
    /// `is`: equal to the value.
    pub fn is(self, value: impl Into<Literal>) -> Filter {
        self.compare(Operator::Is, value)
    }

    /// `is_not`: not equal to the value.
    pub fn is_not(self, value: impl Into<Literal>) -> Filter {
        self.compare(Operator::IsNot, value)
    }

    /// `>`: greater than the value.
    pub fn greater_than(self, value: impl Into<Literal>) -> Filter {
        self.compare(Operator::Greater, value)
    }

    /// `<`: less than the value.
    pub fn less_than(self, value: impl Into<Literal>) -> Filter {
        self.compare(Operator::Less, value)
    }

    /// `>=`: the value or greater.
    pub fn at_least(self, value: impl Into<Literal>) -> Filter {
        self.compare(Operator::GreaterOrEqual, value)
    }

    /// `<=`: the value or less.
    pub fn at_most(self, value: impl Into<Literal>) -> Filter {
        self.compare(Operator::LessOrEqual, value)
    }

    /// `>`, for dates: later than the value.
    pub fn after(self, value: impl Into<Literal>) -> Filter {
        self.compare(Operator::Greater, value)
    }

    /// `<`, for dates: earlier than the value.
    pub fn before(self, value: impl Into<Literal>) -> Filter {
        self.compare(Operator::Less, value)
    }

    /// `like`: matches a pattern in which `%` stands for any run of characters and `_` for one.
    ///
    /// For text that may hold these characters itself, see [`contains`](Self::contains).
    pub fn like(self, pattern: impl Into<String>) -> Filter {
        self.compare(Operator::Like, pattern.into())
    }

    /// `not_like`: does not match the pattern.
    pub fn not_like(self, pattern: impl Into<String>) -> Filter {
        self.compare(Operator::NotLike, pattern.into())
    }

    /// `like`: has the text somewhere in it. In the text, `%` and `_` are what they are.
    ///
    /// ```
    /// use ftrack_query::attr;
    ///
    /// assert_eq!(attr("name").contains("50%").to_string(), r#"name like "%50\%%""#);
    /// ```
    pub fn contains(self, text: &str) -> Filter {
        self.like(format!("%{}%", escape_pattern(text)))
    }

    /// `like`: begins with the text. In the text, `%` and `_` are what they are.
    pub fn starts_with(self, text: &str) -> Filter {
        self.like(format!("{}%", escape_pattern(text)))
    }

    /// `like`: ends with the text. In the text, `%` and `_` are what they are.
    pub fn ends_with(self, text: &str) -> Filter {
        self.like(format!("%{}", escape_pattern(text)))
    }

    /// `is null`: has no value.
    pub fn is_null(self) -> Filter {
        self.is(Literal::Null)
    }

    /// `is_not null`: has a value.
    pub fn is_set(self) -> Filter {
        self.is_not(Literal::Null)
    }

    /// `in`: one of the values, or of what a query finds. Servers refuse an empty list, and so
    /// does [`QueryBuilder::build`](crate::QueryBuilder::build).
    ///
    /// ```
    /// use ftrack_query::{Query, attr};
    ///
    /// let done = Query::from("Status").select(["id"]).filter(attr("type.short").is("DONE"));
    /// assert_eq!(
    ///     attr("status_id").is_in(done).to_string(),
    ///     r#"status_id in (select id from Status where type.short is "DONE")"#,
    /// );
    /// assert_eq!(attr("version").is_in(vec![1, 2]).to_string(), "version in (1, 2)");
    /// ```
    pub fn is_in(self, values: impl Into<InList>) -> Filter {
        self.list(false, values.into())
    }

    /// `not_in`: none of the values.
    pub fn not_in(self, values: impl Into<InList>) -> Filter {
        self.list(true, values.into())
    }

    /// `has`: the entity of a reference satisfies the filter.
    pub fn has(self, filter: Filter) -> Filter {
        let filter = Some(Box::new(filter.without_places()));
        Filter::Has {
            path: self.path,
            filter,
            span: Span::default(),
        }
    }

    /// `any`: one entity of a collection satisfies the filter.
    pub fn any(self, filter: Filter) -> Filter {
        let filter = Some(Box::new(filter.without_places()));
        Filter::Any {
            path: self.path,
            filter,
            span: Span::default(),
        }
    }

    /// `any ()`: the collection holds something.
    pub fn is_not_empty(self) -> Filter {
        Filter::Any {
            path: self.path,
            filter: None,
            span: Span::default(),
        }
    }

    /// `not … any ()`: the collection holds nothing.
    pub fn is_empty(self) -> Filter {
        !self.is_not_empty()
    }

    fn compare(self, operator: Operator, value: impl Into<Literal>) -> Filter {
        Filter::Compare {
            path: self.path,
            operator,
            value: value.into(),
            span: Span::default(),
        }
    }

    fn list(self, negated: bool, list: InList) -> Filter {
        Filter::In {
            path: self.path,
            negated,
            list,
            span: Span::default(),
        }
    }
}

/// The text as a part of a pattern of `like` that matches only itself.
fn escape_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}
