//! Locations that a plugin in a library configures, and the program uses.

use std::fs;
use std::io::Read;
use std::path::Path;

use ftrack_location::AccessorError;
use ftrack_plugin::LibraryPlugins;
use ftrack_server::RunningServer;
use ftrack_session::{Entity, ErrorKind, LocationKind, Session, values};

use super::library::{Profile, folder_with};
use crate::support::{builder, server, session};

/// A session whose plugin has configured the location `studio.projects` as the folder `root`.
fn session_with_location(server: &RunningServer, package: &str, root: &Path) -> Session {
    let maker = session(server);
    maker
        .ensure("Location", values! { "name": "studio.projects" }, &[])
        .unwrap();
    let folder = folder_with(package, Profile::Same);
    builder(server)
        .plugin_paths([folder.path()])
        .plugin_argument("root", root.to_str().unwrap())
        .connect()
        .unwrap()
}

/// A new version of an asset.
fn version(session: &Session) -> Entity {
    let project = session
        .query("Project where name is last_lantern")
        .one()
        .unwrap();
    let asset = session
        .create("Asset", values! { "name": "plates", "parent": &project })
        .unwrap();
    let version = session
        .create("AssetVersion", values! { "asset": &asset })
        .unwrap();
    session.commit().unwrap();
    version
}

#[test]
fn components_go_where_the_example_plugin_says() {
    let server = server();
    let root = tempfile::tempdir().unwrap();
    let session = session_with_location(&server, "ftrack-example-plugin", root.path());
    let location = session.location("studio.projects").unwrap();
    assert_eq!(location.priority(), 30);
    assert_eq!(location.kind(), LocationKind::Managed);
    let picked = session.pick_location().unwrap().unwrap();
    assert_eq!(picked, location);

    let source = root.path().join("bunny.txt");
    fs::write(&source, "pixels").unwrap();
    let component = session
        .create_component(
            &source,
            values! { "name": "main", "version": &version(&session) },
            &location,
        )
        .unwrap();
    let identifier = location.resource_identifier(&component).unwrap();
    assert_eq!(identifier, "last_lantern/plates/v001/main.txt");
    let stored = fs::read_to_string(root.path().join(&identifier)).unwrap();
    assert_eq!(stored, "pixels");
    let path = location.filesystem_path(&component).unwrap();
    assert_eq!(path, root.path().canonicalize().unwrap().join(&identifier));
    location.remove_component(&component).unwrap();
    assert!(!path.exists());
}

/// Without messages of their own, both would copy the files through the boundary, and leave a moment with nothing.
#[cfg(unix)]
#[test]
fn files_of_an_accessor_in_a_library_are_renamed_and_replaced_in_one_step() {
    use std::os::unix::fs::MetadataExt;

    let server = server();
    let root = tempfile::tempdir().unwrap();
    let session = session_with_location(&server, "ftrack-example-plugin", root.path());
    let accessor = session
        .location("studio.projects")
        .unwrap()
        .accessor()
        .unwrap();
    let path = |name: &str| root.path().join(name);
    let inode = |name: &str| fs::metadata(path(name)).unwrap().ino();
    fs::write(path("new"), "new pixels").unwrap();
    fs::write(path("plate.exr"), "old pixels").unwrap();
    let (new, old) = (inode("new"), inode("plate.exr"));
    accessor.rename("new", "staged").unwrap();
    assert_eq!(inode("staged"), new, "it is the same file");
    let taken = accessor.rename("staged", "plate.exr").unwrap_err();
    assert!(
        matches!(&taken, AccessorError::ResourceExists { resource_identifier } if resource_identifier == "plate.exr"),
        "{taken:?}"
    );
    accessor.replace("staged", "plate.exr", "backup").unwrap();
    assert_eq!((inode("plate.exr"), inode("backup")), (new, old));
    assert!(!path("staged").exists());
}

