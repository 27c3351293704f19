//! The tree of an expression.

mod levels;

use std::fmt;

use crate::condition::Condition;

/// An event expression: a condition, or conditions joined by `not`, `and` and `or`.
///
/// It comes from text ([`Expression::parse`]) or from the
/// [builder](crate::Builder), and only in forms that its text can say:
/// [`Display`](std::fmt::Display) prints canonical text, and parsing that gives
/// an equal expression. Two spellings of one tree are equal: parentheses that
/// change nothing and double negations are gone, and chains are flat.
///
/// ```
/// use ftrack_expression::Expression;
///
/// let expression: Expression = "NOT (id = 'a' OR (id = 'b'))".parse()?;
/// assert_eq!(expression.to_string(), "not (id=a or id=b)");
/// assert_eq!(expression, Expression::parse("not (id=a or id=b)")?);
/// # Ok::<(), ftrack_expression::ParseError>(())
/// ```
pub struct Expression(Node);

/// Groups have at least two members and none of their own kind; the operand of
/// a negation is not a negation. `Expression::all`, `any` and `negated` see to it.
/// Only an expression that is being taken apart is `Taken`.
enum Node {
    Condition(Condition),
    Not(Box<Expression>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Taken,
}

/// One level of an expression, for programs that walk the tree.
///
/// ```
/// use ftrack_expression::{Expression, Kind};
///
/// fn count(expression: &Expression) -> usize {
///     match expression.kind() {
///         Kind::Condition(_) => 1,
///         Kind::Not(operand) => count(operand),
///         Kind::All(members) | Kind::Any(members) => members.iter().map(count).sum(),
///         // A kind of a later version.
///         _ => 0,
///     }
/// }
///
/// assert_eq!(count(&Expression::parse("a=1 and (b=2 or not c=3)")?), 3);
/// # Ok::<(), ftrack_expression::ParseError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind<'a> {
    /// One comparison.
    Condition(&'a Condition),
    /// Matches exactly where its operand does not.
    Not(&'a Expression),
    /// Matches where every member does; there are at least two.
    All(&'a [Expression]),
    /// Matches where some member does; there are at least two.
    Any(&'a [Expression]),
}

impl Expression {
    /// The outermost level of the tree.
    pub fn kind(&self) -> Kind<'_> {
        match &self.0 {
            Node::Condition(condition) => Kind::Condition(condition),
            Node::Not(operand) => Kind::Not(operand),
            Node::All(members) => Kind::All(members),
            Node::Any(members) => Kind::Any(members),
            Node::Taken => Kind::Any(&[]),
        }
    }

    fn take(&mut self) -> Node {
        std::mem::replace(&mut self.0, Node::Taken)
    }

    pub(crate) fn condition(condition: Condition) -> Self {
        Self(Node::Condition(condition))
    }

    pub(crate) fn negated(mut self) -> Self {
        match self.take() {
            Node::Not(operand) => *operand,
            node => Self(Node::Not(Box::new(Self(node)))),
        }
    }

    /// The conjunction of `members`, or `None` if there are none.
    pub(crate) fn all(members: Vec<Self>) -> Option<Self> {
        single_or(flattened(members, Self::into_all), Node::All)
    }

    /// The disjunction of `members`, or `None` if there are none.
    pub(crate) fn any(members: Vec<Self>) -> Option<Self> {
        single_or(flattened(members, Self::into_any), Node::Any)
    }

    /// The conjunction of two.
    pub(crate) fn and(self, other: Self) -> Self {
        Self(Node::All(flattened(vec![self, other], Self::into_all)))
    }

    /// The disjunction of two.
    pub(crate) fn or(self, other: Self) -> Self {
        Self(Node::Any(flattened(vec![self, other], Self::into_any)))
    }

    /// The members of a conjunction.
    fn into_all(mut self) -> Result<Vec<Self>, Self> {
        match self.take() {
            Node::All(members) => Ok(members),
            node => Err(Self(node)),
        }
    }

    /// The members of a disjunction.
    fn into_any(mut self) -> Result<Vec<Self>, Self> {
        match self.take() {
            Node::Any(members) => Ok(members),
            node => Err(Self(node)),
        }
    }
}

/// The text says all there is to know, and says it in one line.
impl fmt::Debug for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Expression({self})")
    }
}

impl From<Condition> for Expression {
    fn from(condition: Condition) -> Self {
        Self::condition(condition)
    }
}

/// `members` with those that `open` takes apart replaced by their own members.
fn flattened(
    members: Vec<Expression>,
    open: impl Fn(Expression) -> Result<Vec<Expression>, Expression>,
) -> Vec<Expression> {
    let mut members = members.into_iter();
    let Some(first) = members.next() else {
        return Vec::new();
    };
    // The first list is kept and grown, so joining one by one stays linear.
    let mut flat = open(first).unwrap_or_else(|member| {
        let mut list = Vec::with_capacity(members.len() + 1);
        list.push(member);
        list
    });
    for member in members {
        match open(member) {
            Ok(inner) => flat.extend(inner),
            Err(member) => flat.push(member),
        }
    }
    flat
}

fn single_or(
    mut members: Vec<Expression>,
    group: impl Fn(Vec<Expression>) -> Node,
) -> Option<Expression> {
    if members.len() < 2 {
        members.pop()
    } else {
        Some(Expression(group(members)))
    }
}
