//! What is particular to disks: prefixes, links, permissions, programs that die.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ftrack_location::transfer::{TransferItem, TransferOptions, transfer};
use ftrack_location::{Accessor, AccessorError, CreateOptions, DiskAccessor, MemoryAccessor};
use tempfile::TempDir;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn storage() -> (TempDir, DiskAccessor) {
    let folder = tempfile::tempdir().unwrap();
    let accessor = DiskAccessor::new(text(folder.path())).unwrap();
    (folder, accessor)
}

fn write(accessor: &dyn Accessor, name: &str, content: &[u8]) -> Result<(), AccessorError> {
    let mut upload = accessor.create(name, &CreateOptions::new())?;
    upload.write_all(content).unwrap();
    upload.finish()
}

/// The names in a folder, hidden ones too.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn is_outside(error: &AccessorError) -> bool {
    matches!(error, AccessorError::FilesystemPath { .. })
}

#[test]
fn paths_are_below_the_prefix() {
    let accessor = DiskAccessor::new("/mnt/projects/../projects/").unwrap();
    assert_eq!(accessor.prefix(), Some(Path::new("/mnt/projects")));
    for (identifier, wanted) in [
        ("", "/mnt/projects"),
        ("a.txt", "/mnt/projects/a.txt"),
        ("a//b/./c", "/mnt/projects/a/b/c"),
        ("a/../b", "/mnt/projects/b"),
        ("/mnt/projects/a.txt", "/mnt/projects/a.txt"),
        ("/mnt/projects", "/mnt/projects"),
    ] {
        let path = accessor.filesystem_path(identifier).unwrap();
        assert_eq!(path, Path::new(wanted), "{identifier}");
    }
    for identifier in [
        "..",
        "a/../../b",
        "../../../etc/passwd",
        "/",
        "/etc/passwd",
        "/mnt/projects_of_others/a.txt",
        "/mnt/projects/../others/a.txt",
    ] {
        let error = accessor.filesystem_path(identifier).unwrap_err();
        assert!(is_outside(&error), "{identifier}");
    }
    assert!(matches!(
        accessor.filesystem_path("a\0b").unwrap_err(),
        AccessorError::ResourceIdentifier { .. }
    ));
}

#[test]
fn prefixes_may_be_relative_and_have_variables() {
    let here = std::env::current_dir().unwrap();
    let accessor = DiskAccessor::new("some/folder").unwrap();
    assert_eq!(accessor.prefix(), Some(&*here.join("some/folder")));

    // Cargo sets this one.
    let accessor = DiskAccessor::new("$CARGO_MANIFEST_DIR/src").unwrap();
    assert!(accessor.is_file("lib.rs").unwrap());
    let error = DiskAccessor::new("$FTRACK_NO_SUCH_VARIABLE/a").unwrap_err();
    assert!(
        error.to_string().contains("FTRACK_NO_SUCH_VARIABLE"),
        "{error}"
    );
}

#[test]
fn without_a_prefix_identifiers_are_paths() {
    let folder = tempfile::tempdir().unwrap();
    for accessor in [
        DiskAccessor::without_prefix(),
        DiskAccessor::new("").unwrap(),
    ] {
        assert_eq!(accessor.prefix(), None);
        let name = text(folder.path()).to_owned() + "/a.txt";
        write(&accessor, &name, b"pixels").unwrap();
        assert_eq!(
            accessor.filesystem_path(&name).unwrap(),
            PathBuf::from(&name)
        );
        assert_eq!(accessor.container(&name).unwrap(), text(folder.path()));
        assert_eq!(accessor.list(text(folder.path())).unwrap(), [&*name]);
        assert!(accessor.is_file("Cargo.toml").unwrap());
        assert!(
            accessor
                .list("")
                .unwrap()
                .contains(&"Cargo.toml".to_owned())
        );
        assert!(accessor.container("/").is_err());
        accessor.remove(&name).unwrap();
    }
}

#[test]
fn the_prefix_itself_is_no_file_and_is_not_removed() {
    let (folder, accessor) = storage();
    for identifier in ["", ".", text(folder.path())] {
        for result in [
            accessor.create(identifier, &CreateOptions::new()).map(drop),
            accessor.remove(identifier),
            accessor.remove_container(identifier),
        ] {
            assert!(matches!(
                result.unwrap_err(),
                AccessorError::ResourceInvalid { .. }
            ));
        }
    }
    assert!(folder.path().is_dir());
}

