//! How plugins are found, and what happens to files that are none.

use std::fs;
use std::path::Path;

use ftrack_event::Event;
use ftrack_plugin::{LibraryPlugins, discover};
use ftrack_session::{FetchPolicy, PluginArguments};
use ftrack_test_kit::log::Log;
use tracing::Level;

use super::library::{Profile, copy_into, file_name, folder_with};
use crate::support::{builder, server, session};

/// What the plugin interface marks plugins by.
const MAGIC: &[u8] = b"ftrack::plugin\0\0";

/// The version of the plugin interface.
const VERSION: u32 = ftrack_plugin_abi::VERSION;

fn names(paths: &[&Path]) -> Vec<String> {
    let plugins = discover(paths, &PluginArguments::default());
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    plugins.iter().map(|plugin| name(plugin.path())).collect()
}

#[test]
fn folders_are_searched_in_order_and_recursively_and_each_library_counts_once() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let deep = first.path().join("b/c");
    fs::create_dir_all(&deep).unwrap();
    let trial = copy_into(&deep, "ftrack-trial-plugin", Profile::Same);
    fs::write(
        first.path().join("notes.txt"),
        "no plugin, and not looked at",
    )
    .unwrap();
    copy_into(second.path(), "ftrack-example-plugin", Profile::Same);
    #[cfg(unix)]
    std::os::unix::fs::symlink(&trial, second.path().join(file_name("again"))).unwrap();
    let (example, trial) = (
        file_name("ftrack-example-plugin"),
        file_name("ftrack-trial-plugin"),
    );
    assert_eq!(
        names(&[first.path(), second.path(), first.path()]),
        [trial.clone(), example.clone()]
    );
    let (second, empty) = (second.path(), Path::new(""));
    assert_eq!(names(&[second, empty, first.path()])[0], {
        // The link comes first in its folder.
        if cfg!(unix) {
            file_name("again")
        } else {
            example
        }
    });
    assert_eq!(names(&[&first.path().join("b/c").join(&trial)]), [trial]);
}

#[test]
fn what_is_no_plugin_is_skipped_and_what_cannot_be_loaded_is_reported() {
    let log = Log::new();
    let _watching = log.on_this_thread(Level::DEBUG);
    let folder = folder_with("ftrack-example-plugin", Profile::Same);
    let path = |name: &str| folder.path().join(file_name(name));
    fs::write(path("text"), "no plugin at all").unwrap();
    let mark = [MAGIC, &VERSION.to_ne_bytes(), &32_u32.to_ne_bytes()].concat();
    fs::write(path("broken"), mark).unwrap();
    fs::write(path("magic"), MAGIC).unwrap();
    let mut other = fs::read(path("ftrack-example-plugin")).unwrap();
    let place = other
        .windows(MAGIC.len() + 4)
        .rposition(|bytes| {
            bytes.starts_with(MAGIC) && bytes[MAGIC.len()..] == VERSION.to_ne_bytes()
        })
        .unwrap();
    other[place + MAGIC.len()] = 99;
    fs::write(path("other_version"), other).unwrap();
    let missing = folder.path().join("not/there");

    let server = server();
    let session = builder(&server)
        .plugin_paths([folder.path(), &missing])
        .connect()
        .unwrap();
    assert!(
        session
            .schema()
            .entity_type("User")
            .unwrap()
            .position("login")
            .is_some()
    );
    for words in [
        ["WARN", "text", "not a plugin"],
        ["WARN", "magic", "not a plugin"],
        ["WARN", "other_version", "version 99"],
        ["ERROR", "broken", "cannot be loaded"],
        ["WARN", "not/there", "cannot be read"],
    ] {
        assert_eq!(log.lines_with(&words).len(), 1, "{words:?}");
    }
}

#[test]
fn a_program_that_turns_library_plugins_off_loads_none() {
    let log = Log::new();
    let _watching = log.on_this_thread(Level::DEBUG);
    let folder = folder_with("ftrack-example-plugin", Profile::Same);
    let server = server();
    let session = builder(&server)
        .plugin_paths([folder.path()])
        .library_plugins(false)
        .connect()
        .unwrap();
    let user = session.schema().entity_type("User").unwrap();
    assert!(user.position("login").is_none(), "the plugin adds it");
    assert!(log.lines_with(&["ftrack_example_plugin"]).is_empty());
    assert!(log.lines_with(&["plugin registered"]).is_empty());
}

#[test]
fn arguments_that_a_plugin_does_not_know_are_warned_about() {
    let log = Log::new();
    let _watching = log.on_this_thread(Level::DEBUG);
    let folder = folder_with("ftrack-trial-plugin", Profile::Same);
    let server = server();
    let session = builder(&server)
        .plugin_paths([folder.path()])
        .plugin_argument("name", "told")
        .plugin_argument("some_other_argument", 42)
        .connect()
        .unwrap();
    let described = session
        .event_hub()
        .publish_synchronously(Event::new("trial.describe"))
        .unwrap();
    assert_eq!(described[0]["name"], "told");
    let warnings = log.lines_with(&["WARN", "some_other_argument", "ftrack_trial_plugin"]);
    assert_eq!(warnings.len(), 1);
    assert!(!warnings[0].contains("\"name\""), "{warnings:?}");
}

#[test]
fn plugins_can_be_registered_with_a_session_that_has_started() {
    let folder = folder_with("ftrack-trial-plugin", Profile::Same);
    let server = server();
    let session = session(&server);
    session.set_fetch_policy(FetchPolicy::Single);
    let arguments = PluginArguments::from_iter([("name", "late")]);
    let plugins = discover([folder.path()], &arguments);
    plugins[0].register(&session).unwrap();
    let described = session
        .event_hub()
        .publish_synchronously(Event::new("trial.describe"))
        .unwrap();
    assert_eq!(described[0]["name"], "late");
    assert_eq!(described[0]["types"], session.types().len());
    assert_eq!(described[0]["fetch_policy"], "Single");
}
