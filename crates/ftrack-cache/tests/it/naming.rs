//! Keys made from values.

use std::collections::{BTreeMap, HashMap, HashSet};

use ftrack_cache::{KeyMaker, KeyPart, ObjectKeyMaker, StringKeyMaker};
use proptest::prelude::*;

#[test]
fn readable_keys() {
    let map: BTreeMap<String, i32> = BTreeMap::from([("b".into(), 2), ("a".into(), 1)]);
    let cases: [(Vec<KeyPart>, &str); 17] = [
        (vec![], ""),
        (vec!["Task".into()], "Task"),
        (vec![1.into()], "1"),
        (vec!["1".into()], "1"),
        (vec![true.into()], "True"),
        (vec![None::<i32>.into()], "None"),
        (vec![1.5.into()], "1.5"),
        (vec![1.0.into()], "1.0"),
        (vec!["a".into(), 1.into()], "a, 1"),
        (vec![("Task", ["a1b2"]).into()], "('Task', ['a1b2'])"),
        (
            vec![("PersonRelation", ["x", "y"]).into()],
            "('PersonRelation', ['x', 'y'])",
        ),
        (vec![("it's", ["a\\b"]).into()], "('it\\'s', ['a\\\\b'])"),
        (vec![("a",).into()], "('a',)"),
        (vec![().into()], "()"),
        (vec![Vec::<i32>::new().into()], "[]"),
        (vec![map.into()], "{'a': 1, 'b': 2}"),
        (vec![KeyPart::Bytes(b"\x00a".to_vec())], "b'\\\\x00a'"),
    ];
    for (items, expected) in cases {
        assert_eq!(StringKeyMaker.key(&items), expected);
    }
}

/// These keys are in caches on people's disks: they must not change.
#[test]
fn object_keys_are_stable() {
    let cases: [(Vec<KeyPart>, &str); 20] = [
        (vec![], ""),
        (vec![KeyPart::Null], "n"),
        (vec![true.into()], "y"),
        (vec![false.into()], "z"),
        (vec![1.into()], "i1;"),
        (vec![(-1_i64).into()], "i-1;"),
        (vec![u64::MAX.into()], "i18446744073709551615;"),
        (vec![1.0.into()], "f3ff0000000000000;"),
        (vec![(-0.0).into()], "f8000000000000000;"),
        (vec![f64::NAN.into()], "fnan;"),
        (vec![(-f64::NAN).into()], "fnan;"),
        (vec!["1".into()], "t1:1"),
        (vec!["ä".into()], "t2:ä"),
        (vec![KeyPart::Bytes(vec![0, 255])], "b2:00ff"),
        (vec![vec![1, 2].into()], "l2:i1;i2;"),
        (vec![(1, 2).into()], "p2:i1;i2;"),
        (vec![().into()], "p0:"),
        (vec![("Task", ["a1b2"]).into()], "p2:t4:Taskl1:t4:a1b2"),
        (
            vec![HashMap::from([("b".to_owned(), 2), ("a".to_owned(), 1)]).into()],
            "m2:1:ai1;1:bi2;",
        ),
        (vec!["f".into(), (1, Some("x")).into()], "t1:fp2:i1;t1:x"),
    ];
    for (items, expected) in cases {
        assert_eq!(ObjectKeyMaker.key(&items), expected);
    }
}

#[test]
fn object_keys_of_lookalikes_differ() {
    let alike: Vec<Vec<KeyPart>> = vec![
        vec![1.into()],
        vec!["1".into()],
        vec![1.0.into()],
        vec![true.into()],
        vec!["true".into()],
        vec![vec![1].into()],
        vec![(1,).into()],
        vec![KeyPart::Bytes(b"1".to_vec())],
        vec![KeyPart::Null],
        vec!["".into()],
        vec![],
        vec!["ab".into(), "c".into()],
        vec!["a".into(), "bc".into()],
        vec!["abc".into()],
        vec![vec!["a", "b"].into()],
        vec![vec!["a"].into(), "b".into()],
        vec!["t1:a".into()],
        vec![0.0.into()],
        vec![(-0.0).into()],
        vec![HashMap::from([("a".to_owned(), 1)]).into()],
        vec![("a", 1).into()],
    ];
    let keys: HashSet<_> = alike
        .iter()
        .map(|items| ObjectKeyMaker.key(items))
        .collect();
    assert_eq!(keys.len(), alike.len());
}