#[test]
fn accessors_structures_and_transformers_of_a_plugin_stay_in_its_library() {
    let server = server();
    let root = tempfile::tempdir().unwrap();
    let session = session_with_location(&server, "ftrack-trial-plugin", root.path());
    let location = session.location("studio.projects").unwrap();
    let source = root.path().join("plate.exr");
    let pixels = "pixels".repeat(1 << 20);
    fs::write(&source, &pixels).unwrap();
    // The name was never sent to the server when the structure is asked.
    let component = session
        .create_component(&source, values! { "name": "main" }, &location)
        .unwrap();
    let identifier = location.resource_identifier(&component).unwrap();
    assert_eq!(identifier, "trial/main.exr");
    let stored = session
        .query(format!(
            "select resource_identifier from ComponentLocation where component_id is {}",
            component.id()
        ))
        .all()
        .unwrap();
    assert!(
        stored.iter().any(|link| {
            let stored: String = link.get("resource_identifier").unwrap();
            stored == "main.exr@trial"
        }),
        "the transformer of the library was used"
    );

    let accessor = location.accessor().unwrap();
    assert!(accessor.exists(&identifier).unwrap() && accessor.is_file(&identifier).unwrap());
    assert_eq!(accessor.list("trial").unwrap(), vec![identifier.clone()]);
    assert!(
        accessor.local_path(&identifier).is_none(),
        "it is in memory"
    );
    let mut read = String::new();
    let mut reader = accessor.open_at(&identifier, 6).unwrap();
    assert_eq!(reader.size(), Some(pixels.len() as u64 - 6));
    reader.read_to_string(&mut read).unwrap();
    assert_eq!(read, pixels[6..]);

    let missing = accessor.open("trial/other.exr").unwrap_err();
    assert!(
        matches!(&missing, AccessorError::ResourceNotFound { resource_identifier } if resource_identifier == "trial/other.exr"),
        "{missing:?}"
    );
    let url = accessor.url(&identifier).unwrap_err();
    assert!(
        matches!(url, AccessorError::UnsupportedOperation { .. }),
        "{url:?}"
    );
    location.remove_component(&component).unwrap();
    assert!(!accessor.exists(&identifier).unwrap());
}

#[test]
fn what_a_structure_of_a_plugin_refuses_is_an_error_of_structures() {
    let server = server();
    let root = tempfile::tempdir().unwrap();
    let session = session_with_location(&server, "ftrack-trial-plugin", root.path());
    let location = session.location("studio.projects").unwrap();
    let source = root.path().join("plate.exr");
    fs::write(&source, "pixels").unwrap();
    let refused = session
        .create_component(&source, values! { "name": "refused" }, &location)
        .unwrap_err();
    assert!(refused.is(ErrorKind::Location), "{refused:?}");
    let mut text = refused.to_string();
    let mut cause = std::error::Error::source(&refused);
    while let Some(error) = cause {
        text.push_str(&error.to_string());
        cause = error.source();
    }
    assert!(text.contains("not this one"), "{text}");
    let accessor = location.accessor().unwrap();
    assert!(!accessor.exists("trial/refused.exr").unwrap());
}

#[test]
fn a_location_of_a_plugin_ends_with_the_session() {
    let server = server();
    let root = tempfile::tempdir().unwrap();
    let session = session_with_location(&server, "ftrack-trial-plugin", root.path());
    let location = session.location("studio.projects").unwrap();
    let accessor = location.accessor().unwrap();
    session.close();
    assert!(location.accessor().is_none());
    drop((session, location));
    // What is still held does not crash.
    assert!(accessor.exists("trial/main.exr").is_ok());
}

#[test]
fn types_of_files_come_from_the_example_plugin() {
    let server = server();
    let folder = tempfile::tempdir().unwrap();
    let session = session_with_location(&server, "ftrack-example-plugin", folder.path());
    let location = session.location("studio.projects").unwrap();
    for (name, expected) in [("cache.bgeo.sc", ".bgeo.sc"), ("cache.abc.gz", ".gz")] {
        let source = folder.path().join(name);
        fs::write(&source, "cache").unwrap();
        let component = session
            .create_component(
                &source,
                values! { "name": name, "version": &version(&session) },
                &location,
            )
            .unwrap();
        assert_eq!(component.get::<String>("file_type").unwrap(), expected);
    }
}
