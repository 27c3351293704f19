//! Comparing two recordings.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::Batch;

/// A place at which two recordings differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The step of the story.
    pub step: String,
    /// The place among the step's batches, as in `/0/2/entity_data/name`: batch, action, members.
    pub place: String,
    /// What the official client sent there, if anything.
    pub official: Option<Value>,
    /// What our client sent there, if anything.
    pub ours: Option<Value>,
}

/// Where the recordings differ, step by step; steps in the order of the first.
pub fn differences(official: &[Batch], ours: &[Batch]) -> Vec<Difference> {
    let mut steps: Vec<&str> = Vec::new();
    for batch in official.iter().chain(ours) {
        if !steps.contains(&batch.step.as_str()) {
            steps.push(&batch.step);
        }
    }
    let mut found = Vec::new();
    for step in steps {
        let of = |batches: &[Batch]| {
            let of_step = batches.iter().filter(|batch| batch.step == step);
            Value::Array(of_step.map(|batch| batch.body.clone()).collect())
        };
        compare(step, "", Some(&of(official)), Some(&of(ours)), &mut found);
    }
    found
}

fn compare(
    step: &str,
    place: &str,
    official: Option<&Value>,
    ours: Option<&Value>,
    found: &mut Vec<Difference>,
) {
    match (official, ours) {
        (Some(Value::Array(theirs)), Some(Value::Array(own))) => {
            for index in 0..theirs.len().max(own.len()) {
                let place = format!("{place}/{index}");
                compare(step, &place, theirs.get(index), own.get(index), found);
            }
        }
        (Some(Value::Object(theirs)), Some(Value::Object(own))) => {
            let names: BTreeSet<&String> = theirs.keys().chain(own.keys()).collect();
            for name in names {
                let place = format!("{place}/{name}");
                compare(step, &place, theirs.get(name), own.get(name), found);
            }
        }
        _ if official == ours => {}
        _ => found.push(Difference {
            step: step.to_owned(),
            place: place.to_owned(),
            official: official.cloned(),
            ours: ours.cloned(),
        }),
    }
}

/// In the format of the file of exceptions, without a reason.
impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<Value>| match value {
            Some(value) => format!("`{value}`"),
            None => "nothing".to_owned(),
        };
        writeln!(formatter, "## {} {}", self.step, self.place)?;
        writeln!(formatter)?;
        writeln!(formatter, "- official: {}", shown(&self.official))?;
        writeln!(formatter, "- ours: {}", shown(&self.ours))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn batch(step: &str, body: Value) -> Batch {
        Batch {
            step: step.to_owned(),
            body,
        }
    }

    #[test]
    fn equal_recordings_have_no_differences() {
        let story = [
            batch("start", json!([{"action": "query"}])),
            batch("query", json!([1])),
        ];
        assert_eq!(differences(&story, &story), []);
    }

    #[test]
    fn a_difference_is_as_small_as_possible() {
        let official = [batch(
            "create",
            json!([{"action": "create", "entity_data": {"a": 1, "b": 2}}]),
        )];
        let ours = [batch(
            "create",
            json!([{"action": "create", "entity_data": {"a": 1, "c": 2}}]),
        )];
        let places: Vec<String> = differences(&official, &ours)
            .into_iter()
            .map(|found| found.place)
            .collect();
        assert_eq!(places, ["/0/0/entity_data/b", "/0/0/entity_data/c"]);
    }

    #[test]
    fn a_request_that_only_one_sends_is_a_difference() {
        let official = [
            batch("query", json!([1])),
            batch("query", json!([2])),
            batch("end", json!([3])),
        ];
        let ours = [batch("query", json!([1])), batch("end", json!([3]))];
        let found = differences(&official, &ours);
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].to_string(),
            "## query /1\n\n- official: `[2]`\n- ours: nothing\n"
        );
    }
}