#[test]
fn a_prefix_that_is_not_there_is_made_on_request_only() {
    let folder = tempfile::tempdir().unwrap();
    let accessor = DiskAccessor::new(text(&folder.path().join("a/b"))).unwrap();
    for identifier in ["", "c/d"] {
        let error = accessor.make_container(identifier, true).unwrap_err();
        assert!(error.to_string().contains("mount it"), "{error}");
    }
    assert!(!folder.path().join("a").exists());
    let accessor = accessor.create_prefix(true);
    assert!(!accessor.exists("").unwrap());
    let error = write(&accessor, "c.txt", b"pixels").unwrap_err();
    assert!(matches!(
        error,
        AccessorError::ParentResourceNotFound { .. }
    ));
    accessor.make_container("", true).unwrap();
    write(&accessor, "c.txt", b"pixels").unwrap();
    assert!(folder.path().join("a/b/c.txt").is_file());
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt, symlink};

    use super::*;

    /// A storage, and a folder outside with a file; links in the storage lead there.
    fn linked() -> (TempDir, DiskAccessor, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let [inside, outside] = ["inside", "outside"].map(|name| folder.path().join(name));
        for path in [&inside, &outside] {
            fs::create_dir(path).unwrap();
        }
        fs::write(outside.join("secret.txt"), "secret").unwrap();
        symlink(&outside, inside.join("folder")).unwrap();
        symlink(outside.join("secret.txt"), inside.join("file")).unwrap();
        symlink(outside.join("missing"), inside.join("dangling")).unwrap();
        let accessor = DiskAccessor::new(text(&inside)).unwrap();
        (folder, accessor, outside)
    }

    #[test]
    fn no_link_leads_out() {
        let (_folder, accessor, outside) = linked();
        for name in ["folder/secret.txt", "file"] {
            assert!(is_outside(&accessor.open(name).unwrap_err()), "{name}");
            assert!(is_outside(&accessor.exists(name).unwrap_err()), "{name}");
            assert!(accessor.local_path(name).is_none());
        }
        assert!(is_outside(&accessor.list("folder").unwrap_err()));
        assert!(is_outside(&accessor.list("folder/missing").unwrap_err()));
        let error = write(&accessor, "folder/new.txt", b"a").unwrap_err();
        assert!(is_outside(&error));
        let error = accessor.make_container("folder/new", true).unwrap_err();
        assert!(is_outside(&error));
        assert!(is_outside(
            &accessor.remove("folder/secret.txt").unwrap_err()
        ));
        assert_eq!(names(&outside), ["secret.txt"]);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_not_written_through() {
        let (_folder, accessor, outside) = linked();
        let error = write(&accessor, "dangling", b"a").unwrap_err();
        assert!(matches!(error, AccessorError::ResourceExists { .. }));
        let error = accessor.make_container("dangling/new", true).unwrap_err();
        assert!(
            matches!(error, AccessorError::ResourceInvalid { .. }),
            "{error:?}"
        );
        assert!(!accessor.exists("dangling").unwrap());
        assert_eq!(names(&outside), ["secret.txt"]);
    }

    #[test]
    fn links_may_lead_out_if_that_is_wanted() {
        let (_folder, accessor, outside) = linked();
        let accessor = accessor.allow_symlinks_out(true);
        assert_eq!(accessor.list("folder").unwrap(), ["folder/secret.txt"]);
        assert!(accessor.is_file("file").unwrap());
        write(&accessor, "folder/new.txt", b"a").unwrap();
        assert_eq!(names(&outside), ["new.txt", "secret.txt"]);
        assert!(is_outside(
            &accessor.open("../outside/new.txt").unwrap_err()
        ));
    }

    #[test]
    fn a_link_is_removed_and_what_it_leads_to_is_not() {
        let (_folder, accessor, outside) = linked();
        for name in ["folder", "file", "dangling"] {
            accessor.remove(name).unwrap();
        }
        assert_eq!(accessor.list("").unwrap(), Vec::<String>::new());
        assert_eq!(names(&outside), ["secret.txt"]);
    }

    #[test]
    fn links_within_the_prefix_are_followed() {
        let (folder, accessor) = storage();
        accessor.make_container("a", true).unwrap();
        symlink("a", folder.path().join("b")).unwrap();
        write(&accessor, "b/c.txt", b"pixels").unwrap();
        assert!(accessor.is_file("a/c.txt").unwrap());
    }

    #[test]
    fn a_prefix_may_be_a_link() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("real")).unwrap();
        symlink("real", folder.path().join("link")).unwrap();
        let accessor = DiskAccessor::new(text(&folder.path().join("link"))).unwrap();
        write(&accessor, "a.txt", b"pixels").unwrap();
        assert!(folder.path().join("real/a.txt").is_file());
    }

    #[test]
    fn permissions_are_those_of_any_new_file() {
        if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
            let accessor = DiskAccessor::new(text(Path::new(&folder))).unwrap();
            write(&accessor, "a.txt", b"pixels").unwrap();
            return;
        }
        for (umask, wanted) in [
            ("000", 0o666),
            ("022", 0o644),
            ("027", 0o640),
            ("077", 0o600),
        ] {
            let (folder, _) = storage();
            let output = rerun(
                "disk::unix::permissions_are_those_of_any_new_file",
                folder.path(),
                &format!("umask {umask}; "),
            );
            assert!(output.status.success());
            let mode = fs::metadata(folder.path().join("a.txt")).unwrap().mode();
            assert_eq!(mode & 0o777, wanted, "{umask}");
        }
    }

    #[test]
    fn a_pipe_is_not_waited_for() {
        let (folder, accessor) = storage();
        let pipe = folder.path().join("pipe");
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let error = accessor.open("pipe").unwrap_err();
        assert!(matches!(error, AccessorError::ResourceInvalid { .. }));
    }

    // Other systems have no such names.
    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_are_no_text_are_passed_over() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;

        let (folder, accessor) = storage();
        fs::write(folder.path().join(OsStr::from_bytes(b"\xff.txt")), "a").unwrap();
        write(&accessor, "a.txt", b"pixels").unwrap();
        assert_eq!(accessor.list("").unwrap(), ["a.txt"]);
    }

    /// Runs a test of this binary in a process of its own, in `folder`.
    fn rerun(test: &str, folder: &Path, shell: &str) -> std::process::Output {
        Command::new("sh")
            .args(["-c", &format!("{shell}exec \"$0\" --exact \"$1\"")])
            .arg(std::env::current_exe().unwrap())
            .arg(test)
            .env(CHILD_FOLDER, folder)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    const CHILD_FOLDER: &str = "FTRACK_LOCATION_TEST_FOLDER";

    #[test]
    fn a_program_that_dies_leaves_no_half_file() {
        if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
            let accessor = DiskAccessor::new(text(Path::new(&folder))).unwrap();
            let mut upload = accessor.create("a.txt", &CreateOptions::new()).unwrap();
            upload.write_all(b"half of the pix").unwrap();
            std::process::abort();
        }
        let (folder, accessor) = storage();
        let output = rerun(
            "disk::unix::a_program_that_dies_leaves_no_half_file",
            folder.path(),
            "",
        );
        assert!(!output.status.success());
        // Nothing at all where files need no name, else one that listings pass over.
        let left = names(folder.path());
        let is_hidden = |name: &String| name.starts_with(".ftrack-");
        assert!(left.len() <= 1 && left.iter().all(is_hidden), "{left:?}");
        assert_eq!(accessor.list("").unwrap(), Vec::<String>::new());
        write(&accessor, "a.txt", b"pixels").unwrap();
    }

    #[test]
    fn a_storage_that_is_full_leaves_nothing() {
        let source = MemoryAccessor::new();
        write(&source, "a.exr", &vec![7; 1_000_000]).unwrap();
        if let Some(folder) = std::env::var_os(CHILD_FOLDER) {
            let target = DiskAccessor::new(text(Path::new(&folder))).unwrap();
            let items = [TransferItem::new("a.exr", "a.exr")];
            let error = transfer(&source, &target, &items, &TransferOptions::new()).unwrap_err();
            assert!(error.transferred().is_empty());
            assert_eq!(names(Path::new(&folder)), Vec::<String>::new());
            return;
        }
        let (folder, _) = storage();
        // No file may grow beyond 100 blocks, and the signal that says so is ignored, so that writing fails.
        let output = rerun(
            "disk::unix::a_storage_that_is_full_leaves_nothing",
            folder.path(),
            "trap '' XFSZ; ulimit -f 100; ",
        );
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{printed}");
        assert!(printed.contains("1 passed"), "{printed}");
    }
}

