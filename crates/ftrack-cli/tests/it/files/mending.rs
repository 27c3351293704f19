//! Bringing what is missing, and mending what is wrong.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{Studio, files_in};

#[test]
fn a_location_is_brought_what_another_one_has() {
    let studio = Studio::new();
    let values = ftrack::values! { "name": "studio.other" };
    studio.session.create("Location", values).unwrap();
    studio.session.commit().unwrap();
    fs::create_dir(studio.path("other")).unwrap();
    let scene = studio.file("scene.ma", b"shapes");
    let disk = studio.disk();
    studio.published(&["--disk", &disk, &scene]);
    let other = format!("studio.other=id:{}", studio.path("other"));
    let sync = [
        "location",
        "sync",
        "studio.disk",
        "studio.other",
        "--disk",
        &disk,
        "--disk",
        &other,
        "--json",
    ];
    let run = |more: &[&str]| {
        let arguments = sync.iter().chain(more);
        let output = studio.serving.command().args(arguments).output().unwrap();
        let report = serde_json::from_slice::<Value>(&output.stdout);
        (output.status.code(), report.unwrap_or_default())
    };
    let (code, report) = run(&["--dry-run"]);
    assert_eq!(code, Some(0));
    assert_eq!(report["wanted"][0]["reason"], "not_registered", "{report}");
    assert_eq!(report["wanted"][0]["name"], "scene");
    assert!(files_in(Path::new(&studio.path("other"))).is_empty());
    let (code, report) = run(&[]);
    assert_eq!((code, &report["files"]), (Some(0), &json!(1)), "{report}");
    let there = files_in(Path::new(&studio.path("other")));
    assert_eq!(fs::read(&there[0]).unwrap(), b"shapes");
    let (_, report) = run(&["--checksum"]);
    assert_eq!(report["wanted"], json!([]));
    let (code, _) = run(&["--project", "no such project"]);
    assert_eq!(code, Some(3));

    // What cannot be brought makes it fail.
    fs::remove_file(&there[0]).unwrap();
    fs::remove_file(&files_in(Path::new(&studio.path("storage")))[0]).unwrap();
    let (code, report) = run(&[]);
    assert_eq!(code, Some(1));
    assert_eq!(report["failed"].as_array().unwrap().len(), 1, "{report}");
}

#[test]
fn frames_are_mended_and_dropped() {
    let studio = Studio::new();
    for frame in 1..=3 {
        studio.file(&format!("plate.{frame:04}.exr"), b"pixels");
    }
    let disk = studio.disk();
    let path = format!("{} [1-3]", studio.path("plate.%04d.exr"));
    studio.published(&["--disk", &disk, &path]);
    let text = "SequenceComponent where name is plate and version_id != none";
    let sequence = studio
        .session
        .query(text)
        .all()
        .unwrap()
        .pop()
        .unwrap()
        .id();
    let fix = studio.file("fix/plate.0002.exr", b"better pixels");
    let run = |arguments: &[&str]| {
        let all = arguments.iter().copied().chain(["--disk", disk.as_str()]);
        studio.serving.command().args(all).output().unwrap()
    };
    let mended = run(&["component", "mend", &sequence, &fix, "--json"]);
    assert_eq!(mended.status.code(), Some(0), "{mended:?}");
    let report: Value = serde_json::from_slice(&mended.stdout).unwrap();
    assert_eq!(report["replaced"].as_array().unwrap().len(), 1);
    let second = || {
        let files = files_in(Path::new(&studio.path("storage")));
        let second = files
            .iter()
            .find(|file| file.to_string_lossy().contains("0002"));
        second.map(|file| fs::read(file).unwrap())
    };
    assert_eq!(second().as_deref(), Some(&b"better pixels"[..]));

    let dropped = run(&["component", "drop", &sequence, "2", "--yes"]);
    assert_eq!(dropped.status.code(), Some(0), "{dropped:?}");
    assert_eq!(second(), None);
    assert_eq!(files_in(Path::new(&studio.path("storage"))).len(), 2);
    let missing = run(&["component", "drop", &sequence, "2", "--yes"]);
    assert_eq!(missing.status.code(), Some(1));
    let said = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(said.contains("no frame 2"), "{said}");
}
