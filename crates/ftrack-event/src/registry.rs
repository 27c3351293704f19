//! All subscribers of a hub, filed so that an event meets only those whom it may concern.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use ftrack_expression::Required;

use crate::error::{Error, Result};
use crate::subscriber::Subscriber;

/// Subscribers in the order of calling. An event goes through the list as it was when it came, so that list is shared,
/// and copied by whoever changes it meanwhile.
type List = Arc<Vec<Subscriber>>;

/// The subscribers, by id and by what they require of the topic.
#[derive(Default)]
pub(crate) struct Registry {
    by_id: HashMap<String, Subscriber>,
    /// Those that want one very topic.
    exact: HashMap<String, List>,
    /// Those that want topics of a common beginning.
    prefixes: HashMap<String, List>,
    /// How many prefixes there are of each length, so that a topic is cut only where it helps.
    prefix_lengths: BTreeMap<usize, usize>,
    /// Those that do not say what topic they want.
    others: List,
}

impl Registry {
    /// Adds a subscriber.
    pub(crate) fn add(&mut self, subscriber: Subscriber) -> Result<()> {
        if self.by_id.contains_key(subscriber.id()) {
            return Err(Error::NotUnique {
                id: subscriber.id().to_owned(),
            });
        }
        let list = match subscriber.expression().required_topic() {
            Some(Required::Exact(topic)) => self.exact.entry(topic.to_owned()).or_default(),
            Some(Required::Prefix(prefix)) => {
                if !self.prefixes.contains_key(prefix) {
                    *self.prefix_lengths.entry(prefix.len()).or_default() += 1;
                }
                self.prefixes.entry(prefix.to_owned()).or_default()
            }
            // What this does not know how to index is asked of every event.
            _ => &mut self.others,
        };
        let list = Arc::make_mut(list);
        let place = list.partition_point(|other| other.order() < subscriber.order());
        list.insert(place, subscriber.clone());
        self.by_id.insert(subscriber.id().to_owned(), subscriber);
        Ok(())
    }

