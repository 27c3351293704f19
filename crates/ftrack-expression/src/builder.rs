//! Expressions built by a program.

use std::fmt::{self, Display, Write};
use std::ops::{BitAnd, BitOr, Not};

use crate::bounds::{MAX_DEPTH, MAX_LENGTH};
use crate::condition::{Condition, Test};
use crate::display::needs_parentheses;
use crate::error::BuildError;
use crate::expression::{Expression, Kind};

/// Starts a condition on `name`, a key of the candidate, or several with dots
/// between them.
///
/// ```
/// use ftrack_expression::field;
///
/// let mine = field("topic").is("ftrack.update") & !field("source.id").is("hub-1");
/// let expression = (mine | field("topic").starts_with("studio.")).build()?;
/// assert_eq!(
///     expression.to_string(),
///     "topic=ftrack.update and not source.id=hub-1 or topic=studio.*",
/// );
/// # Ok::<(), ftrack_expression::BuildError>(())
/// ```
pub fn field(name: impl Into<String>) -> Field {
    Field { name: name.into() }
}

/// What matches if all of `members` do; without any, what always matches.
///
/// ```
/// use ftrack_expression::{all, field};
///
/// let wanted = [("topic", "ftrack.update"), ("data.action", "add")];
/// let expression = all(wanted.map(|(key, value)| field(key).is(value))).build()?;
/// assert_eq!(expression.to_string(), "topic=ftrack.update and data.action=add");
/// # Ok::<(), ftrack_expression::BuildError>(())
/// ```
pub fn all<M: Into<Builder>>(members: impl IntoIterator<Item = M>) -> Builder {
    members
        .into_iter()
        .map(Into::into)
        .reduce(BitAnd::bitand)
        .unwrap_or_else(always)
}

/// What matches if any of `members` does; without any, what never matches.
///
/// ```
/// use ftrack_expression::{any, field};
///
/// let expression = any(["maya", "nuke"].map(|name| field("applicationId").is(name))).build()?;
/// assert_eq!(expression.to_string(), "applicationId=maya or applicationId=nuke");
/// # Ok::<(), ftrack_expression::BuildError>(())
/// ```
pub fn any<M: Into<Builder>>(members: impl IntoIterator<Item = M>) -> Builder {
    members
        .into_iter()
        .map(Into::into)
        .reduce(BitOr::bitor)
        .unwrap_or_else(never)
}

/// What always matches, as far as text can say it: a field is there, or it is not.
fn always() -> Builder {
    field("id").exists() | !field("id").exists()
}

/// What never matches.
fn never() -> Builder {
    field("id").exists() & !field("id").exists()
}

/// A field that waits for its test; made by [`field`].
///
/// Values are taken in their text form, whatever characters they have: what a
/// user typed cannot become a part of the expression's structure, nor a wildcard.
///
/// ```
/// use ftrack_expression::field;
///
/// let typed = "x\" or topic=*";
/// let expression = field("data.name").is(typed).build()?;
/// assert_eq!(expression.to_string(), r#"data.name=e"x\" or topic=\*""#);
/// # Ok::<(), ftrack_expression::BuildError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Field {
    name: String,
}

impl Field {
    /// The field's text form is that of `value`; a `*` in it is just a character.
    pub fn is(self, value: impl Display) -> Builder {
        self.test(Test::Is(value.to_string()))
    }

    /// The field is there, with another text form than `value`.
    pub fn is_not(self, value: impl Display) -> Builder {
        self.test(Test::IsNot(value.to_string()))
    }

    /// The field's text form is that of one of `values`; without any, this never matches.
    ///
    /// ```
    /// use ftrack_expression::field;
    ///
    /// let expression = field("data.frame").is_in([1001, 1002]).build()?;
    /// assert_eq!(expression.to_string(), "data.frame=1001 or data.frame=1002");
    /// # Ok::<(), ftrack_expression::BuildError>(())
    /// ```
    pub fn is_in<V: Display>(self, values: impl IntoIterator<Item = V>) -> Builder {
        any(values.into_iter().map(|value| self.clone().is(value)))
    }

    /// The field's text form starts with `prefix`.
    pub fn starts_with(self, prefix: impl Display) -> Builder {
        self.test(Test::starting_with(prefix.to_string()))
    }

    /// The field is there, even if it is null or a container.
    pub fn exists(self) -> Builder {
        self.test(Test::Exists)
    }

    /// The field is less than `value`.
    pub fn less_than(self, value: impl Display) -> Builder {
        self.test(Test::Less(value.to_string()))
    }

    /// The field is `value` or less.
    pub fn at_most(self, value: impl Display) -> Builder {
        self.test(Test::LessOrEqual(value.to_string()))
    }

    /// The field is greater than `value`.
    pub fn greater_than(self, value: impl Display) -> Builder {
        self.test(Test::Greater(value.to_string()))
    }

    /// The field is `value` or greater.
    pub fn at_least(self, value: impl Display) -> Builder {
        self.test(Test::GreaterOrEqual(value.to_string()))
    }

