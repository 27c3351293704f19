//! What an expression demands of one field, so that expressions can be indexed.

use crate::condition::Test;
use crate::expression::{Expression, Kind};

/// What the text of a field has to be for an expression to match at all.
///
/// It is a necessary condition, not a sufficient one: whatever does not fulfil
/// it cannot match, whatever does still has to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Required<'a> {
    /// Only this very text.
    Exact(&'a str),
    /// Only texts that start with this one, which is not empty.
    Prefix(&'a str),
}

impl<'a> Required<'a> {
    /// Whether `text` fulfils the requirement.
    pub fn admits(&self, text: &str) -> bool {
        match self {
            Self::Exact(exact) => text == *exact,
            Self::Prefix(prefix) => text.starts_with(prefix),
        }
    }

    /// The text itself, or the prefix.
    pub fn text(&self) -> &'a str {
        match self {
            Self::Exact(text) | Self::Prefix(text) => text,
        }
    }

    /// The narrower of two requirements that both hold. Where they contradict
    /// each other nothing matches, and either of them says so.
    fn narrower(self, other: Self) -> Self {
        match (self, other) {
            (Self::Prefix(_), Self::Exact(_)) => other,
            (Self::Prefix(one), Self::Prefix(two)) if one.len() < two.len() => other,
            _ => self,
        }
    }

    /// What is left of two requirements of which one holds.
    fn common(self, other: Self) -> Option<Self> {
        if self == other {
            return Some(self);
        }
        let prefix = common_prefix(self.text(), other.text());
        (!prefix.is_empty()).then_some(Self::Prefix(prefix))
    }
}

impl Expression {
    /// What the expression requires of the text of `field`, if anything.
    ///
    /// Conjunctions narrow it, alternatives leave the prefix they share, and a
    /// negation requires nothing, since it also matches where the field is absent.
    ///
    /// ```
    /// use ftrack_expression::{Expression, Required};
    ///
    /// let expression = Expression::parse("id=hub and (topic=ftrack.update or topic=ftrack.action.*)")?;
    /// assert_eq!(expression.required("id"), Some(Required::Exact("hub")));
    /// assert_eq!(expression.required("topic"), Some(Required::Prefix("ftrack.")));
    /// assert_eq!(expression.required("data.id"), None);
    /// # Ok::<(), ftrack_expression::ParseError>(())
    /// ```
    pub fn required(&self, field: &str) -> Option<Required<'_>> {
        match self.kind() {
            Kind::Condition(condition) if condition.field() == field => match condition.test() {
                Test::Is(text) => Some(Required::Exact(text)),
                Test::StartsWith(prefix) => Some(Required::Prefix(prefix)),
                _ => None,
            },
            Kind::Condition(_) | Kind::Not(_) => None,
            Kind::All(members) => members
                .iter()
                .filter_map(|member| member.required(field))
                .reduce(Required::narrower),
            Kind::Any(members) => {
                let mut required = members.iter().map(|member| member.required(field));
                let first = required.next()??;
                required.try_fold(first, |left, right| left.common(right?))
            }
        }
    }

    /// [`required`](Self::required) of the field `topic`: under which topics an
    /// event hub has to look for this subscription.
    ///
    /// ```
    /// use ftrack_expression::{Expression, Required};
    ///
    /// let subscription = Expression::parse("topic=ftrack.update and source.user.username=ada")?;
    /// let required = subscription.required_topic();
    /// assert_eq!(required, Some(Required::Exact("ftrack.update")));
    /// assert!(required.is_some_and(|required| !required.admits("ftrack.action.launch")));
    /// # Ok::<(), ftrack_expression::ParseError>(())
    /// ```
    pub fn required_topic(&self) -> Option<Required<'_>> {
        self.required("topic")
    }
}

fn common_prefix<'a>(one: &'a str, two: &str) -> &'a str {
    let mut length = 0;
    for (left, right) in one.chars().zip(two.chars()) {
        if left != right {
            break;
        }
        length += left.len_utf8();
    }
    one.get(..length).unwrap_or_default()
}