#[test]
fn all_widths_of_numbers_agree() {
    let parts: [KeyPart; 11] = [
        7_i8.into(),
        7_i16.into(),
        7_i32.into(),
        7_i64.into(),
        7_i128.into(),
        7_u8.into(),
        7_u16.into(),
        7_u32.into(),
        7_u64.into(),
        7_usize.into(),
        7_isize.into(),
    ];
    for part in parts {
        assert_eq!(part, KeyPart::Integer(7));
    }
    assert_eq!(KeyPart::from(0.5_f32), KeyPart::from(0.5_f64));
    assert_eq!(KeyPart::from('x'), KeyPart::from("x"));
    assert_eq!(KeyPart::from(&["a", "b"][..]), KeyPart::from(["a", "b"]));
}

#[test]
fn paths_and_times_make_keys() {
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    assert_eq!(KeyPart::from(Path::new("/mnt/a")), KeyPart::from("/mnt/a"));
    assert_eq!(
        KeyPart::from(Path::new("a").to_owned()),
        KeyPart::from(&Path::new("a").to_owned())
    );
    let second = Duration::from_secs(1);
    let keys: HashSet<String> = [
        KeyPart::from(second),
        KeyPart::from(SystemTime::UNIX_EPOCH + second),
        KeyPart::from(SystemTime::UNIX_EPOCH - second),
        KeyPart::from(1_000_000_000),
    ]
    .into_iter()
    .map(|part| ObjectKeyMaker.key(&[part]))
    .collect();
    assert_eq!(keys.len(), 4);
    assert_eq!(
        StringKeyMaker.key(&[second.into()]),
        "('duration', 1000000000)"
    );
}

#[cfg(unix)]
#[test]
fn paths_that_are_no_text_make_keys() {
    use std::os::unix::ffi::OsStrExt;

    let path = std::path::Path::new(std::ffi::OsStr::from_bytes(b"a\xff"));
    assert_eq!(KeyPart::from(path), KeyPart::Bytes(b"a\xff".to_vec()));
}

#[cfg(feature = "json")]
#[test]
fn json_makes_the_keys_of_what_it_says() {
    use serde_json::json;

    let part = KeyPart::from(json!({"b": [1, 1.5, null], "a": {"x": true}, "n": u64::MAX}));
    let expected = BTreeMap::from([
        (
            "a".to_owned(),
            KeyPart::Map(BTreeMap::from([("x".to_owned(), true.into())])),
        ),
        (
            "b".to_owned(),
            KeyPart::List(vec![1.into(), 1.5.into(), KeyPart::Null]),
        ),
        ("n".to_owned(), u64::MAX.into()),
    ]);
    assert_eq!(part, KeyPart::Map(expected));
    assert_eq!(KeyPart::from(&json!("a")), KeyPart::from("a"));
}

fn any_part() -> impl Strategy<Value = KeyPart> {
    let leaf = prop_oneof![
        Just(KeyPart::Null),
        any::<bool>().prop_map(KeyPart::Bool),
        (-20_i128..20).prop_map(KeyPart::Integer),
        (-2_i8..2).prop_map(|number| KeyPart::Float(number.into())),
        "[a-c1:;]{0,3}".prop_map(KeyPart::Text),
        proptest::collection::vec(0_u8..3, 0..3).prop_map(KeyPart::Bytes),
    ];
    leaf.prop_recursive(3, 12, 3, |part| {
        let parts = proptest::collection::vec(part.clone(), 0..3);
        prop_oneof![
            parts.clone().prop_map(KeyPart::List),
            parts.prop_map(KeyPart::Tuple),
            proptest::collection::btree_map("[a-b]{0,2}", part, 0..3).prop_map(KeyPart::Map),
        ]
    })
}

proptest! {
    #[test]
    fn object_keys_are_equal_for_equal_items_only(
        a in proptest::collection::vec(any_part(), 0..3),
        b in proptest::collection::vec(any_part(), 0..3),
    ) {
        prop_assert_eq!(a == b, ObjectKeyMaker.key(&a) == ObjectKeyMaker.key(&b));
    }

    #[test]
    fn identities_have_distinct_readable_keys(a: (String, Vec<String>), b: (String, Vec<String>)) {
        let key = |identity: &(String, Vec<String>)| StringKeyMaker.key(&[identity.clone().into()]);
        prop_assert_eq!(a == b, key(&a) == key(&b));
    }
}
