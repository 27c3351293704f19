//! No room and no permission.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use ftrack_cache::{Cache, Error, FileCache};

use super::child::{self, Child};
use super::{key, killed, open};

/// A user without rights, on every system.
const NOBODY: u32 = 65_534;

/// Does `task` in a process that may not make files of more than `blocks` times 512 bytes: writing
/// beyond fails as it does on a full disk.
fn do_with_little_room(task: &str, blocks: u32, folder: &Path) {
    let mut command = Command::new("sh");
    // Without the trap, the signal would end the process.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    command
        .args(["-c", &script])
        .arg(std::env::current_exe().unwrap())
        .args(child::ARGUMENTS);
    Child::spawn(command, task, folder, 0).finish();
}

#[test]
fn a_full_disk_is_an_error_and_damages_nothing() {
    for blocks in [2_100, 3_000, 5_000] {
        let folder = tempfile::tempdir().unwrap();
        do_with_little_room("fill", blocks, folder.path());
        let cache = open(folder.path());
        for key in cache.keys().unwrap() {
            if key != "more" {
                killed::check(&key, &cache.get(&key).unwrap().unwrap());
            }
        }
        // With room again, it works again.
        cache.set(key("more"), b"room".to_vec()).unwrap();
        cache.flush().unwrap();
        assert_eq!(cache.get(&key("more")).unwrap().unwrap(), b"room");
    }
}

#[test]
fn opening_without_room_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    do_with_little_room("open without room", 0, folder.path());
    let cache = open(folder.path());
    cache.set(key("a"), b"1".to_vec()).unwrap();
    cache.close().unwrap();
}

#[test]
fn a_read_only_folder_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let set_mode = |path: &Path, mode| {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    };
    set_mode(root.path(), 0o755);
    let fresh = root.path().join("fresh");
    let used = root.path().join("used");
    fs::create_dir(&fresh).unwrap();
    open(&used).set(key("a"), b"1".to_vec()).unwrap();
    set_mode(&fresh, 0o555);
    set_mode(&used.join("v1"), 0o555);
    set_mode(&used.join("v1/lock"), 0o444);

    let program = root.path().join("tests");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    set_mode(&program, 0o755);
    // Permissions are nothing to a privileged user, who therefore becomes another one.
    let is_privileged = fs::write(fresh.join("probe"), b"").is_ok();
    for folder in [&fresh, &used] {
        let mut command = child::command(&program);
        if is_privileged {
            command.uid(NOBODY).gid(NOBODY);
        }
        Child::spawn(command, "open read-only", folder, 0).finish();
    }
    for folder in [&fresh, &used, &used.join("v1")] {
        set_mode(folder, 0o755);
    }
}

#[test]
fn a_file_in_the_way_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("file");
    fs::write(&path, b"not a folder").unwrap();
    for path in [path.clone(), path.join("below")] {
        let error = FileCache::open(&path).unwrap_err();
        assert!(
            matches!(&error, Error::Io { path: named, .. } if *named == path),
            "{error:?}"
        );
    }
    assert_eq!(fs::read(&path).unwrap(), b"not a folder");
}
