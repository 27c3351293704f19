use crate::run;

#[test]
fn the_demo_tells_its_story_and_ends_well() {
    let said = run(&["demo"]);
    assert_eq!(said.code(), Some(0), "{}", said.error);
    for part in [
        "128 types",
        "last_lantern",
        "demo_010 (Sequence)",
        "is gone",
        "Sent in all",
    ] {
        assert!(
            said.output.contains(part),
            "{part:?} is missing in\n{}",
            said.output
        );
    }
    assert!(
        !said.output.contains('\u{1b}'),
        "no colours where nobody sees them"
    );
}

#[test]
fn the_demo_keeps_its_data_and_finds_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("studio");
    let arguments = ["demo", "--data", data.to_str().unwrap()];
    let first = run(&arguments);
    assert_eq!(first.code(), Some(0), "{}", first.error);
    assert!(
        first.output.contains("demo_010 (Sequence)"),
        "{}",
        first.output
    );
    let second = run(&arguments);
    assert_eq!(second.code(), Some(0), "{}", second.error);
    assert!(
        second.output.contains("demo_020 (Sequence)"),
        "{}",
        second.output
    );
}

#[test]
fn a_folder_that_cannot_be_used_is_a_failure_with_a_message() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let said = run(&["demo", "--data", path]);
    assert_eq!(said.code(), Some(1));
    assert!(said.error.starts_with("error: "), "{}", said.error);
    assert!(said.error.contains(path), "{}", said.error);
}
