//! What programs build, and how it reads.

use std::collections::HashMap;

use ftrack_expression::{BuildError, Builder, Expression, MAX_DEPTH, MAX_LENGTH, all, any, field};

fn check(builder: Builder, text: &str) {
    let built = builder.build().unwrap();
    assert_eq!(built.to_string(), text);
    assert_eq!(Expression::parse(text).unwrap(), built);
}

#[test]
fn every_test_of_a_field() {
    check(field("topic").is("ftrack.update"), "topic=ftrack.update");
    check(
        field("topic").is_not("ftrack.update"),
        "topic!=ftrack.update",
    );
    check(field("topic").starts_with("ftrack."), "topic=ftrack.*");
    check(field("topic").starts_with(""), "topic=*");
    check(field("data.id").exists(), "data.id=*");
    check(field("data.frame").less_than(1001), "data.frame<1001");
    check(field("data.frame").at_most(1001), "data.frame<=1001");
    check(field("data.frame").greater_than(1001), "data.frame>1001");
    check(field("data.frame").at_least(1001), "data.frame>=1001");
    check(field("data.final").is(true), "data.final=true");
    check(
        field("data.frame").is_in([1, 2]),
        "data.frame=1 or data.frame=2",
    );
}

#[test]
fn values_are_never_structure_nor_wildcards() {
    check(field("a").is("x or b=*"), r#"a=e"x or b=\*""#);
    check(field("a").is(r#"x" or b="y"#), r#"a='x" or b="y'"#);
    check(field("a").is("it's"), r#"a="it's""#);
    check(field("a").is(r#"it's "it""#), r#"a=e"it's \"it\"""#);
    check(field("a").is(r"P:\show"), r#"a="P:\show""#);
    check(field("a").is(r"P:\show\"), r#"a=e"P:\\show\\""#);
    check(field("a").is(r"P:\show\\"), r#"a="P:\show\\""#);
    check(field("a").is(r#"say \"x\""#), r#"a="say \"x\"""#);
    check(field("a").is("*"), r#"a=e"\*""#);
    check(field("a").is_not("*"), "a!=*");
    check(field("a").starts_with("*"), "a=**");
    check(field("a").starts_with(r"P:\"), r#"a="P:\*""#);
    check(field("a").starts_with(r#"'""#), r#"a=e"'\"*""#);
    check(field("a").is(""), r#"a="""#);
    check(field("a").is("and"), "a=and");
    check(field("a").is("(b=c)"), r#"a="(b=c)""#);
    check(field("a").is("größe\n\t\0"), "a=\"größe\n\t\0\"");
}

#[test]
fn combinations_print_the_parentheses_they_need() {
    let [a, b, c] = ["a", "b", "c"].map(|name| field(name).is(1));
    check(a.clone() & b.clone() | c.clone(), "a=1 and b=1 or c=1");
    check(a.clone() & (b.clone() | c.clone()), "a=1 and (b=1 or c=1)");
    check(a.clone() & (b.clone() & c.clone()), "a=1 and b=1 and c=1");
    check(
        !(a.clone() & b.clone()) | !c.clone(),
        "not (a=1 and b=1) or not c=1",
    );
    check(!!a.clone(), "a=1");
    check(!!(a.clone() | b.clone()), "a=1 or b=1");
    check(!(!a.clone() & b.clone()), "not (not a=1 and b=1)");
    check(
        all([a.clone(), b.clone() | c.clone()]),
        "a=1 and (b=1 or c=1)",
    );
    check(any([a.clone() & b, c]), "a=1 and b=1 or c=1");
    check(all([a]), "a=1");
}

#[test]
fn parsed_expressions_combine_too() {
    let given = || Expression::parse("b=1 or c=1").unwrap();
    check(field("a").is(1) & given(), "a=1 and (b=1 or c=1)");
    check(given() & given(), "(b=1 or c=1) and (b=1 or c=1)");
    check(given() | field("a").is(1), "b=1 or c=1 or a=1");
    check(!given(), "not (b=1 or c=1)");
}

#[test]
fn names_that_no_text_can_say_are_refused() {
    for name in [
        "",
        "two words",
        "a-b",
        "größe",
        "a=b",
        "topic=x or b",
        "\"a\"",
    ] {
        let error = (field("a").is(1) | field(name).is("x"))
            .build()
            .unwrap_err();
        assert_eq!(error, BuildError::Field(name.to_owned()));
        assert!((!field(name).exists()).build().is_err());
    }
    check(field("not").is(1) & field("AND").is(1), "not=1 and AND=1");
    check(!field("not").is(1), "not not=1");
    check(field(".a..b.").is(1), ".a..b.=1");
}

/// As documented for the groups of expressions.
#[test]
fn an_empty_all_matches_always_and_an_empty_any_never() {
    let with = HashMap::from([("id", "x"), ("a", "1")]);
    let candidates: [HashMap<&str, &str>; 2] = [HashMap::new(), with];
    let matches = |builder: Builder| {
        let expression = builder.build().unwrap();
        let read = Expression::parse(&expression.to_string()).unwrap();
        assert_eq!(read, expression, "what is built can be sent");
        assert_eq!(expression.required_topic(), None);
        candidates
            .each_ref()
            .map(|candidate| read.matches(candidate))
    };
    assert_eq!(matches(all::<Builder>([])), [true, true]);
    assert_eq!(matches(any::<Expression>([])), [false, false]);
    assert_eq!(matches(field("a").is_in::<&str>([])), [false, false]);
    assert_eq!(matches(!all::<Builder>([])), [false, false]);
    assert_eq!(matches(!any::<Builder>([])), [true, true]);
    assert_eq!(
        matches(all::<Builder>([]) & field("a").is(1)),
        [false, true]
    );
    assert_eq!(
        matches(any::<Builder>([]) | field("a").is(1)),
        [false, true]
    );
}

#[test]
fn nesting_ends_where_the_text_may_not_go_further() {
    let nest = |levels: usize| {
        (0..levels).fold(field("a").is(0), |inner, level| {
            field("a").is(level) & (field("b").is(level) | inner)
        })
    };
    let deepest = nest(MAX_DEPTH).build().unwrap();
    assert_eq!(
        Expression::parse(&deepest.to_string()).as_ref(),
        Ok(&deepest)
    );
    assert_eq!(nest(MAX_DEPTH + 1).build(), Err(BuildError::TooDeep));
    assert_eq!(nest(100_000).build(), Err(BuildError::TooDeep));
    assert_eq!(
        (!(field("c").is(1) & deepest.clone())).build(),
        Err(BuildError::TooDeep)
    );
    assert_eq!(
        (field("c").is(1) & (field("d").is(1) | deepest.clone())).build(),
        Err(BuildError::TooDeep)
    );
    assert!((field("c").is(1) | deepest).build().is_ok());
}

#[test]
fn long_chains_and_many_negations_stay_flat() {
    let chain = all((0..50_000).map(|number| field("a").is(number)))
        .build()
        .unwrap();
    assert_eq!(Expression::parse(&chain.to_string()).unwrap(), chain);
    let negated = (0..100_001).fold(field("a").is(1), |inner, _| !inner);
    check(negated, "not a=1");
}

#[test]
fn texts_too_long_to_parse_are_not_built() {
    let value = "x".repeat(MAX_LENGTH - "a=".len());
    let expression = field("a").is(&value).build().unwrap();
    assert_eq!(
        Expression::parse(&expression.to_string()).as_ref(),
        Ok(&expression)
    );
    assert_eq!(field("a").is(value + "x").build(), Err(BuildError::TooLong));
}
