//! Looking for the files that somebody means.

use std::fs;
use std::path::Path;

use ftrack_location::sequence::{FindError, FindOptions, Found, find};

fn folder(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        fs::write(folder.path().join(name), "pixels").unwrap();
    }
    folder
}

/// What was found, relative to the folder.
fn found(folder: &Path, name: &str, options: &FindOptions) -> Result<Vec<String>, FindError> {
    let found = find(&folder.join(name), options)?;
    let root = format!("{}/", folder.display());
    Ok(found
        .iter()
        .map(|found| match found {
            Found::File(path) => path.display().to_string(),
            Found::Sequence(sequence) => sequence.to_string(),
            _ => "?".to_owned(),
        })
        .map(|path| path.strip_prefix(&root).unwrap_or(&path).to_owned())
        .collect())
}

#[test]
fn sequences_are_found_in_every_notation() {
    let folder = folder(&[
        "plate.1001.exr",
        "plate.1002.exr",
        "plate.1004.exr",
        "x.%04d.exr [1-3]",
        "x.0001.exr",
        "x.0002.exr",
        "skin.1001.tx",
        "skin.1011.tx",
        "skin.10000.tx",
        "neg.-002.exr",
        "neg.-001.exr",
        "neg.0000.exr",
    ]);
    let options = FindOptions::new();
    for (name, wanted) in [
        ("plate.####.exr", "plate.%04d.exr [1001-1002, 1004]"),
        ("plate.@@@@.exr", "plate.%04d.exr [1001-1002, 1004]"),
        ("plate.$F4.exr", "plate.%04d.exr [1001-1002, 1004]"),
        ("plate.%04d.exr", "plate.%04d.exr [1001-1002, 1004]"),
        ("plate.####.exr 1001-1004x3", "plate.%04d.exr [1001, 1004]"),
        ("plate.####.exr [1002]", "plate.%04d.exr [1002]"),
        ("plate.1002.exr", "plate.1002.exr"),
        ("skin.<UDIM>.tx", "skin.%04d.tx [1001, 1011]"),
        ("neg.####.exr", "neg.%04d.exr [-2-0]"),
        ("neg.####.exr -2--1", "neg.%04d.exr [-2--1]"),
        // A file may have the name of a sequence, and is that file then.
        ("x.%04d.exr [1-3]", "x.%04d.exr [1-3]"),
    ] {
        assert_eq!(
            found(folder.path(), name, &options).unwrap(),
            [wanted],
            "{name}"
        );
    }
    let whole = FindOptions::new().whole_sequences(true);
    assert_eq!(
        found(folder.path(), "plate.1002.exr", &whole).unwrap(),
        ["plate.%04d.exr [1001-1002, 1004]"]
    );
}

#[test]
fn a_folder_means_every_sequence_in_it() {
    let mixed = [
        "a.1.exr", "a.2.exr", "b.01.exr", "b.02.exr", "note.txt", ".c.1", ".c.2",
    ];
    let folder = folder(&mixed);
    assert_eq!(
        found(folder.path(), "", &FindOptions::new()).unwrap(),
        ["a.%d.exr [1-2]", "b.%02d.exr [1-2]"]
    );
    let empty = tempfile::tempdir().unwrap();
    let error = found(empty.path(), "", &FindOptions::new()).unwrap_err();
    assert!(matches!(error, FindError::NoSequences { .. }), "{error}");
}

#[test]
fn frames_of_another_padding_are_named_and_not_left_out() {
    let folder = folder(&["a.998.exr", "a.999.exr", "a.1000.exr", "a.1001.exr"]);
    let error = found(folder.path(), "a.%04d.exr", &FindOptions::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there are frames with another padding beside \"a.%04d.exr [1000-1001]\": a.%03d.exr [998-999]; \
         say which frames are meant, or rename the others"
    );
    let wanted = FindOptions::new().frames("1000-1001".parse().unwrap());
    assert_eq!(
        found(folder.path(), "a.%04d.exr", &wanted).unwrap(),
        ["a.%04d.exr [1000-1001]"]
    );
    // What is missing is there, with another padding.
    let error = found(folder.path(), "a.%04d.exr [998-1001]", &FindOptions::new()).unwrap_err();
    assert!(matches!(error, FindError::MixedPadding { .. }), "{error}");

    fs::write(folder.path().join("a.-001.exr"), "pixels").unwrap();
    let error = found(folder.path(), "a.%d.exr", &FindOptions::new()).unwrap_err();
    assert!(error.to_string().contains("a.-001.exr"), "{error}");
}

#[test]
fn mixed_paddings_in_a_folder_are_both_shown() {
    let folder = folder(&["f.01.x", "f.02.x", "f.1.x", "f.2.x"]);
    let error = found(folder.path(), "", &FindOptions::new())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("f.%d.x [1-2]") && error.contains("f.%02d.x [1-2]"),
        "{error}"
    );
}

