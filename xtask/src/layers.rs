//! Which crate may depend on which.

mod table;

#[cfg(test)]
mod tests;

use crate::metadata::{Metadata, Package};
use crate::{Outcome, floors};
use table::{Layer, SERVER, TEST_KIT};

/// Checks the workspace against the table.
pub(crate) fn run() -> Outcome {
    let metadata = Metadata::load()?;
    let mut faults = check(&metadata);
    faults.extend(floors::check()?);
    for fault in &faults {
        eprintln!("{fault}");
    }
    if !faults.is_empty() {
        return Err(format!("{} fault(s) in the layers", faults.len()).into());
    }
    println!(
        "layers: {} crates, every edge points downwards",
        metadata.members().count()
    );
    Ok(())
}

/// What is wrong, a line each.
fn check(metadata: &Metadata) -> Vec<String> {
    let members: Vec<&str> = metadata.members().map(Package::name).collect();
    let mut faults = Vec::new();
    for package in metadata.members() {
        let Some(layer) = table::layer(package.name()) else {
            faults.push(format!(
                "{}: not in the table of layers; add it to xtask/src/layers/table.rs and to docs/architecture.md",
                package.name()
            ));
            continue;
        };
        faults.extend(check_edges(package, layer, &members));
        faults.extend(check_tree(metadata, package, layer));
    }
    faults
}

/// The edges to other crates of the workspace.
fn check_edges(package: Package<'_>, layer: &Layer, members: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    for dependency in package.dependencies() {
        let name = dependency.name();
        if !members.contains(&name) || layer.may_use(name) {
            continue;
        }
        let in_tests = dependency.is_for_tests();
        let excused = in_tests
            && (name == package.name()
                || name == TEST_KIT
                || (name == SERVER && layer.tests_with_server));
        if !excused {
            let whose = if in_tests { "tests of " } else { "" };
            faults.push(format!(
                "bad edge: {whose}{} -> {name}: {}",
                package.name(),
                layer.invariant
            ));
        }
    }
    faults
}

/// What comes with the crate from outside of the workspace, by whatever way.
fn check_tree(metadata: &Metadata, package: Package<'_>, layer: &Layer) -> Vec<String> {
    let banned = |way: &&Vec<&str>| {
        way.last()
            .is_some_and(|name| layer.keeps_out.contains(name))
    };
    ways(metadata, package)
        .iter()
        .filter(banned)
        .map(|way| {
            let way = way.join(" -> ");
            format!("bad dependency: {way}: {}", layer.invariant)
        })
        .collect()
}

/// A way to each crate that comes with `package` as long as nobody asks for its optional features.
fn ways<'a>(metadata: &'a Metadata, package: Package<'a>) -> Vec<Vec<&'a str>> {
    let by_default = |name: &str| {
        package.dependencies().any(|dependency| {
            dependency.name() == name
                && !dependency.is_for_tests()
                && (!dependency.is_optional() || package.has_by_default(name))
        })
    };
    let mut ways: Vec<Vec<&str>> = Vec::new();
    let mut seen = vec![package.id()];
    let mut open = vec![(package.id(), vec![package.name()])];
    while let Some((id, way)) = open.pop() {
        for next in metadata.resolved(id) {
            let Some(found) = metadata.package(next) else {
                continue;
            };
            let is_direct = id == package.id();
            if seen.contains(&next) || (is_direct && !by_default(found.name())) {
                continue;
            }
            seen.push(next);
            let mut way = way.clone();
            way.push(found.name());
            ways.push(way.clone());
            open.push((next, way));
        }
    }
    ways
}
