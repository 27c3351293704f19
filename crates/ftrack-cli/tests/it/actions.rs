//! `ftrack action`, with an action that this process offers.

use ftrack::event::Workers;
use ftrack::{Action, ActionOffer, ActionReply, Result, Selection, Session};
use serde_json::{Map, Value, json};

use crate::events::{session, with_server};
use crate::{Said, Serving};

/// Says the names of what is selected, in the way that a form asks for.
struct Name;

impl Action for Name {
    fn identifier(&self) -> &'static str {
        "test.name"
    }

    fn label(&self) -> &'static str {
        "Name"
    }

    fn description(&self) -> Option<&str> {
        Some("Says what is selected")
    }

    fn discover(&self, selection: &Selection) -> Result<bool> {
        Ok(!selection.is_empty())
    }

    fn launch(
        &self,
        selection: &Selection,
        values: Option<&Map<String, Value>>,
    ) -> Result<ActionReply> {
        let Some(values) = values else {
            let item = json!({"type": "text", "label": "Before the names", "name": "prefix", "value": "It is "});
            return Ok(ActionReply::form([item]));
        };
        let Some(prefix) = values.get("prefix").and_then(Value::as_str) else {
            return Ok(ActionReply::failure("the prefix is missing"));
        };
        let names: Result<Vec<String>> = selection
            .entities()?
            .iter()
            .map(|entity| entity.get("name"))
            .collect();
        Ok(ActionReply::success(format!(
            "{prefix}{}",
            names?.join(", ")
        )))
    }
}

/// A server, and a session that offers the action.
struct Offering {
    serving: Serving,
    session: Session,
    _workers: Workers,
}

impl Offering {
    fn start() -> Self {
        let serving = Serving::start(&["--json", "--api-key", "k", "--demo"]);
        let session = session(&serving);
        session.register_action(Name).unwrap();
        session.event_hub().connect().unwrap();
        let workers = session.event_hub().run_workers(1).unwrap();
        Self {
            serving,
            session,
            _workers: workers,
        }
    }

    fn shot(&self) -> String {
        let shot = self.session.query("Shot order by name").first().unwrap();
        format!("Shot:{}", shot.unwrap().id())
    }

    /// `ftrack action`. On a busy machine offers may take more than the usual second, so `is_there` decides whether
    /// to ask once more.
    fn actions(&self, arguments: &[&str], is_there: impl Fn(&Said) -> bool) -> Said {
        for seconds in ["1", "5", "20"] {
            let mut command = with_server(&self.serving, &["action"]);
            let output = command
                .args(arguments)
                .args(["--collect", seconds])
                .output()
                .unwrap();
            let said = Said {
                status: output.status,
                output: String::from_utf8(output.stdout).unwrap(),
                error: String::from_utf8(output.stderr).unwrap(),
            };
            if is_there(&said) {
                return said;
            }
        }
        panic!("the action was never offered");
    }
}

#[test]
fn actions_are_listed_for_a_selection() {
    let offering = Offering::start();
    let shot = offering.shot();
    let is_listed = |said: &Said| said.output.contains("test.name");
    let said = offering.actions(&["list", &shot], is_listed);
    let lines: Vec<_> = said.output.lines().collect();
    assert!(
        lines[0].starts_with("identifier") && lines.len() == 2,
        "{}",
        said.output
    );
    assert!(
        lines[1].starts_with("test.name   Name") && lines[1].ends_with("Says what is selected"),
        "{}",
        lines[1]
    );

    let said = offering.actions(&["list", &shot, "--json"], is_listed);
    let action: Value = serde_json::from_str(&said.output).unwrap();
    assert_eq!(action["actionIdentifier"], "test.name");
    let nothing = offering.actions(&["list", "--json"], |_| true);
    assert_eq!((nothing.output.as_str(), nothing.code()), ("", Some(0)));
    let told = offering.actions(&["list"], |_| true);
    assert!(
        told.error
            .starts_with("nobody offered an action for this selection"),
        "{}",
        told.error
    );
    assert_eq!(told.code(), Some(0));
}

