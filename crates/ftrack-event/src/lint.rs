//! Subscriptions that do not say what their author means.

use std::fmt;

use ftrack_expression::{Expression, Kind};

/// What events of ftrack hold as lists, which expressions do not look into.
const LISTS: [&str; 3] = ["data.entities", "data.selection", "data.parents"];

/// A field of a subscription that no event of ftrack has, because it lies inside a list.
///
/// It is a warning: a studio may publish events of its own that have a mapping there.
///
/// ```
/// use ftrack_event::lint;
/// use ftrack_expression::Expression;
///
/// let subscription = "topic=ftrack.update and data.entities.entityType=task";
/// let warnings = lint(&Expression::parse(subscription)?);
/// assert_eq!(warnings[0].field(), "data.entities.entityType");
/// assert!(warnings[0].to_string().contains("is a list"));
/// # Ok::<(), ftrack_expression::ParseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintWarning {
    field: String,
    list: &'static str,
}

impl LintWarning {
    /// The field as it is written.
    pub fn field(&self) -> &str {
        &self.field
    }
}

impl fmt::Display for LintWarning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, list } = self;
        write!(
            formatter,
            "a condition on `{field}` never matches an event of ftrack: `{list}` is a list, and \
             expressions do not look into lists; subscribe to the topic, and look at each member \
             in the handler"
        )
    }
}

/// What is suspicious in a subscription, in the order of writing.
pub fn lint(subscription: &Expression) -> Vec<LintWarning> {
    let mut warnings = Vec::new();
    let mut pending = vec![subscription];
    while let Some(expression) = pending.pop() {
        match expression.kind() {
            Kind::Condition(condition) => warnings.extend(warning(condition.field())),
            Kind::Not(operand) => pending.push(operand),
            Kind::All(members) | Kind::Any(members) => pending.extend(members.iter().rev()),
            _ => {}
        }
    }
    warnings
}

fn warning(field: &str) -> Option<LintWarning> {
    let list = LISTS.into_iter().find(|list| {
        let inside = field.strip_prefix(list);
        inside.is_some_and(|inside| inside.starts_with('.'))
    })?;
    Some(LintWarning {
        field: field.to_owned(),
        list,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(subscription: &str) -> Vec<String> {
        let expression = Expression::parse(subscription).unwrap();
        let warnings = lint(&expression).into_iter();
        warnings.map(|warning| warning.field).collect()
    }

    #[test]
    fn conditions_inside_lists_are_found_in_the_order_of_writing() {
        let subscription = "topic=ftrack.update and (data.entities.action=add or not \
                            data.selection.entityId=x) and data.entities=*";
        let expected = ["data.entities.action", "data.selection.entityId"];
        assert_eq!(fields(subscription), expected);
        assert!(fields("topic=a and data.entitiesX.a=1 and data.user.id=2").is_empty());
    }
}
