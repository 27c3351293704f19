//! Frames whose numbers have another padding than the sequence.

use super::Studio;

#[test]
fn frames_of_another_padding_are_refused_unless_frames_are_said() {
    let studio = Studio::new();
    for frame in 998..=1001 {
        studio.file(&format!("a.{frame}.exr"), b"pixels");
    }
    for frame in ["-002", "-001", "000"] {
        studio.file(&format!("n.{frame}.exr"), b"pixels");
    }
    studio.file("n.-0001.exr", b"pixels");
    let disk = studio.disk();
    let publish = |path: &str, more: &[&str]| {
        let path = studio.path(path);
        let mut arguments = studio.publish();
        arguments.extend(["--disk".to_owned(), disk.clone(), path]);
        arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        studio.run(&arguments)
    };
    for (path, others) in [
        ("a.%04d.exr", "a.%03d.exr [998-999]"),
        ("n.%03d.exr", "n.-0001.exr"),
    ] {
        let said = publish(path, &[]);
        assert_ne!(said.code(), Some(0), "{}", said.output);
        assert!(said.error.contains(others), "{}", said.error);
        studio.check_nothing_is_left();
    }
    let said = publish("a.%04d.exr", &["--frames", "1000-1001"]);
    assert_eq!(said.code(), Some(0), "{}", said.error);
    assert_eq!(studio.count("FileComponent where container.name is a"), 2);
}
