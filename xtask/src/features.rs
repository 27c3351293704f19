//! Every set of features of the small crates compiles.

use crate::metadata::Metadata;
use crate::{Outcome, command};

/// Crates that build quickly, and that strangers use alone: for them a set of features that nobody here uses counts.
const CRATES: [&str; 4] = [
    "ftrack-query",
    "ftrack-expression",
    "ftrack-cache",
    "ftrack-event",
];

/// Checks each crate with each set of its features, without what its tests need.
pub(crate) fn run() -> Outcome {
    let metadata = Metadata::load()?;
    let mut checked = 0;
    for name in CRATES {
        let package = metadata.members().find(|package| package.name() == name);
        let package = package.ok_or_else(|| format!("there is no crate {name}"))?;
        for set in sets(&package.features()) {
            let features = set.join(",");
            println!(
                "{name} with {}",
                if set.is_empty() {
                    "no features"
                } else {
                    &features
                }
            );
            let arguments = ["check", "--quiet", "--locked", "--package", name];
            let mut check = command::cargo(&arguments);
            check.args(["--no-default-features", "--features", &features]);
            command::run(&mut check)?;
            checked += 1;
        }
    }
    println!("features: {checked} sets");
    Ok(())
}

/// All sets of the features but `default`, which is itself one of them.
fn sets<'name>(features: &[&'name str]) -> Vec<Vec<&'name str>> {
    let mut sets = vec![Vec::new()];
    for feature in features.iter().filter(|feature| **feature != "default") {
        let with = sets.iter().map(|set: &Vec<&str>| {
            let mut set = set.clone();
            set.push(*feature);
            set
        });
        let with: Vec<_> = with.collect();
        sets.extend(with);
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_all_there() {
        let found = sets(&["a", "default", "b"]);
        assert_eq!(found, [vec![], vec!["a"], vec!["b"], vec!["a", "b"]]);
    }
}
