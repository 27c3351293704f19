//! The examples, run as tests.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

#[path = "../../examples/usage/sections/mod.rs"]
mod sections;

#[test]
fn every_usage_example_does_what_it_says() {
    let failures: Vec<String> = std::thread::scope(|scope| {
        let running = sections::SECTIONS.map(|(name, run)| {
            let failure = move || run().err().map(|error| format!("{name}: {error}"));
            (name, scope.spawn(failure))
        });
        running
            .into_iter()
            .filter_map(|(name, thread)| {
                thread
                    .join()
                    .unwrap_or_else(|_| Some(format!("{name} panicked")))
            })
            .collect()
    });
    assert!(failures.is_empty(), "{failures:#?}");
}