#[test]
fn other_paddings_in_a_folder_are_found_whatever_else_is_there() {
    let files = [
        "f.01.exr",
        "f.02.exr",
        "f.01.jpg",
        "f.02.jpg",
        "f.001.exr",
        "f.002.exr",
        "g.1.exr",
    ];
    let folder = folder(&files);
    let error = |name: &str, options: &FindOptions| {
        let error = found(folder.path(), name, options).unwrap_err();
        error.to_string()
    };
    let both = |text: &str| {
        text.contains("f.%02d.exr [1-2]")
            && text.contains("f.%03d.exr [1-2]")
            && !text.contains("jpg")
    };
    let text = error("", &FindOptions::new());
    assert!(both(&text), "{text}");
    let whole = FindOptions::new().whole_sequences(true);
    let text = error("f.001.exr", &whole);
    assert!(both(&text), "{text}");
    assert_eq!(
        found(folder.path(), "f.01.jpg", &whole).unwrap(),
        ["f.%02d.jpg [1-2]"]
    );
    // Said frames make clear what one of its files means.
    let frames = whole.clone().frames("2".parse().unwrap());
    assert_eq!(
        found(folder.path(), "f.001.exr", &frames).unwrap(),
        ["f.%03d.exr [2]"]
    );
    assert_eq!(
        found(folder.path(), "g.1.exr", &whole).unwrap(),
        ["g.1.exr"]
    );
}

#[test]
fn a_single_frame_of_another_padding_is_not_left_out_in_silence() {
    let folder = folder(&["f.01.exr", "f.02.exr", "f.3.exr"]);
    let whole = FindOptions::new().whole_sequences(true);
    for (name, options) in [
        ("", &FindOptions::new()),
        ("f.01.exr", &whole),
        ("f.3.exr", &whole),
        ("f.##.exr", &FindOptions::new()),
    ] {
        let text = found(folder.path(), name, options).unwrap_err().to_string();
        assert!(
            text.contains("f.%02d.exr [1-2]") && text.contains("f.3.exr"),
            "{name}: {text}"
        );
    }
}

#[test]
fn frames_that_are_said_are_those_of_a_folder_and_of_a_whole_sequence() {
    let folder = folder(&[
        "a.1001.exr",
        "a.1002.exr",
        "a.1003.exr",
        "b.1002.exr",
        "b.1003.exr",
        "note.txt",
    ]);
    let frames = |text: &str| FindOptions::new().frames(text.parse().unwrap());
    assert_eq!(
        found(folder.path(), "", &frames("1002-1003")).unwrap(),
        ["a.%04d.exr [1002-1003]", "b.%04d.exr [1002-1003]"]
    );
    let error = found(folder.path(), "", &frames("1001-1002")).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("b.%04d.exr") && text.contains("1 of 2 frames") && text.ends_with(": 1001"),
        "{text}"
    );
    let whole = frames("1001,1003").whole_sequences(true);
    assert_eq!(
        found(folder.path(), "a.1002.exr", &whole).unwrap(),
        ["a.%04d.exr [1001, 1003]"]
    );
    // A file that is not a frame is that file.
    assert_eq!(
        found(folder.path(), "note.txt", &whole).unwrap(),
        ["note.txt"]
    );
    let error = found(folder.path(), "", &frames("")).unwrap_err();
    assert!(matches!(error, FindError::NoFrames { .. }), "{error}");
}

#[test]
fn gaps_are_named() {
    let folder = folder(&["p.1001.exr", "p.1003.exr"]);
    let error = found(folder.path(), "p.####.exr 1001-1005", &FindOptions::new()).unwrap_err();
    let FindError::MissingFrames {
        missing, wanted, ..
    } = &error
    else {
        panic!("{error}");
    };
    assert_eq!(
        (missing.to_string().as_str(), *wanted),
        ("1002, 1004-1005", 5)
    );
    assert!(error.to_string().contains("3 of 5 frames"), "{error}");
}

#[test]
fn what_is_not_there_is_said() {
    let folder = folder(&["p.1001.exr"]);
    let error = |name: &str| found(folder.path(), name, &FindOptions::new()).unwrap_err();
    assert!(matches!(error("q.exr"), FindError::NotFound { .. }));
    assert!(matches!(error("q.####.exr"), FindError::NoFrames { .. }));
    assert!(matches!(
        error("gone/p.####.exr"),
        FindError::NotFound { .. }
    ));
    assert!(matches!(
        error("p.####.exr [2-1]"),
        FindError::Syntax { .. }
    ));
    assert!(matches!(
        error("p.####.exr [0-18446744073709551615]"),
        FindError::Syntax { .. }
    ));
    assert!(matches!(
        error("p.####.exr 1-9999999999"),
        FindError::Syntax { .. }
    ));
}

#[cfg(unix)]
#[test]
fn frames_that_are_not_files_are_refused_and_not_waited_for() {
    use std::os::unix::net::UnixListener;

    let folder = folder(&["p.1001.exr"]);
    let pipe = folder.path().join("p.1002.exr");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
    let kind = |name: &str| match found(folder.path(), name, &FindOptions::new()) {
        Err(FindError::NotAFile { kind, .. }) => kind,
        other => panic!("{other:?}"),
    };
    assert_eq!(kind("p.####.exr"), "named pipe");
    assert_eq!(kind("p.1002.exr"), "named pipe");
    assert_eq!(
        found(folder.path(), "p.####.exr 1001", &FindOptions::new()).unwrap(),
        ["p.%04d.exr [1001]"]
    );
    fs::remove_file(&pipe).unwrap();
    let _socket = UnixListener::bind(&pipe).unwrap();
    assert_eq!(kind("p.####.exr"), "socket");
    fs::remove_file(&pipe).unwrap();
    fs::create_dir(&pipe).unwrap();
    assert_eq!(kind("p.####.exr"), "folder");
}
