//! Expressions and candidates at random.

use ftrack_expression::{Builder, Expression, field};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Few names and values, so that they meet often.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(vec!["topic", "data.a", "data.b", "data"]).prop_map(str::to_owned),
        1 => prop::sample::select(vec!["not", "AND", "or", "data.a.b", ".", "data..a"]).prop_map(str::to_owned),
        1 => "[A-Za-z0-9_.]{1,8}",
    ]
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[ab1]{0,2}\\*?",
        1 => "-?[0-9]{1,3}(\\.[0-9])?",
        1 => prop::sample::select(vec!["true", "false", "and", "not", "null", "*", "**", "e\"x\""]).prop_map(str::to_owned),
        1 => "[\"'\\\\*() =eaö\n]{0,6}",
        1 => any::<String>(),
    ]
}

fn condition() -> impl Strategy<Value = Builder> {
    (name(), value(), 0..8).prop_map(|(name, value, test)| {
        let field = field(name);
        match test {
            0 => field.exists(),
            1 => field.is_not(value),
            2 => field.less_than(value),
            3 => field.at_most(value),
            4 => field.greater_than(value),
            5 => field.at_least(value),
            6 => field.starts_with(value),
            _ => field.is(value),
        }
    })
}

/// Builders of trees up to a depth of a few levels.
pub(crate) fn builder() -> impl Strategy<Value = Builder> {
    condition().prop_recursive(5, 24, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|operand| !operand),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| left & right),
            (inner.clone(), inner).prop_map(|(left, right)| left | right),
        ]
    })
}

pub(crate) fn expression() -> impl Strategy<Value = Expression> {
    builder().prop_map(|builder| builder.build().unwrap())
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        5 => value().prop_map(Value::from),
        2 => (-20_i64..20).prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => Just(json!(["a"])),
    ]
}

pub(crate) fn candidate() -> impl Strategy<Value = Value> {
    let data = prop_oneof![
        4 => (scalar(), scalar()).prop_map(|(a, b)| json!({"a": a, "b": b})),
        1 => scalar().prop_map(|a| json!({"a": {"b": a}})),
        1 => scalar(),
    ];
    let topic = prop_oneof![4 => scalar().prop_map(Some), 1 => Just(None)];
    (topic, data).prop_map(|(topic, data)| match topic {
        Some(topic) => json!({"topic": topic, "data": data}),
        None => json!({"data": data}),
    })
}
