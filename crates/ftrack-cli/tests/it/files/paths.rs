//! Where the files of components are.

use serde_json::Value;

use super::Studio;

#[test]
fn the_path_of_a_component_is_printed_in_the_notation_of_a_program() {
    let studio = Studio::new();
    for frame in 1..=3 {
        studio.file(&format!("plate.{frame:04}.exr"), b"pixels");
    }
    let disk = studio.disk();
    let pattern = studio.path("plate.%04d.exr");
    let published = studio.published(&["--disk", &disk, &pattern]);
    let component = published["components"][0]["id"].as_str().unwrap();
    let path = |more: &[&str]| {
        let arguments = ["component", "path", component];
        studio.run(&[&arguments[..], more].concat())
    };
    let printed = |more: &[&str]| {
        let said = path(&[&["--disk", &disk][..], more].concat());
        assert_eq!(said.code(), Some(0), "{}", said.error);
        said.output
    };
    let plain = printed(&[]);
    let folder = plain.trim_end().strip_suffix("plate.%04d.exr");
    let folder = folder.unwrap_or_else(|| panic!("{plain}"));
    assert!(
        std::path::Path::new(folder)
            .join("plate.0002.exr")
            .is_file()
    );
    for (notation, name) in [
        ("printf", "plate.%04d.exr"),
        ("hash", "plate.####.exr"),
        ("at", "plate.@@@@.exr"),
        ("houdini", "plate.$F4.exr"),
        ("udim", "plate.<UDIM>.exr"),
    ] {
        let expected = format!("{folder}{name}\n");
        assert_eq!(printed(&["--notation", notation]), expected);
    }
    let report: Value = serde_json::from_str(&printed(&["--json"])).unwrap();
    assert_eq!(report["location"]["name"], "studio.disk");
    assert_eq!(report["path"], plain.trim_end());

    let unreachable = path(&["--location", "studio.disk"]);
    assert_eq!(unreachable.code(), Some(1), "{}", unreachable.output);
    assert!(
        unreachable.error.contains("--disk studio.disk=DIR"),
        "{}",
        unreachable.error
    );
}
