//! The usage examples of the product documentation, each against a local server of its own.
//!
//! `cargo run -p ftrack --example usage` runs all of them, `… -- notes timers` those that are named. They are tests,
//! too: each asserts what it has done.
#![allow(clippy::print_stdout, reason = "examples show what they do")]

mod sections;

use sections::{Outcome, SECTIONS};

fn main() -> Outcome {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let unknown = wanted
        .iter()
        .find(|wanted| SECTIONS.iter().all(|(name, _)| name != wanted));
    if let Some(unknown) = unknown {
        let names = SECTIONS.map(|(name, _)| name).join(", ");
        return Err(format!("there is no example {unknown:?}; there are {names}").into());
    }
    for (name, run) in SECTIONS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            println!("# {name}");
            run()?;
        }
    }
    Ok(())
}
