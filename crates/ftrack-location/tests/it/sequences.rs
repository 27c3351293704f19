//! Sequences as text.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use ftrack_location::sequence::{
    FindOptions, Indexes, Notation, ParseSequenceError, Sequence, SequencePath, SequencePattern,
    assemble, find,
};
use proptest::prelude::*;

/// The cases of a file: what is given, and what is expected.
fn cases(file: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    file.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split_once(" => ").expect("a case has an arrow"))
}

fn describe(sequence: &Sequence) -> String {
    let pattern = sequence.pattern();
    format!(
        "head={} padding={} tail={} indexes={} count={}",
        pattern.head(),
        pattern.padding(),
        pattern.tail(),
        sequence.indexes(),
        sequence.len()
    )
}

#[test]
fn texts_are_read() {
    let mut number = 0;
    for (text, wanted) in cases(include_str!("../../test_data/sequences/parse.txt")) {
        let found = text.parse().map_or_else(
            |_: ParseSequenceError| "!".to_owned(),
            |found| describe(&found),
        );
        assert_eq!(found, wanted, "{text}");
        number += 1;
    }
    assert!(number > 40);
}

#[test]
fn folders_are_assembled() {
    let mut number = 0;
    for (names, wanted) in cases(include_str!("../../test_data/sequences/assemble.txt")) {
        let found = assemble(names.split(' '));
        let sequences = found.sequences.iter().map(ToString::to_string);
        let found: Vec<String> = sequences.chain(found.others).collect();
        assert_eq!(found.join(" | "), wanted, "{names}");
        number += 1;
    }
    assert!(number > 15);
}

#[test]
fn errors_say_what_is_missing() {
    for (text, message) in [
        ("f.exr", "no ranges at the end, such as \" [1-10]\""),
        ("f.exr [1]", "no padding, such as \"%04d\""),
        (
            "f.%04d [5-1, 7]",
            "\"5-1\" is not a range of numbers, such as \"1-10\" or \"1-9x2\"",
        ),
        (
            "f.%04d [1-9999999999]",
            "a sequence of 9999999999 members is too long, the maximum is 1000000",
        ),
        ("f.%0999d [1]", "the padding \"%0999d\" is too wide"),
    ] {
        assert_eq!(text.parse::<Sequence>().unwrap_err().to_string(), message);
    }
    let error = SequencePattern::new("f.", 4, ".%d").unwrap_err();
    assert_eq!(error.to_string(), "the tail \".%d\" contains a padding");
}

#[test]
fn names_belong_to_a_pattern_or_not() {
    let pattern: SequencePattern = "f.%03d.x".parse().unwrap();
    for (name, wanted) in [
        ("f.001.x", Some(1)),
        ("f.-01.x", Some(-1)),
        ("f.-100.x", Some(-100)),
        ("f.-1.x", None),
        ("f.-001.x", None),
        ("f.-00.x", None),
        ("f.1000.x", Some(1000)),
        ("f.01.x", None),
        ("f.0001.x", None),
        ("f.001.y", None),
        ("g.001.x", None),
        ("f..x", None),
        ("f.+01.x", None),
        ("f.x", None),
        ("f.99999999999999999999.x", None),
    ] {
        assert_eq!(pattern.index_of(name), wanted, "{name}");
    }
    let plain: SequencePattern = "f%d".parse().unwrap();
    assert_eq!(plain.index_of("f0"), Some(0));
    assert_eq!(plain.index_of("f00"), None);
    assert_eq!(plain.index_of("f"), None);
}

#[test]
fn a_sequence_of_a_hundred_thousand_frames_takes_no_time() {
    let begin = Instant::now();
    let sequence: Sequence = "plates/bunny.%06d.exr [1-49999, 50001-100000]"
        .parse()
        .unwrap();
    let names: Vec<String> = sequence.members().collect();
    let found = assemble(&names);
    assert_eq!(found.sequences.len(), 1);
    assert_eq!(found.sequences[0], sequence);
    assert_eq!(sequence.missing().to_string(), "50000");
    // Milliseconds in a release build; the bound only catches what grows with the square.
    assert!(begin.elapsed() < Duration::from_secs(10));
}

