//! Looking at entities and changing them, by name.

use ftrack::prelude::*;
use serde_json::Value as Json;

use crate::{Said, Serving};

struct Studio {
    serving: Serving,
    session: Session,
}

impl Studio {
    fn new() -> Self {
        let serving = Serving::start(&["--json", "--demo", "--api-key", "k"]);
        let session = crate::events::session(&serving);
        Self { serving, session }
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let output = self.serving.command().args(arguments).output().unwrap();
        Said {
            status: output.status,
            output: String::from_utf8(output.stdout).unwrap(),
            error: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// What a command prints that must succeed.
    fn output(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(said.code(), Some(0), "{arguments:?}: {}", said.error);
        said.output
    }

    fn count(&self, query: &str) -> usize {
        self.session.query(query).all().unwrap().len()
    }
}

const TASK: &str = "last_lantern/storm/010/lighting";

#[test]
fn values_are_set_by_name_and_told_before_and_after() {
    let studio = Studio::new();
    studio.output(&["set", TASK, "status=Not started"]);
    let planned = studio.output(&["set", TASK, "status=Approved", "--dry-run"]);
    assert!(
        planned.starts_with("would change Task last_lantern/storm/010/lighting"),
        "{planned}"
    );
    assert!(
        planned.ends_with("  status: Not started → Approved\n"),
        "{planned}"
    );
    assert_eq!(
        studio.count(&format!(
            "Task where {LIGHTING} and status.name is Approved"
        )),
        0
    );

    let done = studio.output(&["set", TASK, "status=Approved", "description=At night"]);
    assert!(done.starts_with("changed Task "), "{done}");
    let filter = format!(
        "Task where {LIGHTING} and status.name is Approved and description is \"At night\""
    );
    assert_eq!(studio.count(&filter), 1);
    let again = studio.run(&["set", TASK, "status=Approved"]);
    assert_eq!((again.code(), again.output.as_str()), (Some(0), ""));
    assert!(again.error.contains("nothing to change"), "{}", again.error);
}

#[test]
fn values_are_taken_away() {
    let studio = Studio::new();
    let shot = "last_lantern/storm/010";
    let number = || {
        let told = studio.output(&["attributes", shot, "--json", "--key", "fstart"]);
        let row: Json = serde_json::from_str(told.lines().next().unwrap()).unwrap();
        (row["value"].clone(), row["origin"].clone())
    };
    let values = [
        "custom_attributes[fstart]=7",
        "metadata[lens]=35",
        "description=Rain",
    ];
    studio.output(&[&["set", shot], &values[..]].concat());
    let unset = [
        "set",
        shot,
        "--unset=custom_attributes[fstart]",
        "--unset=metadata[lens]",
        "--unset=description",
    ];
    let planned = studio.output(&[&unset[..], &["--dry-run"]].concat());
    assert!(
        planned.contains("  metadata[lens]: 35 → nothing\n"),
        "{planned}"
    );
    assert_eq!(number().0, 7);
    studio.output(&unset);
    assert_eq!(number(), (1.into(), "default".into()));
    let bare = "Shot where name is \"010\" and parent.name is storm and description is_not Rain \
                and not metadata any (key is lens)";
    assert_eq!(studio.count(bare), 1);

    let mistyped = studio.run(&["set", shot, "--unset=custom_attributes[fstrt]"]);
    assert_eq!(mistyped.code(), Some(3), "{}", mistyped.error);
    assert!(mistyped.error.contains("fstrt"), "{}", mistyped.error);
}

/// The task of that path, as a condition.
const LIGHTING: &str =
    "name is lighting and parent.name is \"010\" and parent.parent.name is storm";

#[test]
fn entities_are_created_below_a_path_with_custom_attributes() {
    let studio = Studio::new();
    let shot = [
        "create",
        "Shot",
        "name=990",
        "parent=last_lantern/storm",
        "custom_attributes[fstart]=1005",
    ];
    let planned = [&shot[..], &["--dry-run", "--json"]].concat();
    let plan: Json = serde_json::from_str(&studio.output(&planned)).unwrap();
    assert_eq!(plan["dry_run"], true);
    assert_eq!(plan["changes"][0]["action"], "create");
    assert_eq!(studio.count("Shot where name is \"990\""), 0);

    let told = studio.output(&shot);
    assert!(told.starts_with("created Shot 990 (Shot:"), "{told}");
    assert!(told.contains("  parent: last_lantern/storm\n"), "{told}");
    let task = [
        "create",
        "Task",
        "name=fx",
        "parent=last_lantern/storm/990",
        "type=FX",
    ];
    studio.output(&task);
    let columns = [
        "--columns",
        "name,type,parent.custom_attributes[fstart]",
        "--format",
        "tsv",
    ];
    let shown = studio.output(&[&["get", "last_lantern/storm/990/fx"][..], &columns].concat());
    assert_eq!(shown.lines().nth(1), Some("fx\tFX\t1005"), "{shown}");
}

#[test]
fn deleting_wants_to_be_confirmed_and_counts_what_goes_with_it() {
    let studio = Studio::new();
    let path = "last_lantern/storm/010";
    let tasks = studio.count("Task where parent.name is \"010\" and parent.parent.name is storm");
    assert!(tasks > 1);
    let asked = studio.run(&["delete", path]);
    assert_eq!(asked.code(), Some(2));
    let expected = format!("Shot {path} and {tasks} entities below it");
    assert!(asked.error.contains(&expected), "{}", asked.error);
    assert!(asked.error.contains("--yes"), "{}", asked.error);
    let planned = studio.output(&["delete", path, "--dry-run"]);
    assert!(
        planned.starts_with(&format!("would delete Shot {path}")),
        "{planned}"
    );
    assert!(studio.run(&["get", path]).code() == Some(0));
    studio.output(&["delete", path, "--yes"]);
    assert_eq!(studio.run(&["get", path]).code(), Some(3));
}

#[test]
fn notes_assignments_and_times_are_written_for_yourself() {
    let studio = Studio::new();
    let told = studio.output(&["note", TASK, "Warmer, please", "--to", "priya"]);
    assert_eq!(told, format!("wrote a note on the Task {TASK}, to priya\n"));
    let note = "Note where content is \"Warmer, please\" and author.username is admin";
    assert_eq!(studio.count(note), 1);
    let priya = studio.session.query("User where username is priya");
    let sent = format!(
        "Recipient where note.content is \"Warmer, please\" and resource_id is \"{}\"",
        priya.one().unwrap().id()
    );
    assert_eq!(studio.count(&sent), 1);

    let assigned =
        format!("Appointment where context[Task].{LIGHTING} and resource[User].username is admin")
            .replace("and parent", "and context[Task].parent");
    assert_eq!(studio.count(&assigned), 0);
    assert_eq!(
        studio.output(&["assign", TASK, "me"]),
        format!("assigned admin to the Task {TASK}\n")
    );
    assert_eq!(studio.count(&assigned), 1);
    let again = studio.run(&["assign", TASK, "me"]);
    assert!(again.error.contains("nothing to change"), "{}", again.error);
    studio.output(&["assign", TASK, "me", "--remove"]);
    assert_eq!(studio.count(&assigned), 0);

    let told = studio.output(&["log", TASK, "1h30m", "--comment", "Second pass"]);
    assert_eq!(told, format!("logged 1h30m on the Task {TASK}\n"));
    assert_eq!(studio.count("Timelog where comment is \"Second pass\" and duration is 5400 and user.username is admin"), 1);
    let nothing = studio.run(&["note", TASK, " "]);
    assert_eq!(nothing.code(), Some(2));
}

#[test]
fn what_is_yours_is_found() {
    let studio = Studio::new();
    studio.output(&["set", TASK, "status=In progress"]);
    let mine = || studio.output(&["query", "--mine", "--format", "tsv"]);
    assert!(!mine().contains(TASK), "{}", mine());
    studio.output(&["assign", TASK, "me"]);
    assert!(
        mine().lines().any(|line| line.starts_with(TASK)),
        "{}",
        mine()
    );
    studio.output(&["set", TASK, "status=Completed"]);
    assert!(!mine().contains(TASK), "done is not open: {}", mine());

    let count = |query: &str| studio.output(&["query", query, "--json"]).lines().count();
    let id = studio
        .session
        .query("User where username is admin")
        .one()
        .unwrap()
        .id();
    for (with_me, with_id) in [
        (
            "AssetVersion where user is me",
            format!("AssetVersion where user_id is \"{id}\""),
        ),
        (
            "AssetVersion where not user_id is me",
            format!("AssetVersion where not user_id is \"{id}\""),
        ),
        (
            "Task where assignments any (resource is me)",
            format!("Task where assignments any (resource_id is \"{id}\")"),
        ),
        (
            "User where username in (me, jane)",
            "User where username in (admin, jane)".to_owned(),
        ),
    ] {
        let expected = studio.count(&with_id);
        assert!(expected > 0, "{with_id}");
        assert_eq!(count(with_me), expected, "{with_me}");
    }
    // Only where a user is compared.
    assert_eq!(count("Task where name is me"), 0);
    let all = count("AssetVersion");
    let own = studio
        .output(&["query", "AssetVersion", "--mine", "--json"])
        .lines()
        .count();
    assert!(own > 0 && own < all, "{own} of {all}");
}

#[test]
fn a_path_that_could_be_several_lists_them() {
    let studio = Studio::new();
    let shot = studio
        .session
        .query("Shot where name is \"010\" and parent.name is storm")
        .one()
        .unwrap();
    for kind in ["Task", "Milestone"] {
        let values = ftrack::values! { "name": "twin", "parent": &shot };
        studio.session.create(kind, values).unwrap();
        studio.session.commit().unwrap();
    }
    let said = studio.run(&["get", "last_lantern/storm/010/twin"]);
    assert_eq!(said.code(), Some(1));
    for listed in [
        "\n  Task:",
        "\n  Milestone:",
        "  Task last_lantern/storm/010/twin\n",
    ] {
        assert!(said.error.contains(listed), "{listed}: {}", said.error);
    }
    let task = studio.run(&["log", "last_lantern/storm/010/twin", "1h", "--dry-run"]);
    assert_eq!(
        task.code(),
        Some(0),
        "only one of them is a task: {}",
        task.error
    );
    assert!(
        said.error.contains("hint: write the type and the id"),
        "{}",
        said.error
    );
}

#[test]
fn versions_and_components_have_paths_too() {
    let studio = Studio::new();
    let id = |path: &str| -> String {
        let row = studio.output(&["get", path, "--columns", "id", "--json"]);
        let row: Json = serde_json::from_str(&row).unwrap();
        row["id"].as_str().unwrap().to_owned()
    };
    let asset = "last_lantern/storm/010/render";
    assert_eq!(id(&format!("{asset}/v002")), id(&format!("{asset} v2")));
    assert_eq!(id(&format!("{asset}/v002")), id(&format!("{asset}/latest")));
    let component = id(&format!("{asset}/latest/main"));
    let listed = studio.output(&["component", "ls", asset, "--json"]);
    assert!(listed.contains(&component), "{listed}");
    let wrong = studio.run(&["get", &format!("{asset}/newest")]);
    assert_eq!(wrong.code(), Some(2), "{}", wrong.error);
}

#[test]
fn several_entities_are_pages_or_rows() {
    let studio = Studio::new();
    let both = ["get", "User:jane", "User:me"];
    let pages = studio.output(&both);
    assert!(
        pages.starts_with("User jane\n") && pages.contains("\n\nUser admin\n"),
        "{pages}"
    );
    let rows = studio.output(
        &[
            &both[..],
            &["--columns", "username,email", "--format", "csv"],
        ]
        .concat(),
    );
    assert_eq!(rows.lines().count(), 3, "{rows}");
    assert!(rows.starts_with("username,email\njane,"), "{rows}");
}

#[test]
fn a_path_is_found_in_one_request_and_many_entities_are_read_in_one() {
    let studio = Studio::new();
    let requests = |arguments: &[&str]| {
        let mut command = studio.serving.command();
        command.env("RUST_LOG", "ftrack_transport=debug");
        let output = command.args(arguments).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {error}");
        let answered = error
            .lines()
            .filter(|line| line.contains("answered status"));
        // The first asks what the server is.
        answered.count() - 1
    };
    // So that the schema is known.
    requests(&["schema"]);
    let storm = "last_lantern/storm/";
    for (path, count) in [
        ("010/lighting", 2),
        ("010/render/v002", 2),
        ("010/render/v002/main", 2),
        ("010/render/latest", 4),
    ] {
        assert_eq!(
            requests(&["get", &format!("{storm}{path}")]),
            count,
            "{path}"
        );
    }
    assert_eq!(requests(&["get", "User:jane"]), 2);
    let keys = "custom_attributes[fstart],custom_attributes[fend]";
    let shots = studio.output(&["query", "select id from Shot", "--json"]);
    let shots: Vec<String> = shots
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap())
        .map(|row| format!("Shot:{}", row["id"].as_str().unwrap()))
        .take(5)
        .collect();
    let mut get = vec!["get", "--json", "--columns", keys];
    get.extend(shots.iter().map(String::as_str));
    // The entities, the keys that there are, and the values.
    assert_eq!(requests(&get), 3);
    assert_eq!(requests(&["query", "--mine"]), 1);
    assert_eq!(requests(&["query", "Shot", "--columns", keys]), 2);
}