    /// Removes a subscriber and gives it back, to be dropped when no lock is held.
    pub(crate) fn remove(&mut self, id: &str) -> Result<Subscriber> {
        let Some(subscriber) = self.by_id.remove(id) else {
            return Err(Error::NotFound { id: id.to_owned() });
        };
        subscriber.deactivate();
        let order = subscriber.order();
        match subscriber.expression().required_topic() {
            Some(Required::Exact(topic)) => {
                take_from(&mut self.exact, topic, order);
            }
            Some(Required::Prefix(prefix)) => {
                if take_from(&mut self.prefixes, prefix, order) {
                    self.forget_length(prefix.len());
                }
            }
            _ => take(&mut self.others, order),
        }
        Ok(subscriber)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Subscriber> {
        self.by_id.get(id)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// All of them, in the order of subscribing.
    pub(crate) fn all(&self) -> Vec<Subscriber> {
        let mut all: Vec<_> = self.by_id.values().cloned().collect();
        all.sort_unstable_by_key(Subscriber::sequence);
        all
    }

    /// Those that an event of this topic may concern, in the order of calling.
    pub(crate) fn candidates(&self, topic: &str) -> List {
        let mut lists: Vec<&List> = self.exact.get(topic).into_iter().collect();
        for length in self
            .prefix_lengths
            .range(..=topic.len())
            .map(|(length, _)| *length)
        {
            // A length in the middle of a character is the length of no prefix of this topic.
            let prefix = topic.get(..length);
            lists.extend(prefix.and_then(|prefix| self.prefixes.get(prefix)));
        }
        if lists.is_empty() || !self.others.is_empty() {
            lists.push(&self.others);
        }
        if let [only] = lists[..] {
            return Arc::clone(only);
        }
        let all = lists.into_iter().flat_map(|list| list.iter().cloned());
        let mut found: Vec<_> = all.collect();
        found.sort_by_key(Subscriber::order);
        Arc::new(found)
    }

    fn forget_length(&mut self, length: usize) {
        if let Some(count) = self.prefix_lengths.get_mut(&length) {
            *count -= 1;
            if *count == 0 {
                self.prefix_lengths.remove(&length);
            }
        }
    }
}

/// Takes the subscriber out of the list under `key`; whether that list is now gone.
fn take_from(lists: &mut HashMap<String, List>, key: &str, order: (i32, u64)) -> bool {
    let Some(list) = lists.get_mut(key) else {
        return false;
    };
    take(list, order);
    let is_empty = list.is_empty();
    if is_empty {
        lists.remove(key);
    }
    is_empty
}

fn take(list: &mut List, order: (i32, u64)) {
    if let Ok(place) = list.binary_search_by_key(&order, Subscriber::order) {
        Arc::make_mut(list).remove(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscriber::SubscribeOptions;

    fn subscriber(sequence: u64, id: &str, subscription: &str, priority: i32) -> Subscriber {
        let options = SubscribeOptions::new().id(id).priority(priority);
        Subscriber::new(subscription, options, sequence, Box::new(|_| Ok(None))).unwrap()
    }

    fn registry() -> Registry {
        let mut registry = Registry::default();
        let cases = [
            ("exact", "topic=ftrack.update", 100),
            ("prefix", "topic=ftrack.*", 50),
            ("longer", "topic=ftrack.up* and data.a=1", 100),
            ("any", "data.a=1", 10),
            ("late", "topic=ftrack.update", 200),
            ("other", "topic='studio.é*'", 0),
        ];
        for (sequence, (id, subscription, priority)) in (0..).zip(cases) {
            registry
                .add(subscriber(sequence, id, subscription, priority))
                .unwrap();
        }
        registry
    }

    fn found(registry: &Registry, topic: &str) -> Vec<String> {
        let found = registry.candidates(topic);
        found.iter().map(|found| found.id().to_owned()).collect()
    }

    #[test]
    fn candidates_come_in_the_order_of_calling() {
        let registry = registry();
        let cases: &[(&str, &[&str])] = &[
            (
                "ftrack.update",
                &["any", "prefix", "exact", "longer", "late"],
            ),
            ("ftrack.action", &["any", "prefix"]),
            ("studio.é", &["other", "any"]),
            ("studio.è", &["any"]),
            ("", &["any"]),
        ];
        for (topic, expected) in cases {
            assert_eq!(found(&registry, topic), *expected, "{topic}");
        }
    }

    #[test]
    fn nothing_is_left_of_those_removed() {
        let mut registry = registry();
        for id in ["exact", "prefix", "longer", "any", "late", "other"] {
            assert!(registry.get(id).is_some());
            let removed = registry.remove(id).unwrap();
            assert!(!removed.is_active());
        }
        assert!(matches!(
            registry.remove("any"),
            Err(Error::NotFound { .. })
        ));
        assert_eq!(registry.len(), 0);
        assert!(registry.exact.is_empty() && registry.prefixes.is_empty());
        assert!(registry.prefix_lengths.is_empty() && registry.others.is_empty());
    }

    /// What an event costs is what it meets, whoever else there is.
    #[test]
    fn ten_thousand_others_are_not_met() {
        let mut registry = Registry::default();
        for sequence in 0..10_000 {
            let subscription = match sequence % 2 {
                0 => format!("topic=studio.topic-{sequence} and data.a=1"),
                _ => format!("topic=studio.topic-{sequence}.*"),
            };
            let subscriber = subscriber(sequence, &sequence.to_string(), &subscription, 100);
            registry.add(subscriber).unwrap();
        }
        assert_eq!(found(&registry, "studio.topic-5000"), ["5000"]);
        assert_eq!(found(&registry, "studio.topic-5001.x"), ["5001"]);
        assert!(found(&registry, "studio.topic-5002.x").is_empty());
        // Prefixes are looked up, once for each length that there is, and not gone through.
        assert!(registry.prefix_lengths.len() <= 4);
    }

    #[test]
    fn ids_are_unique() {
        let mut registry = registry();
        let again = registry.add(subscriber(9, "any", "topic=x", 1));
        assert!(matches!(again, Err(Error::NotUnique { id }) if id == "any"));
        assert_eq!(found(&registry, "x"), ["any"]);
    }
}
