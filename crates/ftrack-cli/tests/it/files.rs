//! Publishing versions, downloading components, listing locations.

mod killed;
mod mending;
#[cfg(target_os = "linux")]
mod odd_names;
mod paddings;
mod paths;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Stdio};

use serde_json::{Value, json};

use crate::{Said, Serving, stop};

/// A server with a location `studio.disk`, and folders to publish from and to.
struct Studio {
    serving: Serving,
    session: ftrack::Session,
    task: String,
    folder: tempfile::TempDir,
}

impl Studio {
    fn new() -> Self {
        let serving = Serving::start(&["--json", "--demo", "--api-key", "k", "--testing"]);
        let session = crate::events::session(&serving);
        session
            .create(
                "Location",
                ftrack::values! { "name": "studio.disk", "label": "Disk" },
            )
            .unwrap();
        session.commit().unwrap();
        let task = session
            .query("Task where name is lighting")
            .first()
            .unwrap()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("storage")).unwrap();
        Self {
            task: task.id(),
            serving,
            session,
            folder,
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// A new file to publish.
    fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.path(name);
        fs::create_dir_all(Path::new(&path).parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// `studio.disk` as a folder, for `--disk`.
    fn disk(&self) -> String {
        format!("studio.disk={}", self.path("storage"))
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let output = self.serving.command().args(arguments).output().unwrap();
        Said {
            status: output.status,
            output: String::from_utf8(output.stdout).unwrap(),
            error: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The result of a command that must succeed.
    fn json(&self, arguments: &[&str]) -> Value {
        let said = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(said.code(), Some(0), "{arguments:?}: {}", said.error);
        assert_eq!(said.error, "");
        serde_json::from_str(&said.output).unwrap()
    }

    /// `version publish` for the asset "hero", without what is published.
    fn publish(&self) -> Vec<String> {
        [
            "version", "publish", "--task", &self.task, "--asset", "hero", "--type", "geo",
        ]
        .map(str::to_owned)
        .into()
    }

    fn published(&self, arguments: &[&str]) -> Value {
        let publish = self.publish();
        let publish: Vec<&str> = publish
            .iter()
            .map(String::as_str)
            .chain(arguments.iter().copied())
            .collect();
        self.json(&publish)
    }

    /// Starts a command and waits for the line that says what is going to be copied.
    fn started(&self, arguments: &[&str]) -> (Child, BufReader<ChildStderr>) {
        let mut child = self
            .serving
            .command()
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut error = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        error.read_line(&mut line).unwrap();
        let begins = ["publishing", "copying", "mending"];
        assert!(begins.iter().any(|begin| line.starts_with(begin)), "{line}");
        (child, error)
    }

    /// Lets the next request of this kind wait on the server.
    fn delay(&self, what: &str, value: &str) {
        let fault = json!({"kind": "delay", "delay_ms": 1500, "count": 1, what: value}).to_string();
        let address = self.serving.url().replace("http://", "");
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let length = fault.len();
        let head = "HTTP/1.1\r\nhost: local\r\nconnection: close\r\nftrack-user: admin\r\nftrack-api-key: k";
        write!(
            stream,
            "POST /_local/faults {head}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{fault}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    fn count(&self, query: &str) -> usize {
        self.session.query(query).all().unwrap().len()
    }

    /// Nothing of the asset "hero" is left, neither with the server nor in the storage.
    fn check_nothing_is_left(&self) {
        assert_eq!(self.count("Asset where name is hero"), 0);
        assert_eq!(self.count("AssetVersion where asset.name is hero"), 0);
        assert_eq!(self.count("Component where name is plate"), 0);
        let storage = self.folder.path().join("storage");
        assert_eq!(files_in(&storage), Vec::<PathBuf>::new());
    }
}

/// All files below a folder, also hidden ones.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_in(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn files_and_sequences_are_published_and_downloaded_again() {
    let studio = Studio::new();
    let scene = studio.file("scene.ma", b"a scene");
    for frame in [1001, 1002, 1005] {
        studio.file(
            &format!("plate.{frame}.exr"),
            format!("frame {frame}").as_bytes(),
        );
    }
    let plate = studio.path("plate.%04d.exr");
    let disk = studio.disk();
    let published = studio.published(&["--disk", &disk, "--comment", "first", &scene, &plate]);
    assert_eq!(published["version"]["version"], 1);
    assert_eq!(published["location"]["name"], "studio.disk");
    assert_eq!(published["thumbnail"], Value::Null);
    let components = published["components"].as_array().unwrap();
    let names: Vec<&Value> = components
        .iter()
        .map(|component| &component["name"])
        .collect();
    assert_eq!(names, ["scene", "plate"]);
    let path = Path::new(components[0]["path"].as_str().unwrap());
    assert!(path.starts_with(studio.path("storage")), "{path:?}");
    assert_eq!(fs::read(path).unwrap(), b"a scene");

    let id = published["version"]["id"].as_str().unwrap();
    let version = studio.session.get("AssetVersion", id).unwrap().unwrap();
    assert_eq!(version.get::<String>("comment").unwrap(), "first");
    assert!(version.get::<bool>("is_published").unwrap());

    // The sequence, with its gap.
    let to = studio.path("to/here");
    let plate = components[1]["id"].as_str().unwrap();
    let copied = studio.json(&["component", "download", plate, "--to", &to, "--disk", &disk]);
    assert_eq!(copied["files"], 3);
    assert_eq!(copied["bytes"], 30);
    assert_eq!(
        copied["path"],
        format!("{to}/plate.%04d.exr [1001-1002, 1005]")
    );
    for frame in [1001, 1002, 1005] {
        let content = fs::read_to_string(format!("{to}/plate.{frame}.exr")).unwrap();
        assert_eq!(content, format!("frame {frame}"));
    }

    // For people, a second version.
    let mut publish = studio.publish();
    publish.extend(["--disk".to_owned(), disk, scene]);
    let publish: Vec<&str> = publish.iter().map(String::as_str).collect();
    let said = studio.run(&publish);
    assert_eq!(said.code(), Some(0), "{}", said.error);
    assert!(said.output.starts_with("hero v002 ("), "{}", said.output);
    assert!(said.output.contains("\n  scene  7 B  "), "{}", said.output);
    let storage = studio.path("storage");
    let what = format!("publishing 1 file to studio.disk ({storage}) as v002 of hero in the ");
    assert!(said.error.starts_with(&what), "{}", said.error);
}

#[test]
fn the_server_keeps_files_and_thumbnails() {
    let studio = Studio::new();
    let scene = studio.file("scene.ma", b"a scene");
    let picture = studio.file("picture.png", PICTURE);
    let published = studio.published(&[
        "--location",
        "ftrack.server",
        "--thumbnail",
        &picture,
        &scene,
    ]);
    let component = published["components"][0]["id"].as_str().unwrap();
    assert_eq!(published["components"][0]["path"], Value::Null);
    let version = studio
        .session
        .get("AssetVersion", published["version"]["id"].as_str().unwrap())
        .unwrap()
        .unwrap();
    assert_eq!(
        version.get::<String>("thumbnail_id").unwrap(),
        published["thumbnail"]
    );

    let to = studio.path("to");
    let said = studio.run(&["component", "download", component, "--to", &to]);
    assert_eq!(said.code(), Some(0), "{}", said.error);
    assert_eq!(
        said.output,
        format!("copied 1 file(s), 7 B, from ftrack.server to {to}/scene.ma\n")
    );
    assert_eq!(fs::read(format!("{to}/scene.ma")).unwrap(), b"a scene");

    // Nothing is replaced, and the folder that was there stays.
    let said = studio.run(&["component", "download", component, "--to", &to]);
    assert_eq!(said.code(), Some(1));
    assert!(said.error.contains("scene.ma"), "{}", said.error);
    assert_eq!(files_in(Path::new(&to)).len(), 1);
}

#[test]
fn the_storage_scenario_of_the_server_needs_no_options() {
    let studio = Studio::new();
    let storage = studio.path("storage");
    let location = studio
        .session
        .query("Location where name is studio.disk")
        .one()
        .unwrap();
    let setting = studio
        .session
        .query("Setting where name is storage_scenario and group is STORAGE")
        .one()
        .unwrap();
    let scenario = json!({"scenario": "ftrack.centralized-storage", "data": {
        "location_id": location.id(), "location_name": "studio.disk",
        "accessor": {"mount_points": {"linux": storage, "osx": storage, "windows": storage}},
    }});
    setting.set("value", scenario.to_string()).unwrap();
    studio.session.commit().unwrap();

    let published = studio.published(&[&studio.file("scene.ma", b"a scene")]);
    assert_eq!(published["location"]["name"], "studio.disk");
    let said = studio.run(&["location", "ls"]);
    let first = said.output.lines().nth(1).unwrap();
    assert!(first.starts_with("studio.disk "), "{}", said.output);
    assert!(
        first.contains(" default ") && first.ends_with(&storage),
        "{first}"
    );
}

#[test]
fn locations_are_listed_with_those_that_can_be_used_first() {
    let studio = Studio::new();
    let rows = |arguments: &[&str]| -> Vec<Value> {
        let said = studio.run(&[&["location", "ls", "--json"], arguments].concat());
        said.output
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let find =
        |rows: &[Value], name: &str| rows.iter().find(|row| row["name"] == name).unwrap().clone();
    let without = rows(&[]);
    assert_eq!(without[0]["name"], "ftrack.unmanaged");
    assert_eq!(without[0]["default"], true);
    let disk = find(&without, "studio.disk");
    assert_eq!(
        (&disk["usable"], &disk["priority"]),
        (&json!(false), &json!(null))
    );
    assert_eq!(find(&without, "ftrack.connect")["usable"], false);

    let with = rows(&["--disk", &studio.disk()]);
    assert_eq!(with[0]["name"], "studio.disk");
    assert_eq!(with[0]["folder"], studio.path("storage"));
    assert_eq!(with.len(), without.len());
}

#[test]
fn the_help_says_where_locations_come_from_and_how_commands_end() {
    for command in ["version publish", "component download", "location ls"] {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let said = crate::run(&words);
        assert_eq!(said.code(), Some(0));
        // Where lines end is a matter of the terminal's width.
        let words: Vec<&str> = said.output.split_whitespace().collect();
        let output = words.join(" ");
        for part in ["storage scenario", "plugins", "--disk", "FTRACK_API_KEY"] {
            assert!(output.contains(part), "{command}: {part}: {output}");
        }
        let copies = command != "location ls";
        assert_eq!(
            output.contains("130 if it was interrupted"),
            copies,
            "{command}"
        );
    }
}

#[test]
fn other_structures_can_be_chosen() {
    let studio = Studio::new();
    let scene = studio.file("scene.ma", b"a scene");
    let disk = format!("studio.disk=id:{}", studio.path("storage"));
    let published = studio.published(&["--disk", &disk, &scene]);
    let identifier = published["components"][0]["resource_identifier"]
        .as_str()
        .unwrap();
    let id = published["components"][0]["id"].as_str().unwrap();
    let expected = format!(
        "{}/{}/{}/{}/{}.ma",
        &id[0..1],
        &id[1..2],
        &id[2..3],
        &id[3..4],
        &id[4..]
    );
    assert_eq!(identifier, expected);
}

#[test]
fn what_cannot_be_published_is_said_and_nothing_is_created() {
    let studio = Studio::new();
    let scene = studio.file("plate.ma", b"a scene");
    let (disk, missing) = (studio.disk(), studio.path("missing.ma"));
    let task = studio.task.as_str();
    for (task, kind, location, file, reason, code) in [
        ("no-such-task", "geo", "studio.disk", &scene, "no Task", 3),
        (task, "no-such-type", "studio.disk", &scene, "geo", 3),
        (task, "geo", "studio.nowhere", &scene, "studio.nowhere", 3),
        (task, "geo", "ftrack.connect", &scene, "ftrack.connect", 1),
        (task, "geo", "studio.disk", &missing, "missing.ma", 1),
    ] {
        let said = studio.run(&[
            "version",
            "publish",
            "--task",
            task,
            "--asset",
            "hero",
            "--type",
            kind,
            "--location",
            location,
            "--disk",
            &disk,
            file,
        ]);
        assert_eq!(said.code(), Some(code), "{reason}: {}", said.error);
        assert!(said.error.contains(reason), "{reason}: {}", said.error);
        assert!(!said.error.contains("publishing"), "{}", said.error);
        studio.check_nothing_is_left();
    }
    let wrong = studio.run(&["version", "publish", "--disk", "nonsense", "x"]);
    assert_eq!(wrong.code(), Some(2));
    assert!(wrong.error.contains("NAME=DIR"), "{}", wrong.error);
    let unknown = studio.run(&["component", "download", "no-such-component"]);
    assert_eq!(unknown.code(), Some(3));
    assert!(unknown.error.contains("no Component"), "{}", unknown.error);
}

#[test]
fn a_publication_that_fails_is_taken_back_and_can_be_repeated() {
    let studio = Studio::new();
    let (scene, plate) = (
        studio.file("scene.ma", b"a scene"),
        studio.file("plate.exr", b"pixels"),
    );
    // Where the second file is to go, somebody has put something.
    let first = studio.published(&["--disk", &studio.disk(), &scene]);
    let path = PathBuf::from(first["components"][0]["path"].as_str().unwrap());
    let next = path.parent().unwrap().parent().unwrap().join("v002");
    fs::create_dir_all(&next).unwrap();
    fs::write(next.join("plate.exr"), "somebody else's").unwrap();

    let mut publish = studio.publish();
    publish.extend(["--disk".to_owned(), studio.disk(), scene, plate]);
    let publish: Vec<&str> = publish.iter().map(String::as_str).collect();
    let said = studio.run(&publish);
    assert_eq!(said.code(), Some(1));
    assert!(said.error.contains("plate.exr"), "{}", said.error);
    assert_eq!(studio.count("AssetVersion where asset.name is hero"), 1);
    assert_eq!(studio.count("Component where name is plate"), 0);
    assert_eq!(files_in(&next), [next.join("plate.exr")]);

    fs::remove_file(next.join("plate.exr")).unwrap();
    let said = studio.run(&publish);
    assert_eq!(said.code(), Some(0), "{}", said.error);
    assert!(said.output.starts_with("hero v002"), "{}", said.output);
}

#[cfg(unix)]
#[test]
fn an_interrupted_publication_leaves_nothing() {
    let studio = Studio::new();
    let plate = studio.file("plate.exr", &vec![7; 3 << 20]);
    let picture = studio.file("picture.png", PICTURE);
    let disk = studio.disk();
    // While the version is created, while a picture is uploaded, while the file is.
    for (what, value, signal, arguments) in [
        ("action", "create", "-INT", ["--disk", &disk]),
        ("path", "/upload", "-TERM", ["--thumbnail", &picture]),
        ("path", "/upload", "-INT", ["--location", "ftrack.server"]),
    ] {
        studio.delay(what, value);
        let mut publish = studio.publish();
        publish.extend(arguments.map(str::to_owned));
        publish.push(plate.clone());
        let publish: Vec<&str> = publish.iter().map(String::as_str).collect();
        let (mut child, mut error) = studio.started(&publish);
        assert_eq!(stop(&mut child, signal).code(), Some(130), "{value}");
        let mut said = String::new();
        error.read_to_string(&mut said).unwrap();
        assert_eq!(
            said, "error: interrupted: nothing was published\n",
            "{value}"
        );
        studio.check_nothing_is_left();
        assert_eq!(
            studio.count("Component where name is thumbnail and version.asset.name is hero"),
            0
        );
    }
    assert_eq!(fs::read(&plate).unwrap().len(), 3 << 20);
}

#[cfg(unix)]
#[test]
fn an_interruption_while_many_files_are_copied_leaves_all_or_nothing() {
    let studio = Studio::new();
    for frame in 1..=2000 {
        studio.file(&format!("plate.{frame:04}.exr"), &[7; 512]);
    }
    let mut publish = studio.publish();
    publish.extend([
        "--disk".to_owned(),
        studio.disk(),
        studio.path("plate.%04d.exr"),
    ]);
    let publish: Vec<&str> = publish.iter().map(String::as_str).collect();
    let (mut child, _error) = studio.started(&publish);
    let storage = studio.folder.path().join("storage");
    while files_in(&storage).is_empty() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    // The signal may come too late to stop anything.
    if stop(&mut child, "-INT").code() == Some(0) {
        assert_eq!(files_in(&storage).len(), 2000);
    } else {
        studio.check_nothing_is_left();
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_download_leaves_nothing() {
    let studio = Studio::new();
    let plate = studio.file("plate.exr", &vec![7; 3 << 20]);
    let published = studio.published(&["--location", "ftrack.server", &plate]);
    let component = published["components"][0]["id"].as_str().unwrap();
    let to = studio.path("to");
    studio.delay("path", "/component/get");
    let (mut child, mut error) = studio.started(&[
        "component",
        "download",
        component,
        "--to",
        &format!("{to}/deep"),
    ]);
    assert_eq!(stop(&mut child, "-INT").code(), Some(130));
    let mut said = String::new();
    error.read_to_string(&mut said).unwrap();
    assert_eq!(said, "error: interrupted: nothing was copied\n");
    assert!(!Path::new(&to).exists());

    let said = studio.run(&["component", "download", component, "--to", &to]);
    assert_eq!(said.code(), Some(0), "{}", said.error);
}

/// One grey pixel.
const PICTURE: &[u8] = b"\
    \x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\
    \x08\x00\x00\x00\x00\x3a\x7e\x9b\x55\x00\x00\x00\x0a\x49\x44\x41\x54\x78\x9c\x63\x68\x00\x00\x00\
    \x82\x00\x81\x77\xcd\x72\xb6\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

#[test]
fn a_location_is_verified_and_what_is_missing_forgotten() {
    let studio = Studio::new();
    let scene = studio.file("scene.ma", b"shapes");
    let disk = studio.disk();
    studio.published(&["--disk", &disk, &scene]);
    let verify = [
        "component",
        "verify",
        "studio.disk",
        "--disk",
        &disk,
        "--json",
    ];
    let run = |arguments: &[&str]| studio.serving.command().args(arguments).output().unwrap();
    assert_eq!(run(&verify).status.code(), Some(0));

    let published = files_in(Path::new(&studio.path("storage")));
    fs::remove_file(&published[0]).unwrap();
    let report = run(&verify);
    assert_eq!(report.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(report["missing"][0]["name"], "scene");
    let mut forget = verify.to_vec();
    forget.extend(["--forget-missing", "--yes"]);
    assert_eq!(run(&forget).status.code(), Some(1));
    assert_eq!(run(&verify).status.code(), Some(0));
}