/// The pattern, the frames or `-`, and the text as we write it.
fn describe_path(text: &str) -> String {
    match text.parse::<SequencePath>() {
        Ok(path) => {
            let frames = path.frames().map_or("-".to_owned(), ToString::to_string);
            format!("{} | {frames} | {path}", path.pattern())
        }
        Err(_) => "!".to_owned(),
    }
}

#[test]
fn notations_are_read_and_written() {
    let mut number = 0;
    for (text, wanted) in cases(include_str!("../../test_data/sequences/notations.txt")) {
        assert_eq!(describe_path(text), wanted, "{text}");
        if let Ok(path) = text.parse::<SequencePath>() {
            assert_eq!(path.to_string().parse::<SequencePath>(), Ok(path), "{text}");
        }
        number += 1;
    }
    assert!(number > 30);
}

#[test]
fn a_pattern_is_written_in_each_notation() {
    let padded: SequencePattern = "f.%04d.x".parse().unwrap();
    let plain: SequencePattern = "f.%d.x".parse().unwrap();
    let written = |pattern: &SequencePattern| Notation::ALL.map(|to| to.write(pattern));
    assert_eq!(
        written(&padded),
        ["f.%04d.x", "f.####.x", "f.@@@@.x", "f.$F4.x", "f.<UDIM>.x"]
    );
    assert_eq!(
        written(&plain),
        ["f.%d.x", "f.#.x", "f.@.x", "f.$F.x", "f.%d.x"]
    );
}

#[test]
fn a_sequence_is_written_with_its_frames_in_each_notation_and_read_again() {
    for (text, written) in [
        (
            "f.%04d.x [1001-1003, 1005]",
            [
                "f.%04d.x [1001-1003, 1005]",
                "f.####.x 1001-1003, 1005",
                "f.@@@@.x 1001-1003, 1005",
                "f.$F4.x 1001-1003, 1005",
                "f.<UDIM>.x 1001-1003, 1005",
            ],
        ),
        (
            "f.%d.x [-3, -1, 1, 3]",
            [
                "f.%d.x [-3-3x2]",
                "f.#.x -3-3x2",
                "f.@.x -3-3x2",
                "f.$F.x -3-3x2",
                "f.%d.x -3-3x2",
            ],
        ),
    ] {
        let sequence: Sequence = text.parse().unwrap();
        assert_eq!(Notation::ALL.map(|to| sequence.write(to)), written);
        for written in written {
            let read: SequencePath = written.parse().unwrap();
            assert_eq!(read.into_sequence().as_ref(), Some(&sequence), "{written}");
        }
    }
}

#[test]
fn a_gap_of_any_size_takes_one_range() {
    let sequence: Sequence = "plate.%d.exr [1, 2000000000]".parse().unwrap();
    assert_eq!(sequence.missing().ranges(), [(2, 1_999_999_999)]);
    let ends: Indexes = [i64::MIN, i64::MAX].into_iter().collect();
    assert_eq!(ends.missing().ranges(), [(i64::MIN + 1, i64::MAX - 1)]);
    let all = ends.missing();
    assert_eq!(all.without(&ends), all);
    assert!(ends.without(&ends).is_empty());
    assert_eq!(all.without(&sequence.missing()).ranges().len(), 2);
}

