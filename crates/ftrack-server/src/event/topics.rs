//! Subscriptions by the topic that they ask for.

use std::collections::BTreeMap;

use ftrack_expression::{Expression, Required};
use indexmap::IndexSet;
use rustc_hash::FxHashMap;

/// The number of a subscription.
pub(super) type Number = u64;

/// Numbers of subscriptions; the order does not matter.
type Numbers = IndexSet<Number, rustc_hash::FxBuildHasher>;

/// Numbers of subscriptions under the topics that their expressions require, so that an event is matched only
/// against those that it can concern.
#[derive(Debug, Default)]
pub(super) struct Topics {
    exact: FxHashMap<Box<str>, Numbers>,
    prefixes: FxHashMap<Box<str>, Numbers>,
    /// How many different prefixes there are of each length.
    lengths: BTreeMap<usize, usize>,
    /// Those that require no topic.
    others: Numbers,
}

impl Topics {
    /// Files a subscription.
    pub(super) fn insert(&mut self, expression: &Expression, number: Number) {
        match expression.required_topic() {
            Some(Required::Exact(topic)) => {
                self.exact.entry(topic.into()).or_default().insert(number);
            }
            Some(Required::Prefix(prefix)) => {
                let numbers = self.prefixes.entry(prefix.into()).or_default();
                if numbers.is_empty() {
                    *self.lengths.entry(prefix.len()).or_default() += 1;
                }
                numbers.insert(number);
            }
            _ => {
                self.others.insert(number);
            }
        }
    }

    /// Takes a subscription out.
    pub(super) fn remove(&mut self, expression: &Expression, number: Number) {
        match expression.required_topic() {
            Some(Required::Exact(topic)) => take(&mut self.exact, topic, number),
            Some(Required::Prefix(prefix)) => {
                take(&mut self.prefixes, prefix, number);
                if !self.prefixes.contains_key(prefix) {
                    self.forget_length(prefix.len());
                }
            }
            _ => {
                self.others.swap_remove(&number);
            }
        }
    }

    /// The subscriptions that an event of this topic can concern, each once.
    pub(super) fn candidates<'a>(&'a self, topic: &'a str) -> impl Iterator<Item = Number> + 'a {
        let exact = self.exact.get(topic);
        let prefixes = self
            .lengths
            .range(..=topic.len())
            .filter_map(move |(length, _)| self.prefixes.get(topic.get(..*length)?));
        exact
            .into_iter()
            .chain(prefixes)
            .chain(std::iter::once(&self.others))
            .flatten()
            .copied()
    }

    fn forget_length(&mut self, length: usize) {
        if let Some(count) = self.lengths.get_mut(&length) {
            *count -= 1;
            if *count == 0 {
                self.lengths.remove(&length);
            }
        }
    }
}

/// Takes a number from a map, with its list when that is empty.
pub(super) fn take(map: &mut FxHashMap<Box<str>, Numbers>, key: &str, number: Number) {
    if let Some(numbers) = map.get_mut(key) {
        numbers.swap_remove(&number);
        if numbers.is_empty() {
            map.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(text: &str) -> Expression {
        Expression::parse(text).unwrap()
    }

    #[test]
    fn only_what_can_match_is_a_candidate() {
        let mut topics = Topics::default();
        let filed = [
            "topic=ftrack.update",
            "topic=ftrack.*",
            "topic=f*",
            "topic=ftrack.update and data.x=1",
            "topic=other",
            "topic=ftrack.action.*",
            "data.x=1",
            "topic=*",
            "topic='für*'",
        ];
        for (number, text) in (0..).zip(filed) {
            topics.insert(&expression(text), number);
        }
        for (topic, expected) in [
            ("ftrack.update", vec![0, 1, 2, 3, 6, 7]),
            ("ftrack.action.launch", vec![1, 2, 5, 6, 7]),
            ("other", vec![4, 6, 7]),
            ("f", vec![2, 6, 7]),
            ("fü", vec![2, 6, 7]),
            ("fürth", vec![2, 6, 7, 8]),
            ("", vec![6, 7]),
        ] {
            let mut found: Vec<Number> = topics.candidates(topic).collect();
            found.sort_unstable();
            assert_eq!(found, expected, "{topic}");
        }
        for (number, text) in (0..).zip(filed) {
            topics.remove(&expression(text), number);
        }
        assert!(topics.exact.is_empty() && topics.prefixes.is_empty());
        assert!(topics.lengths.is_empty() && topics.others.is_empty());
    }
}
