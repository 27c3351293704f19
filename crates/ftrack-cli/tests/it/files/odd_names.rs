//! Names of files that are not text. Other systems have none.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::Studio;

#[test]
fn paths_that_are_no_text_are_used_or_named() {
    let studio = Studio::new();
    let scene = studio.file("scene.ma", b"shapes");
    let disk = studio.disk();
    let published = studio.published(&["--disk", &disk, &scene]);
    let id = published["components"][0]["id"].as_str().unwrap();
    let odd = Path::new(&studio.path("odd")).join(OsStr::from_bytes(b"r\xffview"));
    let run = |arguments: &[&OsStr]| {
        let output = studio.serving.command().args(arguments).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), error)
    };
    // A folder to copy to may have any name.
    let text = |text: &'static str| OsStr::new(text);
    let (code, error) = run(&[
        text("component"),
        text("download"),
        OsStr::new(id),
        text("--to"),
        odd.as_os_str(),
        text("--disk"),
        OsStr::new(&disk),
    ]);
    assert_eq!(code, Some(0), "{error}");
    assert_eq!(fs::read(odd.join("scene.ma")).unwrap(), b"shapes");

    // What the server is to know by its path may not.
    let file = odd.join("scene.ma");
    let publish = studio.publish();
    let mut arguments: Vec<&OsStr> = publish.iter().map(OsStr::new).collect();
    arguments.extend([text("--disk"), OsStr::new(&disk), file.as_os_str()]);
    let (code, error) = run(&arguments);
    assert_eq!(code, Some(1), "{error}");
    assert!(error.contains("scene.ma is not Unicode"), "{error}");

    // Nor may a name.
    let (code, error) = run(&[text("tree"), OsStr::from_bytes(b"sh\xffow")]);
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains(r#"has to be: ["sh\xFFow"]"#), "{error}");
}
