//! The examples, run as tests.
#![allow(clippy::print_stdout, reason = "examples show what they do")]
#![allow(
    clippy::duplicate_mod,
    reason = "each example brings along what it needs, so that it is a program of its own"
)]

#[path = "../../examples/action.rs"]
mod action;

/// What is wrong with the example of this name after it was run on this thread.
fn fault(name: &str, outcome: Outcome, taken: usize, most: usize) -> Option<String> {
    match outcome {
        Err(error) => Some(format!("{name}: {error}")),
        Ok(()) if taken > most => Some(format!(
            "{name}: {taken} requests instead of at most {most}"
        )),
        Ok(()) => None,
    }
}

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Declares each example as a module, and a list of functions that run one and say what is wrong with it. The number is
/// how many requests it takes at most, with the two that each of its sessions starts with.
macro_rules! examples {
    ($($name:ident = $path:literal, $most:literal;)*) => {
        $(#[path = $path] mod $name;)*
        const EXAMPLES: &[(&str, fn() -> Option<String>)] = &[$((stringify!($name), || {
            let outcome = $name::main();
            let taken = $name::support::REQUESTS.with(ftrack::Trace::request_count);
            fault(stringify!($name), outcome, taken, $most)
        })),*];
    };
}

examples! {
    locations = "../../examples/locations.rs", 25;
    projects = "../../examples/projects.rs", 12;
    components = "../../examples/components.rs", 36;
    review_sessions = "../../examples/review_sessions.rs", 16;
    metadata = "../../examples/metadata.rs", 9;
    custom_attributes = "../../examples/custom_attributes.rs", 15;
    custom_attribute_configurations = "../../examples/custom_attribute_configurations.rs", 17;
    link_attributes = "../../examples/link_attributes.rs", 11;
    scopes = "../../examples/scopes.rs", 11;
    jobs = "../../examples/jobs.rs", 10;
    notes = "../../examples/notes.rs", 17;
    lists = "../../examples/lists.rs", 20;
    timers = "../../examples/timers.rs", 17;
    assignments = "../../examples/assignments.rs", 17;
    thumbnails = "../../examples/thumbnails.rs", 21;
    encoding_media = "../../examples/encoding_media.rs", 26;
    entity_links = "../../examples/entity_links.rs", 15;
    web_review = "../../examples/web_review.rs", 17;
    publishing_versions = "../../examples/publishing_versions.rs", 22;
    security_roles = "../../examples/security_roles.rs", 20;
    task_templates = "../../examples/task_templates.rs", 14;
    ldap = "../../examples/ldap.rs", 6;
    users = "../../examples/users.rs", 8;
    report = "../../examples/report.rs", 8;
    importer = "../../examples/importer.rs", 19;
    service = "../../examples/service.rs", 26;
    follow = "../../examples/follow.rs", 80;
    publisher = "../../examples/publisher.rs", 32;
}

#[test]
fn an_action_is_offered_found_and_launched() -> Outcome {
    action::main()
}

#[test]
fn every_example_does_what_it_says() {
    let faults: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> = EXAMPLES
            .iter()
            .map(|(name, run)| (name, scope.spawn(run)))
            .collect();
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
}

#[test]
fn every_example_is_run_here() -> Outcome {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let mut missing = Vec::new();
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let is_run = name == "action" || EXAMPLES.iter().any(|(known, _)| *known == name);
        if path.extension().is_some_and(|kind| kind == "rs") && !is_run {
            missing.push(name.into_owned());
        }
    }
    assert!(missing.is_empty(), "these are never run: {missing:?}");
    Ok(())
}
