//! The input is a JSON candidate and an expression, with a line break between.
//! Every pair has an answer, `not` turns it, and the required topic is necessary.

#![no_main]

use ftrack_expression::Expression;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|input: &str| {
    let Some((candidate, text)) = input.split_once('\n') else {
        return;
    };
    let Ok(candidate) = serde_json::from_str::<Value>(candidate) else {
        return;
    };
    let Ok(expression) = Expression::parse(text) else {
        return;
    };
    let answer = expression.matches(&candidate);
    if let Some(required) = expression.required_topic() {
        match candidate.get("topic") {
            Some(Value::String(topic)) => assert!(required.admits(topic) || !answer),
            Some(_) => {}
            None => assert!(!answer),
        }
    }
    if let Ok(opposite) = (!expression).build() {
        assert_ne!(opposite.matches(&candidate), answer);
    }
});