    fn test(self, test: Test) -> Builder {
        let is_key = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
        if self.name.is_empty() || !self.name.bytes().all(is_key) {
            return Builder(Err(BuildError::Field(self.name)));
        }
        Builder::from(Expression::condition(Condition::new(self.name, test)))
    }
}

/// An expression in the making: combine with `&`, `|` and `!`, then [`build`](Self::build).
///
/// Parsed expressions combine with it and with each other in the same way.
///
/// ```
/// use ftrack_expression::{Expression, field};
///
/// let given = Expression::parse("data.type=task or data.type=shot")?;
/// let narrowed = (field("topic").is("ftrack.update") & given).build()?;
/// assert_eq!(narrowed.to_string(), "topic=ftrack.update and (data.type=task or data.type=shot)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Builder(Result<Part, BuildError>);

/// An expression, and how deep its text nests parentheses.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Part {
    expression: Expression,
    depth: usize,
}

impl Builder {
    /// The finished expression.
    ///
    /// # Errors
    ///
    /// [`BuildError`], the first that occurred: a name that cannot be a field, or a
    /// text beyond [`MAX_DEPTH`](crate::MAX_DEPTH) or
    /// [`MAX_LENGTH`](crate::MAX_LENGTH).
    ///
    /// ```
    /// use ftrack_expression::{BuildError, field};
    ///
    /// let error = field("two words").is("x").build().unwrap_err();
    /// assert_eq!(error, BuildError::Field("two words".to_owned()));
    /// ```
    pub fn build(self) -> Result<Expression, BuildError> {
        let expression = self.0?.expression;
        let mut length = Length(0);
        if write!(length, "{expression}").is_err() {
            return Err(BuildError::TooLong);
        }
        Ok(expression)
    }

    fn join(self, other: Self, conjunction: Conjunction) -> Self {
        let joined = |left: Part, right: Part| {
            let depth = conjunction
                .depth_of(&left)
                .max(conjunction.depth_of(&right));
            let (left, right) = (left.expression, right.expression);
            let expression = match conjunction {
                Conjunction::And => left.and(right),
                Conjunction::Or => left.or(right),
            };
            Part::new(expression, depth)
        };
        Self(self.0.and_then(|left| joined(left, other.0?)))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Conjunction {
    And,
    Or,
}

impl Conjunction {
    /// How deep the text of `part` is as a member of this conjunction.
    fn depth_of(self, part: &Part) -> usize {
        let grouped = self == Self::And && matches!(part.expression.kind(), Kind::Any(_));
        part.depth + usize::from(grouped)
    }
}

impl Part {
    fn new(expression: Expression, depth: usize) -> Result<Self, BuildError> {
        if depth > MAX_DEPTH {
            Err(BuildError::TooDeep)
        } else {
            Ok(Self { expression, depth })
        }
    }

    fn negated(self) -> Result<Self, BuildError> {
        let depth = match self.expression.kind() {
            Kind::Condition(_) => self.depth,
            Kind::All(_) | Kind::Any(_) => self.depth + 1,
            Kind::Not(operand) => depth(operand),
        };
        Self::new(self.expression.negated(), depth)
    }
}

/// How deep the text of `expression` nests parentheses.
fn depth(expression: &Expression) -> usize {
    let mut deepest = 0;
    let mut pending = vec![(expression, 0)];
    while let Some((outer, depth)) = pending.pop() {
        deepest = deepest.max(depth);
        let members = match outer.kind() {
            Kind::Condition(_) => &[],
            Kind::Not(operand) => std::slice::from_ref(operand),
            Kind::All(members) | Kind::Any(members) => members,
        };
        for member in members {
            let grouped = needs_parentheses(outer.kind(), member.kind());
            pending.push((member, depth + usize::from(grouped)));
        }
    }
    deepest
}

impl From<Expression> for Builder {
    fn from(expression: Expression) -> Self {
        let depth = depth(&expression);
        Self(Part::new(expression, depth))
    }
}

impl<R: Into<Builder>> BitAnd<R> for Builder {
    type Output = Self;

    fn bitand(self, other: R) -> Self {
        self.join(other.into(), Conjunction::And)
    }
}

impl<R: Into<Builder>> BitOr<R> for Builder {
    type Output = Self;

    fn bitor(self, other: R) -> Self {
        self.join(other.into(), Conjunction::Or)
    }
}

impl Not for Builder {
    type Output = Self;

    fn not(self) -> Self {
        Self(self.0.and_then(Part::negated))
    }
}

impl<R: Into<Builder>> BitAnd<R> for Expression {
    type Output = Builder;

    fn bitand(self, other: R) -> Builder {
        Builder::from(self) & other
    }
}

impl<R: Into<Builder>> BitOr<R> for Expression {
    type Output = Builder;

    fn bitor(self, other: R) -> Builder {
        Builder::from(self) | other
    }
}

impl Not for Expression {
    type Output = Builder;

    fn not(self) -> Builder {
        !Builder::from(self)
    }
}

/// Counts the bytes written to it, up to the longest text there is.
struct Length(usize);

impl Write for Length {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.0 += piece.len();
        if self.0 > MAX_LENGTH {
            Err(fmt::Error)
        } else {
            Ok(())
        }
    }
}