#[test]
fn an_action_is_launched_with_its_form() {
    let offering = Offering::start();
    let shot = offering.shot();
    let launch = ["launch", "test.name", &shot];
    let is_offered = |said: &Said| !said.error.contains("nobody offers");
    let form = offering.actions(&launch, is_offered);
    let item = "prefix  text  Before the names  It is";
    assert!(form.output.contains(item), "{}{}", form.output, form.error);
    let values = |values| [&launch[..], &["--values", values]].concat();
    let done = offering.actions(&values(r#"{"prefix": "This is "}"#), is_offered);
    assert!(
        done.output.starts_with("This is ") && done.output.len() > 10,
        "{}",
        done.output
    );
    assert_eq!(done.code(), Some(0));
    let tried = [&values("{}")[..], &["--dry-run"]].concat();
    let tried = offering.actions(&tried, is_offered);
    assert!(
        tried
            .output
            .starts_with("would launch test.name (Name) for Shot "),
        "{}",
        tried.output
    );
    assert_eq!(tried.code(), Some(0));
    let failed = offering.actions(&values("{}"), is_offered);
    assert_eq!(
        (failed.output.as_str(), failed.code()),
        ("the prefix is missing\n", Some(1))
    );
}

/// Offers itself for two programs, and says which was chosen.
struct Open;

impl Action for Open {
    fn identifier(&self) -> &'static str {
        "test.open"
    }

    fn label(&self) -> &'static str {
        "Open in"
    }

    fn offers(&self, _: &Selection) -> Result<Vec<ActionOffer>> {
        let offer = |program| {
            ActionOffer::new("Open in")
                .variant(program)
                .with("program", program)
        };
        Ok(["maya", "nuke"].map(offer).into())
    }

    fn launch(&self, selection: &Selection, _: Option<&Map<String, Value>>) -> Result<ActionReply> {
        let user = selection.user_id().is_some();
        let program = &selection.event().data["program"];
        Ok(ActionReply::success(format!("{program} {user}")))
    }
}

#[test]
fn one_of_several_offers_is_launched_by_its_variant() {
    let offering = Offering::start();
    offering.session.register_action(Open).unwrap();
    let is_offered = |said: &Said| !said.error.contains("nobody offers");
    let launch = ["launch", "test.open", "--variant", "nuke"];
    let done = offering.actions(&launch, is_offered);
    assert_eq!(done.output, "\"nuke\" true\n", "{}", done.error);
    let unclear = offering.actions(&launch[..2], is_offered);
    assert!(unclear.error.contains("--variant"), "{}", unclear.error);
    assert_ne!(unclear.code(), Some(0));
}

#[test]
fn what_an_action_does_not_answer_is_no_failure() {
    let offering = Offering::start();
    let hub = offering.session.event_hub();
    hub.subscribe("topic=ftrack.action.discover", |_| {
        let item = json!({"actionIdentifier": "test.silent", "label": "Silent"});
        Ok(Some(json!({"items": [item]})))
    })
    .unwrap();
    let is_offered = |said: &Said| !said.error.contains("nobody offers");
    let said = offering.actions(&["launch", "test.silent", "--timeout", "1"], is_offered);
    assert_eq!(
        said.output,
        "The action was launched. It did not answer within 1 s; many answer nothing, and --timeout 0 does not wait.\n"
    );
    assert_eq!(said.code(), Some(0));
    let said = offering.actions(&["launch", "test.silent", "--timeout", "0"], is_offered);
    assert_eq!(said.output, "The action was launched.\n", "{}", said.error);
    assert_eq!(said.code(), Some(0));
}

#[test]
fn what_is_not_there_is_said() {
    let offering = Offering::start();
    let say = |arguments: &[&str]| offering.actions(arguments, |_| true);
    let gone = say(&["list", "Shot:none"]);
    assert!(
        gone.error.contains("there is no Shot \"none\""),
        "{}",
        gone.error
    );
    assert_eq!(gone.code(), Some(3));
    let no_project = say(&["list", "Shot"]);
    assert_eq!(no_project.code(), Some(3));
    assert!(
        no_project.error.contains("there is no project \"Shot\""),
        "{}",
        no_project.error
    );
    assert_eq!(say(&["launch", "x", "--values", "[]"]).code(), Some(2));
    let nobody = say(&["launch", "test.nothing"]);
    assert!(
        nobody.error.contains("nobody offers the action"),
        "{}",
        nobody.error
    );
    assert_eq!(nobody.code(), Some(3));
}
