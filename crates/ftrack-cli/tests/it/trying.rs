//! `--dry-run` changes nothing, and what deletes something wants to be confirmed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::{Serving, ftrack};

const SHOT: &str = "last_lantern/storm/010";
const TASK: &str = "last_lantern/storm/010/lighting";
const PLATE: &str = "last_lantern/storm/010/plate/v001/plate";

/// A server with a sequence in a location that is a folder, one file of which is lost.
struct Studio {
    serving: Serving,
    folder: tempfile::TempDir,
}

impl Studio {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["storage", "other", "fix", "config"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let mut command = ftrack();
        command.env("XDG_CONFIG_HOME", folder.path().join("config"));
        let path = folder.path().join("before.jsonl");
        let snapshot = ["--snapshot", path.to_str().unwrap()];
        let common = ["--json", "--api-key", "k"];
        let profile = ["--demo", "--profile", "local"];
        let options = [&common[..], &profile, &snapshot].concat();
        let studio = Self {
            serving: Serving::start_with(command, &options),
            folder,
        };
        studio.write("plate.0001.exr", "one");
        studio.write("plate.0002.exr", "two");
        studio.write("plate.0003.exr", "three");
        studio.write("fix/plate.0002.exr", "better");
        studio.write("fix/plate.0004.exr", "new");
        for name in ["disk", "other"] {
            let name = format!("name=studio.{name}");
            studio.ok(&["create", "Location", &name, "label=x"]);
        }
        let disk = studio.disk();
        let frames = studio.path("plate.%04d.exr");
        let publish = [
            "version", "publish", &frames, "--task", TASK, "--asset", "plate", "--type", "geo",
        ];
        studio.ok(&[&publish[..], &["--disk", &disk]].concat());
        let lost = files(&studio.folder.path().join("storage"));
        let lost = lost.keys().find(|path| path.ends_with("plate.0003.exr"));
        fs::remove_file(lost.unwrap()).unwrap();
        studio
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn disk(&self) -> String {
        format!("studio.disk={}", self.path("storage"))
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.serving.command();
        command.env("XDG_CONFIG_HOME", self.path("config"));
        command.args(arguments).output().unwrap()
    }

    fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Commands that change something, each with how it begins to say what it would do.
    fn changes(&self) -> Vec<(Vec<String>, &'static str)> {
        let (disk, frames) = (self.disk(), self.path("plate.%04d.exr"));
        let (fix, other) = (
            self.path("fix/plate.%04d.exr"),
            format!("studio.other={}", self.path("other")),
        );
        let copy = self.path("copy");
        let publish = [
            "version", "publish", &frames, "--task", TASK, "--asset", "plate", "--type", "geo",
        ];
        let disk = ["--disk", disk.as_str()];
        let sync = ["location", "sync", "studio.disk", "studio.other", "--disk"];
        let commands: Vec<(Vec<&str>, &str)> = vec![
            (
                vec!["create", "Shot", "name=990", "parent=last_lantern/storm"],
                "would create",
            ),
            (vec!["set", TASK, "status=On Hold"], "would change"),
            (vec!["delete", SHOT], "would delete"),
            (vec!["note", TASK, "Warmer"], "would write"),
            (vec!["assign", TASK, "jane"], "would assign"),
            (vec!["assign", TASK, "priya", "--remove"], "would take"),
            (vec!["log", TASK, "1h"], "would log"),
            (vec!["event", "publish", "studio.done"], "would publish"),
            ([&publish[..], &disk].concat(), "would publish"),
            (
                [&["component", "download", PLATE, "--to", &copy][..], &disk].concat(),
                "would copy",
            ),
            (
                [&["component", "mend", PLATE, &fix][..], &disk].concat(),
                "would publish",
            ),
            (
                [&["component", "drop", PLATE, "2"][..], &disk].concat(),
                "would drop 1 frame(s) of SequenceComponent",
            ),
            (
                [
                    &["component", "verify", "studio.disk", "--forget-missing"][..],
                    &disk,
                ]
                .concat(),
                "problem",
            ),
            ([&sync[..], &[&other], &disk].concat(), "why"),
            (vec!["login", "--profile", "new"], "would keep the login"),
            (
                vec!["login", "--forget", "--profile", "local"],
                "would remove",
            ),
        ];
        let owned = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect();
        commands
            .into_iter()
            .map(|(words, begin)| (owned(words), begin))
            .collect()
    }
}

/// All files in a folder with what is in them.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

/// All entities in a snapshot.
fn entities(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[cfg(unix)]
#[test]
fn a_dry_run_says_what_would_be_done_and_changes_nothing() {
    let mut studio = Studio::new();
    let before_path = studio.folder.path().join("before.jsonl");
    let after_path = studio.folder.path().join("after.jsonl");
    let common = ["--json", "--api-key", "k"];
    // The same entities again, so that what was there before is known.
    let next = [
        "--from",
        before_path.to_str().unwrap(),
        "--snapshot",
        after_path.to_str().unwrap(),
    ];
    let placeholder = Serving::start(&common);
    std::mem::replace(&mut studio.serving, placeholder).stop("-INT");
    let again = Serving::start(&[&common[..], &next].concat());
    std::mem::replace(&mut studio.serving, again).stop("-INT");
    // The profile of the first server went with it.
    fs::create_dir_all(studio.path("config/ftrack/profiles")).unwrap();
    studio.write("config/ftrack/profiles/local.json", "{}");
    let before = files(studio.folder.path());

    for (command, begin) in studio.changes() {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let output = studio.run(&[&words[..], &["--dry-run"]].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(text.starts_with(begin), "{words:?}: {text}{error}");
        assert!(
            text.contains("would ") || begin == "why",
            "{words:?}: {text}"
        );
        let output = studio.run(&[&words[..], &["--dry-run", "--json"]].concat());
        let report: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{words:?}: {error}: {output:?}"));
        assert_eq!(report["dry_run"], true, "{words:?}: {report}");
    }

    assert_eq!(files(studio.folder.path()), before);
    let placeholder = Serving::start(&common);
    std::mem::replace(&mut studio.serving, placeholder).stop("-INT");
    assert_eq!(entities(&after_path), entities(&before_path));
}

#[test]
fn what_deletes_something_wants_to_be_confirmed() {
    let studio = Studio::new();
    let disk = studio.disk();
    let mut deletions = vec![
        vec!["delete", TASK],
        vec!["component", "drop", PLATE, "2", "--disk", &disk],
        vec!["login", "--forget", "--profile", "local"],
    ];
    let verify = ["component", "verify", "studio.disk", "--forget-missing"];
    let verify = [&verify[..], &["--disk", &disk]].concat();
    deletions.push(verify.clone());
    let before = files(studio.folder.path());
    for deletion in &deletions {
        let output = studio.run(deletion);
        assert_eq!(output.status.code(), Some(2), "{deletion:?}: {output:?}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(
            error.contains("nobody confirms to") && error.contains("--yes"),
            "{error}"
        );
    }
    assert_eq!(files(studio.folder.path()), before);
    for deletion in deletions {
        let output = studio.run(&[&deletion[..], &["--yes"]].concat());
        // What is missing makes a verification fail.
        let code = i32::from(deletion == verify);
        assert_eq!(output.status.code(), Some(code), "{deletion:?}: {output:?}");
    }
    assert_ne!(files(studio.folder.path()), before);
}