#[test]
fn frames_that_are_wanted_and_missing_are_said_without_counting_them() {
    let folder = tempfile::tempdir().unwrap();
    for frame in [1, 2_000_000_000] {
        std::fs::write(folder.path().join(format!("plate.{frame}.exr")), b"x").unwrap();
    }
    let plate: Sequence = "plate.%d.exr [1, 2000000000]".parse().unwrap();
    let options = FindOptions::new().frames(plate.missing());
    let error = find(&folder.path().join("plate.%d.exr"), &options).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("1999999998 of 1999999998 frames"), "{text}");
    assert!(text.contains("2-1999999999"), "{text}");
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        head in "\\PC{0,12}",
        padding in 0_u8..12,
        tail in "[^%]{0,12}",
        indexes in proptest::collection::vec(0_i64..900_000, 0..20),
    ) {
        let pattern = SequencePattern::new(head, padding, tail).unwrap();
        let sequence = Sequence::new(pattern, indexes.into_iter().collect());
        prop_assert_eq!(sequence.to_string().parse::<Sequence>().unwrap(), sequence);
    }

    #[test]
    fn any_text_is_a_sequence_or_an_error(text in ".{0,40}( \\[[0-9, -]{0,12}\\])?") {
        if let Ok(sequence) = text.parse::<Sequence>() {
            prop_assert_eq!(sequence.to_string().parse::<Sequence>().unwrap(), sequence);
        }
    }

    #[test]
    fn indexes_are_a_set(numbers in proptest::collection::vec(-30_i64..30, 0..40)) {
        let indexes: Indexes = numbers.iter().copied().collect();
        let set: BTreeSet<i64> = numbers.into_iter().collect();
        prop_assert_eq!(indexes.len(), set.len() as u64);
        prop_assert_eq!(indexes.iter().collect::<BTreeSet<_>>(), set.clone());
        prop_assert_eq!(indexes.first(), set.first().copied());
        prop_assert_eq!(indexes.last(), set.last().copied());
        for number in -30..30 {
            prop_assert_eq!(indexes.contains(number), set.contains(&number));
        }
        let missing = indexes.missing();
        prop_assert!(missing.iter().all(|number| !set.contains(&number)));
        let span = set.last().zip(set.first()).map_or(0, |(last, first)| last.abs_diff(*first) + 1);
        prop_assert_eq!(missing.len() + indexes.len(), span);
        prop_assert!(indexes.contains_all(&indexes));
        prop_assert!(missing.is_empty() || !indexes.contains_all(&missing));
        prop_assert_eq!(indexes.with_steps().to_string().parse::<Indexes>().unwrap(), indexes);
    }

    #[test]
    fn what_others_lack_is_the_difference_of_sets(
        wanted in proptest::collection::btree_set(-30_i64..30, 0..40),
        others in proptest::collection::btree_set(-30_i64..30, 0..40),
    ) {
        let indexes = |set: &BTreeSet<i64>| set.iter().copied().collect::<Indexes>();
        let difference: BTreeSet<i64> = wanted.difference(&others).copied().collect();
        prop_assert_eq!(indexes(&wanted).without(&indexes(&others)), indexes(&difference));
    }

    #[test]
    fn members_belong_to_their_sequence(
        head in "[a-z.]{0,6}",
        padding in 0_u8..6,
        indexes in proptest::collection::btree_set(-20_000_i64..20_000, 2..30),
    ) {
        let pattern = SequencePattern::new(head, padding, ".exr").unwrap();
        let sequence = Sequence::new(pattern, indexes.iter().copied().collect());
        for (name, index) in sequence.members().zip(indexes) {
            prop_assert_eq!(sequence.pattern().index_of(&name), Some(index));
            prop_assert!(sequence.contains(&name));
        }
    }

    #[test]
    fn assembling_loses_no_name(names in proptest::collection::btree_set("[ab]{0,2}[0-9]{0,3}[.x]{0,2}-?[0-9]{0,3}", 0..30)) {
        let found = assemble(&names);
        let members = found.sequences.iter().flat_map(Sequence::members);
        let all: Vec<String> = members.chain(found.others.iter().cloned()).collect();
        prop_assert_eq!(all.len(), names.len());
        prop_assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), names);
    }
}
