use ftrack::prelude::*;

use crate::Serving;

fn ask(serving: &Serving, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = serving.command().args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn effective_values_are_shown_with_their_origin() {
    let serving = Serving::start(&["--json", "--demo", "--api-key", "k"]);
    let session = crate::events::session(&serving);
    let shot = session.query("Shot").first().unwrap().unwrap();
    let project: Entity = shot.get("project").unwrap();
    let inherited = project.custom_attributes().unwrap();
    inherited.set("my_attribute", "blue").unwrap();
    shot.custom_attributes().unwrap().set("fps", 30).unwrap();
    session.commit().unwrap();

    let named = format!("Shot:{}", shot.id());
    let above = format!("Project:{}", project.id());
    let arguments = ["attributes", &named, &above];
    let keys = ["--key", "fps", "--key", "my_attribute"];
    let (code, table, _) = ask(&serving, &[&arguments[..], &keys].concat());
    assert_eq!(code, Some(0));
    let lines: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(lines[0], ["entity", "key", "value", "type", "origin"]);
    assert_eq!(lines[1], [&named, "fps", "30", "number", "explicit"]);
    let name = project.get::<String>("name").unwrap();
    let link = project.get::<serde_json::Value>("link").unwrap();
    let shown = link[0]["name"].as_str().unwrap_or(&name);
    let origin = format!("inherited from {shown} ({above})");
    assert!(table.contains(&origin), "{table}");
    assert_eq!(lines.len(), 5, "{table}");

    let (_, json, _) = ask(
        &serving,
        &["attributes", &named, "--json", "--key", "my_attribute"],
    );
    let row: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(row["value"], "blue");
    assert_eq!(row["origin"], "inherited");
    assert_eq!(row["from"]["id"], project.id());
    assert_eq!(row["type"], "text");

    let (code, _, error) = ask(&serving, &["attributes", &named, "--key", "nope"]);
    assert_eq!(code, Some(3));
    assert!(error.contains("\"nope\""), "{error}");
    let (code, _, error) = ask(&serving, &["attributes", "Shot:nobody"]);
    assert_eq!(code, Some(3));
    assert!(error.contains("there is no Shot \"nobody\""), "{error}");
}