#[test]
fn durable_uploads_are_published_like_any_other() {
    let (folder, accessor) = storage();
    let mut upload = accessor
        .create("a.txt", &CreateOptions::new().durable(true))
        .unwrap();
    upload.write_all(b"pixels").unwrap();
    upload.finish().unwrap();
    assert_eq!(fs::read(folder.path().join("a.txt")).unwrap(), b"pixels");
    assert_eq!(names(folder.path()), ["a.txt"]);
}

#[test]
fn names_may_be_as_long_as_the_file_system_allows() {
    let (_folder, accessor) = storage();
    let name = "n".repeat(255);
    write(&accessor, &name, b"pixels").unwrap();
    assert!(accessor.is_file(&name).unwrap());
    assert!(write(&accessor, &"n".repeat(256), b"pixels").is_err());
}

#[test]
fn a_container_that_vanishes_during_an_upload_is_an_error() {
    let (folder, accessor) = storage();
    accessor.make_container("a", true).unwrap();
    let upload = accessor.create("a/b.txt", &CreateOptions::new()).unwrap();
    fs::remove_dir_all(folder.path().join("a")).unwrap();
    assert!(upload.finish().is_err());
}

#[test]
fn there_are_no_urls() {
    let (_folder, accessor) = storage();
    let error = accessor.url("a.txt").unwrap_err();
    assert!(matches!(error, AccessorError::UnsupportedOperation { .. }));
}
