//! What entities have to fulfil.

use std::borrow::Cow;
use std::cmp::Ordering;

use rustc_hash::FxHashSet;

use super::compare::{compare, same};
use super::pattern::Pattern;
use super::{Handle, Hop, View};
use crate::budget::Budget;
use crate::catalog::{Computed, Source};
use crate::text::{Case, folded};
use crate::value::Value;

/// A condition whose names are resolved and whose values fit.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Either(Vec<Condition>),
    Not(Box<Condition>),
    /// Some value at the end of the path passes the test.
    Compare {
        path: Vec<Hop>,
        test: Test,
    },
    /// Some entity at the end of the path fulfils the condition.
    Related {
        path: Vec<Hop>,
        condition: Option<Box<Condition>>,
    },
}

/// A test of one value.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    Is(Value, Case),
    IsNot(Value, Case),
    /// The order of the value to that of the query is one of these.
    Ordered(Value, &'static [Ordering]),
    Like(Pattern),
    NotLike(Pattern),
    /// Where case does not count, the texts are in the spelling that stands for all others.
    In(FxHashSet<Value>, Case),
    NotIn(FxHashSet<Value>, Case),
}

impl Test {
    /// Whether it can be looked up in an index which values pass. Null is in none.
    pub(super) fn is_looked_up(&self) -> bool {
        match self {
            Self::Is(value, _) => !value.is_null(),
            Self::In(values, _) => !values.contains(&Value::Null),
            _ => false,
        }
    }

    /// The values to look up.
    pub(super) fn values(&self) -> Option<(Cow<'_, [Value]>, Case)> {
        match self {
            Self::Is(value, case) if self.is_looked_up() => {
                Some((std::slice::from_ref(value).into(), *case))
            }
            Self::In(values, case) if self.is_looked_up() => {
                Some((values.iter().cloned().collect(), *case))
            }
            _ => None,
        }
    }

    fn passes(&self, value: &Value, budget: &Budget) -> bool {
        match self {
            Self::Is(wanted, case) => same(value, wanted, *case),
            Self::IsNot(wanted, case) => !same(value, wanted, *case),
            Self::Ordered(wanted, orders) => {
                compare(value, wanted).is_some_and(|order| orders.contains(&order))
            }
            Self::Like(pattern) => text(value).is_some_and(|text| pattern.matches(&text, budget)),
            Self::NotLike(pattern) => {
                !text(value).is_some_and(|text| pattern.matches(&text, budget))
            }
            Self::In(values, case) => is_in(value, values, *case, budget),
            Self::NotIn(values, case) => !is_in(value, values, *case, budget),
        }
    }
}

fn is_in(value: &Value, values: &FxHashSet<Value>, case: Case, budget: &Budget) -> bool {
    if values.contains(value) {
        return true;
    }
    match value {
        Value::Id(_) => false,
        Value::Text(text) => case == Case::Ignored && values.contains(&Value::text(&folded(text))),
        _ => budget.spend_on(values.len()) && values.iter().any(|wanted| same(value, wanted, case)),
    }
}

fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::Text(text) | Value::Json(text) => Some(Cow::Borrowed(text)),
        other => {
            let text = other.as_text();
            Some(Cow::Owned(
                text.unwrap_or_else(|| other.to_json().to_string()),
            ))
        }
    }
}

impl View<'_> {
    /// Whether an entity fulfils a condition.
    pub(crate) fn fulfils(self, handle: Handle, condition: &Condition) -> bool {
        if !self.budget.spend(1) {
            return false;
        }
        match condition {
            Condition::All(parts) => parts.iter().all(|part| self.fulfils(handle, part)),
            Condition::Either(parts) => parts.iter().any(|part| self.fulfils(handle, part)),
            Condition::Not(part) => !self.fulfils(handle, part),
            Condition::Compare { path, test } => {
                self.any_value(handle, path, &mut |value| test.passes(value, self.budget))
            }
            Condition::Related { path, condition } => {
                self.any_entity(handle, path, &mut |entity| {
                    condition
                        .as_ref()
                        .is_none_or(|condition| self.fulfils(entity, condition))
                })
            }
        }
    }

    /// Whether `test` holds for some value at the end of a path. A reference that names nothing
    /// has a null value at its end; an empty collection has no end.
    pub(super) fn any_value(
        self,
        handle: Handle,
        path: &[Hop],
        test: &mut dyn FnMut(&Value) -> bool,
    ) -> bool {
        let Some((hop, rest)) = path.split_first() else {
            return false;
        };
        if !self.budget.spend(1) {
            return false;
        }
        let Some(attribute) = self.attribute(handle, hop.name) else {
            return false;
        };
        let is_last = rest.is_empty() && hop.cast.is_none();
        match &attribute.source {
            Source::Stored { .. } if rest.is_empty() => test(&self.value(handle, attribute)),
            Source::Computed { function } if rest.is_empty() => {
                if let (Computed::Link, Handle::Row(row)) = (function, handle) {
                    return test(&Value::Text(self.link_text(row).into()));
                }
                test(&self.value(handle, attribute))
            }
            Source::Stored { .. } | Source::Computed { .. } => false,
            Source::Collection { .. } => {
                let members = self.members(handle, attribute);
                let mut members = members
                    .into_iter()
                    .filter(|member| self.is_cast(*member, *hop));
                if rest.is_empty() {
                    members.any(|member| test(&self.first_value(member)))
                } else {
                    members.any(|member| self.any_value(member, rest, test))
                }
            }
            _ if is_last => test(&self.value(handle, attribute)),
            _ => match self.reference(handle, attribute) {
                None => hop.cast.is_none() && test(&Value::Null),
                Some(target) if !self.is_cast(target, *hop) => false,
                Some(target) if rest.is_empty() => test(&self.first_value(target)),
                Some(target) => self.any_value(target, rest, test),
            },
        }
    }

    /// Whether `test` holds for some entity at the end of a path.
    fn any_entity(
        self,
        handle: Handle,
        path: &[Hop],
        test: &mut dyn FnMut(Handle) -> bool,
    ) -> bool {
        let Some((hop, rest)) = path.split_first() else {
            return test(handle);
        };
        if !self.budget.spend(1) {
            return false;
        }
        let Some(attribute) = self.attribute(handle, hop.name) else {
            return false;
        };
        let reached = match &attribute.source {
            Source::Collection { .. } => self.members(handle, attribute),
            Source::Stored { .. } | Source::Computed { .. } => {
                // `has ()` on a plain value asks whether it is set.
                return rest.is_empty() && !self.value(handle, attribute).is_null();
            }
            _ => self.reference(handle, attribute).into_iter().collect(),
        };
        reached
            .into_iter()
            .filter(|entity| self.is_cast(*entity, *hop))
            .any(|entity| self.any_entity(entity, rest, test))
    }

    fn is_cast(self, entity: Handle, hop: Hop) -> bool {
        hop.cast
            .is_none_or(|cast| self.store.catalog().is_member(entity.type_id(), cast))
    }

    fn first_value(self, entity: Handle) -> Value {
        match self.key(entity) {
            crate::store::Key::One(value) => value,
            crate::store::Key::Many(parts) => parts.first().cloned().unwrap_or_default(),
        }
    }
}
