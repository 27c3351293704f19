//! `test_data/match/*.cases`: a candidate as JSON, an empty line, then one
//! expression a line, after `yes` or `no`.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use ftrack_expression::{Candidate, Expression, Member};
use serde_json::{Value, json};

#[test]
fn answers_of_the_data_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data/match");
    let mut asked = 0;
    let mut failures = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = fs::read_to_string(&path).unwrap();
        let (candidate, questions) = file.split_once("\n\n").unwrap();
        let candidate: Value = serde_json::from_str(candidate).unwrap();
        for question in questions.lines().filter(|line| !line.is_empty()) {
            let (answer, text) = question.split_once(char::is_whitespace).unwrap();
            assert!(matches!(answer, "yes" | "no"), "{question}");
            let expression = Expression::parse(text.trim()).unwrap();
            if expression.matches(&candidate) != (answer == "yes") {
                failures.push(format!("{}: not {question}", path.display()));
            }
            asked += 1;
        }
    }
    assert!(asked > 0 && failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn candidates_that_are_not_mappings_match_nothing() {
    for candidate in [json!(null), json!(1), json!("topic"), json!(["topic"])] {
        for text in ["topic=*", "topic!=a", "topic<b", ".=*"] {
            assert!(
                !Expression::parse(text).unwrap().matches(&candidate),
                "{text}"
            );
        }
        assert!(
            Expression::parse("not topic=*")
                .unwrap()
                .matches(&candidate)
        );
    }
}

#[test]
fn standard_maps_are_candidates() {
    let user = HashMap::from([("username".to_owned(), "ada".to_owned())]);
    let event = BTreeMap::from([
        ("topic", Member::Text("ftrack.update".into())),
        ("user", Member::Map(&user)),
        ("note", Member::Null),
        ("count", Member::Integer(3)),
        ("ratio", Member::Float(0.5)),
    ]);
    let expression = "topic=ftrack.update and user.username=ada and note=* and count>2 and ratio<1";
    assert!(Expression::parse(expression).unwrap().matches(&event));
    assert!(
        !Expression::parse("user.username.first=*")
            .unwrap()
            .matches(&event)
    );

    let nested = HashMap::from([("user", user)]);
    assert!(
        Expression::parse("user.username=a*")
            .unwrap()
            .matches(&nested)
    );
    let options = HashMap::from([("here", Some(10_u64)), ("nothing", None)]);
    assert!(
        Expression::parse("here=10 and nothing=* and not nothing=10")
            .unwrap()
            .matches(&options)
    );
}

#[test]
fn a_key_is_asked_for_one_step_at_a_time() {
    /// Has every key, and itself behind each.
    struct Endless;

    impl Candidate for Endless {
        fn member(&self, key: &str) -> Option<Member<'_>> {
            assert!(!key.contains('.'));
            Some(if key == "end" {
                Member::Boolean(true)
            } else {
                Member::Map(self)
            })
        }
    }

    assert!(
        Expression::parse("a.b..c.end=true")
            .unwrap()
            .matches(&Endless)
    );
    assert!(
        !Expression::parse("a.b.end.c=true")
            .unwrap()
            .matches(&Endless)
    );
    let path = format!("{}end=true", "a.".repeat(100_000));
    assert!(Expression::parse(&path).unwrap().matches(&Endless));
}

#[test]
fn numbers_of_any_size_have_an_answer() {
    let candidate = json!({"big": u64::MAX, "small": i64::MIN, "tiny": 5e-324});
    for (text, answer) in [
        ("big=18446744073709551615", true),
        ("big>9223372036854775807", true),
        ("big<99999999999999999999999999999999999999999999999", true),
        ("small<-9223372036854775807", true),
        ("small>=-9223372036854775808", true),
        ("tiny>0", true),
        ("tiny<1e999", false),
        ("big<inf", false),
        ("big>nan", false),
    ] {
        assert_eq!(
            Expression::parse(text).unwrap().matches(&candidate),
            answer,
            "{text}"
        );
    }
}

#[test]
fn floats_that_are_no_numbers_match_no_ordering() {
    let candidate = HashMap::from([("x", f64::NAN)]);
    for text in ["x<1", "x<=1", "x>1", "x>=1", "x=1"] {
        assert!(
            !Expression::parse(text).unwrap().matches(&candidate),
            "{text}"
        );
    }
    assert!(
        Expression::parse("x=* and x!=1")
            .unwrap()
            .matches(&candidate)
    );
}
