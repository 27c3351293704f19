//! The examples, run as tests.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

#[path = "../../examples/action.rs"]
mod action;
#[path = "../../examples/usage/sections/mod.rs"]
mod sections;

/// How many requests each example takes, with the two that each of its sessions starts with. Fewer is better, more has
/// to be explained.
const REQUESTS: [(&str, usize); 23] = [
    ("locations", 25),
    ("projects", 12),
    ("components", 33),
    ("review_sessions", 16),
    ("metadata", 9),
    ("custom_attributes", 15),
    ("custom_attribute_configurations", 17),
    ("link_attributes", 11),
    ("scopes", 11),
    ("jobs", 10),
    ("notes", 17),
    ("lists", 20),
    ("timers", 17),
    ("assignments", 19),
    ("thumbnails", 21),
    ("encoding_media", 26),
    ("entity_links", 15),
    ("web_review", 18),
    ("publishing_versions", 20),
    ("security_roles", 20),
    ("task_templates", 16),
    ("ldap", 6),
    ("users", 8),
];

/// What is wrong with the example of this name after it was run on this thread.
fn fault(name: &str, outcome: sections::Outcome) -> Option<String> {
    if let Err(error) = outcome {
        return Some(format!("{name}: {error}"));
    }
    let taken = sections::REQUESTS.with(ftrack::Trace::request_count);
    let pinned = REQUESTS.iter().find(|(known, _)| *known == name);
    match pinned {
        Some((_, pinned)) if *pinned == taken => None,
        Some((_, pinned)) => Some(format!("{name}: {taken} requests instead of {pinned}")),
        None => Some(format!("{name}: its {taken} requests are not in the list")),
    }
}

#[test]
fn an_action_is_offered_found_and_launched() -> Result<(), Box<dyn std::error::Error>> {
    action::main()
}

#[test]
fn every_usage_example_does_what_it_says() {
    let faults: Vec<String> = std::thread::scope(|scope| {
        let running =
            sections::SECTIONS.map(|(name, run)| (name, scope.spawn(move || fault(name, run()))));
        running
            .into_iter()
            .filter_map(|(name, thread)| {
                thread
                    .join()
                    .unwrap_or_else(|_| Some(format!("{name} panicked")))
            })
            .collect()
    });
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(REQUESTS.len(), sections::SECTIONS.len());
}
