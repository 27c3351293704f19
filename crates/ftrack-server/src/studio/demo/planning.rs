//! What holds a production together: who leads it, what depends on what, lists, places and holidays.

use serde_json::json;

use super::{Demo, film, id, user};

pub(super) fn add(demo: &mut Demo<'_>) {
    add_managers(demo);
    add_supervisors(demo);
    add_dependencies(demo);
    add_scopes(demo);
    add_lists(demo);
    add_holiday(demo);
    add_job(demo);
}

fn add_managers(demo: &mut Demo<'_>) {
    let project = film::PROJECT;
    for (kind, name) in [("Producer", "tove"), ("Supervisor", "jane")] {
        let values = json!({
            "context_id": id("Project", project),
            "type_id": id("ManagerType", kind),
            "user_id": user(name),
        });
        demo.rows
            .add("Manager", &format!("{project}/{kind}"), values);
    }
}

/// Shots name who supervises them, by a link that is a custom attribute.
fn add_supervisors(demo: &mut Demo<'_>) {
    for (path, name) in [("harbour/010", "jane"), ("storm/010", "tove")] {
        let values = json!({
            "configuration_id": id("CustomAttributeLinkConfiguration", "supervisor"),
            "from_id": demo.context_id(&format!("{}/{path}", film::PROJECT)),
            "from_entity_type": "Shot",
            "to_id": user(name),
            "to_entity_type": "User",
        });
        demo.rows.add("UserCustomAttributeLink", path, values);
    }
}

/// Shots wait for what is built; animation uses rigs.
fn add_dependencies(demo: &mut Demo<'_>) {
    let project = film::PROJECT;
    for (build, shot) in [
        ("mira", "harbour/010"),
        ("mira", "harbour/020"),
        ("rowing_boat", "harbour/020"),
        ("lighthouse", "harbour/030"),
        ("keeper", "storm/020"),
        ("lantern", "storm/030"),
    ] {
        let values = json!({
            "from_id": demo.context_id(&format!("{project}/assets/{build}")),
            "to_id": demo.context_id(&format!("{project}/{shot}")),
        });
        demo.rows
            .add("TypedContextLink", &format!("{build}/{shot}"), values);
    }
    for (build, shot) in [
        ("mira", "harbour/010"),
        ("mira", "harbour/020"),
        ("rowing_boat", "harbour/020"),
        ("keeper", "storm/020"),
    ] {
        let values = json!({
            "from_id": version(&format!("assets/{build}/{build}_rig/v002")),
            "to_id": version(&format!("{shot}/animation/v003")),
        });
        demo.rows
            .add("AssetVersionLink", &format!("{build}/{shot}"), values);
    }
}

/// The id of a version of the film, by the rest of its path.
pub(super) fn version(path: &str) -> String {
    id("AssetVersion", &format!("{}/{path}", film::PROJECT))
}

fn add_scopes(demo: &mut Demo<'_>) {
    for (path, scope) in [
        ("harbour", "London"),
        ("harbour/010/compositing", "London"),
        ("harbour/020/compositing", "London"),
        ("storm", "Stockholm"),
    ] {
        let context_id = demo.context_id(&format!("{}/{path}", film::PROJECT));
        let values = json!({ "context_id": context_id, "scope_id": id("Scope", scope) });
        demo.rows.add_link("ContextScope", values);
    }
}

fn add_lists(demo: &mut Demo<'_>) {
    let versions = [
        version("harbour/010/comp/v002"),
        version("harbour/020/comp/v002"),
        version("harbour/040/render/v002"),
    ];
    add_list(demo, "AssetVersionList", "Dailies", "Dailies", &versions);
    let shots = ["harbour/010", "harbour/020", "storm/010"]
        .map(|path| demo.context_id(&format!("{}/{path}", film::PROJECT)));
    add_list(demo, "TypedContextList", "Trailer", "Deliveries", &shots);
}

fn add_list(demo: &mut Demo<'_>, entity_type: &str, name: &str, category: &str, items: &[String]) {
    let values = json!({
        "name": name,
        "project_id": id("Project", film::PROJECT),
        "category_id": id("ListCategory", category),
        "user_id": user("tove"),
        "date": demo.at(-2, 8),
        "is_open": true,
    });
    let list = demo.rows.add(entity_type, name, values);
    for item in items {
        let values = json!({ "list_id": list, "entity_id": item });
        demo.rows
            .add("ListObject", &format!("{name}/{item}"), values);
    }
}

fn add_holiday(demo: &mut Demo<'_>) {
    let values = json!({
        "name": "Midsummer",
        "start": demo.at(12, 0),
        "end": demo.at(13, 0),
        "everyone": false,
        "forecast": false,
        "leave": true,
        "created_at": demo.at(-20, 9),
        "created_by_id": user("tove"),
    });
    let event = demo.rows.add("CalendarEvent", "Midsummer", values);
    for name in ["tove", "priya"] {
        let values = json!({
            "calendar_event_id": event,
            "resource_id": user(name),
            "created_at": demo.at(-20, 9),
            "created_by_id": user("tove"),
        });
        demo.rows.add("CalendarEventResource", name, values);
    }
}

fn add_job(demo: &mut Demo<'_>) {
    let data = json!({ "description": "Conformed the edit of harbour" });
    let values = json!({
        "user_id": user(demo.administrator),
        "status": "done",
        "data": data.to_string(),
        "created_at": demo.at(-1, 18),
        "finished_at": demo.at(-1, 19),
    });
    demo.rows.add("Job", "conform", values);
}
