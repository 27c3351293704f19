//! What holds for all expressions and candidates.

use ftrack_expression::{Expression, Kind};
use proptest::prelude::*;

use crate::generated::{builder, candidate, expression};

/// The semantics once more, straight from the structure.
fn fulfils(expression: &Expression, candidate: &serde_json::Value) -> bool {
    match expression.kind() {
        Kind::Condition(condition) => condition.matches(candidate),
        Kind::Not(operand) => !fulfils(operand, candidate),
        Kind::All(members) => !members.iter().any(|member| !fulfils(member, candidate)),
        Kind::Any(members) => !members.iter().all(|member| !fulfils(member, candidate)),
        other => unreachable!("{other:?}"),
    }
}

fn assert_normal(expression: &Expression) {
    match expression.kind() {
        Kind::Condition(_) => {}
        Kind::Not(operand) => {
            assert!(!matches!(operand.kind(), Kind::Not(_)), "{expression}");
            assert_normal(operand);
        }
        Kind::All(members) => {
            assert!(members.len() > 1, "{expression}");
            assert!(
                !members
                    .iter()
                    .any(|member| matches!(member.kind(), Kind::All(_)))
            );
            members.iter().for_each(assert_normal);
        }
        Kind::Any(members) => {
            assert!(members.len() > 1, "{expression}");
            assert!(
                !members
                    .iter()
                    .any(|member| matches!(member.kind(), Kind::Any(_)))
            );
            members.iter().for_each(assert_normal);
        }
        other => unreachable!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn printed_text_parses_to_the_same_tree(expression in expression()) {
        let text = expression.to_string();
        let parsed = Expression::parse(&text);
        prop_assert_eq!(parsed.as_ref(), Ok(&expression), "{}", text);
        assert_normal(&expression);
    }

    #[test]
    fn blanks_case_and_needless_parentheses_change_nothing(expression in expression()) {
        // Values may contain the words, so only what stands around is changed.
        let text = expression.to_string();
        let dressed = format!("\n\t( ({text}\r\n) ) ");
        prop_assert_eq!(Expression::parse(&dressed), Ok(expression));
    }

    #[test]
    fn not_is_the_opposite(builder in builder(), candidate in candidate()) {
        let expression = builder.clone().build().unwrap();
        let opposite = (!builder).build().unwrap();
        prop_assert_ne!(expression.matches(&candidate), opposite.matches(&candidate));
        let reparsed = Expression::parse(&format!("not ({expression})")).unwrap();
        prop_assert_eq!(&reparsed, &opposite);
    }

    #[test]
    fn and_and_or_are_what_they_say(
        left in expression(),
        right in expression(),
        candidate in candidate(),
    ) {
        let (one, two) = (left.matches(&candidate), right.matches(&candidate));
        prop_assert_eq!(one, fulfils(&left, &candidate));
        let both = Expression::parse(&format!("({left}) and ({right})")).unwrap();
        let either = Expression::parse(&format!("({left}) or ({right})")).unwrap();
        prop_assert_eq!(both.matches(&candidate), one && two);
        prop_assert_eq!(either.matches(&candidate), one || two);
        prop_assert_eq!(Ok(both), (left.clone() & right.clone()).build());
        prop_assert_eq!(Ok(either), (left | right).build());
    }

    #[test]
    fn a_topic_that_is_not_admitted_never_matches(
        expression in expression(),
        candidate in candidate(),
    ) {
        for field in ["topic", "data.a"] {
            let text = match candidate.pointer(&format!("/{}", field.replace('.', "/"))) {
                Some(serde_json::Value::String(text)) => Some(text.as_str()),
                None => None,
                // The requirement speaks of texts.
                Some(_) => continue,
            };
            if let Some(required) = expression.required(field) {
                let admitted = text.is_some_and(|text| required.admits(text));
                prop_assert!(admitted || !expression.matches(&candidate), "{expression}");
            }
        }
    }

    #[test]
    fn any_text_has_an_answer(text in prop_oneof![
        any::<String>(),
        "[ab.=!<>()\"'\\\\e*ö \n]{0,40}",
        "((not|and|or|NOT| |\\(|\\)|a|=|1|\"x\"|e'y\\\\'|<=|!=) ?){0,12}",
    ]) {
        match Expression::parse(&text) {
            Ok(expression) => {
                prop_assert_eq!(Expression::parse(&expression.to_string()), Ok(expression));
            }
            Err(error) => {
                let span = error.span();
                prop_assert!(text.get(span.clone()).is_some(), "{:?} of {:?}", span, text);
                let before = &text[..span.start];
                prop_assert_eq!(error.line(), before.split('\n').count());
                let line = before.rsplit('\n').next().unwrap();
                prop_assert_eq!(error.column(), line.chars().count() + 1);
                prop_assert!(error.render().ends_with("^\n"));
            }
        }
    }
}
