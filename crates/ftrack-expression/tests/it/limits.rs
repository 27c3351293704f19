//! Texts that are too long or too deep, on a stack that is small.

use std::collections::HashSet;
use std::thread;
use std::time::{Duration, Instant};

use ftrack_expression::{BuildError, Expression, Kind, MAX_DEPTH, MAX_LENGTH, ParseErrorKind};
use serde_json::json;

/// An eighth of what Rust gives a thread.
const SMALL_STACK: usize = 256 * 1024;

fn on_a_small_stack(test: fn()) {
    thread::Builder::new()
        .stack_size(SMALL_STACK)
        .spawn(test)
        .unwrap()
        .join()
        .unwrap();
}

fn nested(levels: usize) -> String {
    let inner = "a=1 or b=2 and not (".repeat(levels);
    format!("{inner}c=3 and d=4{}", ")".repeat(levels))
}

#[test]
fn the_deepest_expression_works_on_a_small_stack() {
    on_a_small_stack(|| {
        let expression = Expression::parse(&nested(MAX_DEPTH)).unwrap();
        assert_eq!(expression.to_string(), nested(MAX_DEPTH));
        // Every level negates the one within, down to the last.
        assert!(expression.matches(&json!({"b": 2, "c": 3, "d": 4})));
        assert!(!expression.matches(&json!({"b": 2, "c": 3})));
        assert!(format!("{expression:?}").len() > nested(MAX_DEPTH).len());
        assert_eq!(expression.clone(), expression);
        assert!(HashSet::from([expression.clone()]).contains(&expression));
        assert_eq!(expression.required_topic(), None);
        let combined = (expression.clone() & expression).build();
        assert_eq!(combined, Err(BuildError::TooDeep));
    });
}

#[test]
fn one_level_more_is_refused() {
    on_a_small_stack(|| {
        let error = Expression::parse(&nested(MAX_DEPTH + 1)).unwrap_err();
        assert_eq!(error.kind(), ParseErrorKind::TooDeep);
        assert_eq!(
            error.span(),
            "a=1 or b=2 and not (".len() * (MAX_DEPTH + 1) - 1..2580
        );
    });
}

#[test]
fn parentheses_within_quotes_do_not_count() {
    let text = format!(r#"a="{}\"(" or b='{}'"#, "(".repeat(1000), "(".repeat(1000));
    assert!(Expression::parse(&text).is_ok());
    let beside = "(a=1) or ".repeat(1000) + "a=1";
    assert!(Expression::parse(&beside).is_ok());
}

#[test]
fn ten_megabytes_of_anything_have_an_answer() {
    on_a_small_stack(|| {
        for piece in [
            "a=1 and ", "(", ")", "not ", "\"", "a", "a=", " ", "\\", "e\"", "ö", "\n",
        ] {
            for length in [10 << 20, MAX_LENGTH] {
                let text = piece.repeat(length / piece.len());
                let started = Instant::now();
                let error = Expression::parse(&text).unwrap_err();
                assert!(error.render().len() < 2000, "{piece}");
                assert!(error.to_string().len() < 500, "{piece}");
                assert!(started.elapsed() < Duration::from_secs(60), "{piece}");
            }
        }
    });
}

#[test]
fn the_longest_texts_parse_into_flat_trees() {
    on_a_small_stack(|| {
        let members = MAX_LENGTH / "a=1 and ".len();
        let text = vec!["a=1"; members].join(" and ");
        let expression = Expression::parse(&text).unwrap();
        let Kind::All(parsed) = expression.kind() else {
            panic!("{:?}", expression.kind())
        };
        assert_eq!(parsed.len(), members);
        assert!(expression.matches(&json!({"a": 1})));

        let negations = "not ".repeat(MAX_LENGTH / 4 - 1) + "a=1";
        let expression = Expression::parse(&negations).unwrap();
        assert_eq!(expression.to_string(), "not a=1");
    });
}

#[test]
fn a_text_beyond_the_limit_is_refused_whatever_it_says() {
    let text = format!("a=1{}", " ".repeat(MAX_LENGTH));
    assert_eq!(
        Expression::parse(&text).unwrap_err().kind(),
        ParseErrorKind::TooLong
    );
}
