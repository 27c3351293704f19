use serde_json::{Value, json};

use super::check;
use crate::metadata::Metadata;

/// A crate of a made-up workspace: its name, features, and dependencies as name, kind, whether it is optional.
struct Crate {
    name: &'static str,
    member: bool,
    features: Value,
    dependencies: Vec<(&'static str, Option<&'static str>, bool)>,
}

fn member(name: &'static str, dependencies: &[&'static str]) -> Crate {
    Crate {
        name,
        member: true,
        features: json!({}),
        dependencies: dependencies
            .iter()
            .map(|name| (*name, None, false))
            .collect(),
    }
}

fn outsider(name: &'static str, dependencies: &[&'static str]) -> Crate {
    Crate {
        member: false,
        ..member(name, dependencies)
    }
}

fn faults(crates: &[Crate]) -> Vec<String> {
    let package = |made: &Crate| {
        let dependencies: Vec<Value> = made
            .dependencies
            .iter()
            .map(|(name, kind, optional)| json!({"name": name, "kind": kind, "optional": optional}))
            .collect();
        json!({"id": format!("path+{}", made.name), "name": made.name, "features": made.features, "dependencies": dependencies})
    };
    let node = |made: &Crate| {
        let edges: Vec<Value> = made
            .dependencies
            .iter()
            .map(|(name, kind, _)| json!({"pkg": format!("path+{name}"), "dep_kinds": [{"kind": kind}]}))
            .collect();
        json!({"id": format!("path+{}", made.name), "deps": edges})
    };
    let members: Vec<String> = crates
        .iter()
        .filter(|made| made.member)
        .map(|made| format!("path+{}", made.name))
        .collect();
    check(&Metadata::from_json(json!({
        "workspace_members": members,
        "packages": crates.iter().map(package).collect::<Vec<_>>(),
        "resolve": {"nodes": crates.iter().map(node).collect::<Vec<_>>()},
    })))
}

#[test]
fn edges_that_point_downwards_are_fine() {
    let found = faults(&[
        member("ftrack-query", &["pest"]),
        member("ftrack-entity", &["ftrack-query"]),
        member("ftrack-session", &["ftrack-entity", "ftrack-query"]),
        outsider("pest", &[]),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn a_bad_edge_is_named() {
    let found = faults(&[
        member("ftrack-entity", &["ftrack-transport"]),
        member("ftrack-transport", &[]),
    ]);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with(
            "bad edge: ftrack-entity -> ftrack-transport: ftrack-entity never calls out"
        ),
        "{found:?}"
    );
}

#[test]
fn build_dependencies_count_as_well() {
    let mut cache = member("ftrack-cache", &[]);
    cache.dependencies = vec![("ftrack-query", Some("build"), false)];
    let found = faults(&[cache, member("ftrack-query", &[])]);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn tests_may_start_the_server_from_the_session_upwards() {
    let with_server = |name| {
        let mut made = member(name, &[]);
        made.dependencies = vec![("ftrack-server", Some("dev"), false)];
        faults(&[
            made,
            member("ftrack-server", &["axum"]),
            outsider("axum", &[]),
        ])
    };
    for name in ["ftrack-session", "ftrack", "ftrack-cli"] {
        assert_eq!(with_server(name), [""; 0]);
    }
    let found = with_server("ftrack-transport");
    assert!(
        found[0].starts_with("bad edge: tests of ftrack-transport -> ftrack-server"),
        "{found:?}"
    );
}

#[test]
fn tests_may_use_the_kit_and_crates_may_not() {
    let with_kit = |kind| {
        let mut made = member("ftrack-query", &[]);
        made.dependencies = vec![("ftrack-test-kit", kind, false)];
        faults(&[made, member("ftrack-test-kit", &[])])
    };
    assert_eq!(with_kit(Some("dev")), [""; 0]);
    assert_eq!(with_kit(None).len(), 1);
}

#[test]
fn tests_may_use_their_own_crate_with_other_features() {
    let mut expression = member("ftrack-expression", &[]);
    expression.dependencies = vec![("ftrack-expression", Some("dev"), false)];
    assert_eq!(faults(&[expression]), [""; 0]);
}

#[test]
fn what_must_stay_out_is_found_at_any_distance() {
    let found = faults(&[
        member("ftrack-query", &["innocent"]),
        outsider("innocent", &["reqwest"]),
        outsider("reqwest", &[]),
    ]);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("bad dependency: ftrack-query -> innocent -> reqwest"),
        "{found:?}"
    );
}

#[test]
fn an_optional_dependency_counts_if_the_default_features_ask_for_it() {
    let cache = |features| {
        let mut cache = member("ftrack-cache", &[]);
        cache.features = features;
        cache.dependencies = vec![("sled", None, true)];
        faults(&[cache, outsider("sled", &[])])
    };
    assert_eq!(cache(json!({"file": ["dep:sled"]})), [""; 0]);
    let found = cache(json!({"default": ["file"], "file": ["dep:sled"]}));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("ftrack-cache -> sled"), "{found:?}");
}

#[test]
fn a_crate_that_is_in_no_layer_is_a_fault() {
    let found = faults(&[member("ftrack-other", &[])]);
    assert!(
        found[0].starts_with("ftrack-other: not in the table"),
        "{found:?}"
    );
}
