//! Definitions that can be read, and errors that name the line.

use serde_json::json;

use super::parse;
use crate::schema::SchemaVersion;

#[test]
fn a_definition_is_read_line_by_line() {
    let text = "type Scope\n  id    uid\n  name  text\n";
    let schema = parse(&[("scope.schema", text)], SchemaVersion::default()).unwrap();
    assert_eq!(schema.types["Scope"].primary_key, ["id"]);
}

#[test]
fn faults_of_a_definition_name_the_line() {
    for (text, expected) in [
        ("type A\n  id uuid\n", "2: unknown kind of attribute `uuid`"),
        ("type A\n  id\n", "2: what the attribute is is missing"),
        ("  id uid\n", "1: the line belongs to no type"),
        (
            "kind A\n",
            "1: expected `shape`, `type` or `order`, not `kind`",
        ),
        ("type A B\n", "1: unexpected `B`"),
        ("type A : B\n", "1: no type `B` stands before this one"),
        (
            "type A\n  id uid\ntype A\n",
            "3: there is a type `A` already",
        ),
        ("shape a\nshape a\n", "2: there is a shape `a` already"),
        ("type A\n  @use b\n", "2: there is no shape `b`"),
        (
            "shape a\n  @use b\nshape b\n  @use a\ntype A\n  @use a\n",
            "4: shapes use each other in a circle",
        ),
        ("type A\n  @often id\n", "2: unknown fact `@often`"),
        (
            "type A\n  @where id\n",
            "2: what rows have in common should read `attribute=value`, not `id`",
        ),
        (
            "type A\n  id uid\n  name text = main\n",
            "3: the default should be JSON, not `main`",
        ),
        (
            "type A\n  id uid\n  name text note \"x\n",
            "3: a text is not closed",
        ),
        (
            "type A\n  id uid\n  all list A\n",
            "3: it does not say how to find members",
        ),
        (
            "type A\n  id uid\n  name text by id\n",
            "3: only collections have members",
        ),
        (
            "type A\n  id uid\n  all list A by b_id\n",
            "3: `A` has no attribute `b_id`",
        ),
        (
            "type A\n  id uid\n  all list B by id\n",
            "3: there is no type `B`",
        ),
        (
            "type A\n  id uid\n  all list A through B x y\n",
            "3: there is no type `B`",
        ),
        (
            "type A\n  id uid\n  all list A by id by id\n",
            "3: unexpected `by`",
        ),
        (
            "type A\n  id uid\n  other to A\n",
            "3: `A` has no attribute `other_id`",
        ),
        (
            "type A\n  id uid\n  other to A via id,id\n",
            "3: `A` has a key of 1 attributes",
        ),
        (
            "type A\n  id uid\n  b text same-as c\n",
            "3: `A` has no attribute `c`",
        ),
        ("type A\n  id uid\n  id text\n", "3: `id` is defined twice"),
        ("type A\n  name text\n", "1: `A` has no attribute `id`"),
        (
            "type A\n  id uid\n# all\norder A B\n",
            "4: there is no type `B` to put here",
        ),
    ] {
        let error = parse(&[("a.schema", text)], SchemaVersion::default()).unwrap_err();
        assert_eq!(error.to_string(), format!("a.schema:{expected}"), "{text}");
    }
}

#[test]
fn types_take_over_what_their_family_says() {
    let text = "shape named\n  @required id name\n  name text = \"\"\n\
                type A\n  @abstract\n  @use named\n  id uid\n\
                type B : A\n  @required size ...\n  size number\n";
    let schema = parse(&[("a.schema", text)], SchemaVersion::default()).unwrap();
    let (a, b) = (&schema.types["A"], &schema.types["B"]);
    assert!(a.is_abstract && !b.is_abstract);
    assert_eq!(b.required, ["size", "id", "name"]);
    assert_eq!(b.immutable, ["id"]);
    assert_eq!(b.family.as_deref(), Some("A"));
    assert_eq!(b.attributes["name"].default, Some(json!("")));
}

#[test]
fn no_word_left_out_of_a_definition_is_fatal() {
    let shapes = include_str!("../builtin/shapes.schema");
    let text = include_str!("../builtin/contexts.schema");
    let mut start = 0;
    let mut refused = 0;
    while let Some(found) = text[start..].find(|c: char| !c.is_whitespace()) {
        let word = start + found;
        let length = text[word..].find(char::is_whitespace);
        let end = length.map_or(text.len(), |length| word + length);
        let damaged = format!("{}{}", &text[..word], &text[end..]);
        let files = [
            ("shapes.schema", shapes),
            ("contexts.schema", damaged.as_str()),
        ];
        if let Err(error) = parse(&files, SchemaVersion::default()) {
            assert!(error.line > 0 && !error.reason.is_empty(), "{error}");
            refused += 1;
        }
        start = end;
    }
    assert!(refused > 100);
}
