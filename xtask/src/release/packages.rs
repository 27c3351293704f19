//! The package of each crate, built from what is in it.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::Report;
use crate::metadata::Metadata;
use crate::{Outcome, command};

/// Larger packages are worth a look: somebody has added a picture.
const LARGE: u64 = 2 << 20;

/// The crates that are published, each after those that it needs.
pub(super) fn order(metadata: &Metadata) -> Vec<&str> {
    let mut left: Vec<_> = metadata
        .members()
        .filter(|package| package.is_publishable())
        .collect();
    left.sort_unstable_by_key(|package| package.name());
    let mut order: Vec<&str> = Vec::new();
    while !left.is_empty() {
        let is_ready = |name: &str, needed: &str| {
            needed == name
                || order.contains(&needed)
                || left.iter().all(|other| other.name() != needed)
        };
        let position = left.iter().position(|package| {
            let mut needed = package
                .dependencies()
                .filter(|needed| !needed.is_for_tests());
            needed.all(|needed| is_ready(package.name(), needed.name()))
        });
        // In a circle, which cargo would not have let pass, there is no right order.
        let package = left.remove(position.unwrap_or(0));
        order.push(package.name());
    }
    order
}

/// Packages the crates and builds each from its package alone. Cargo lays the packages of the others over the registry,
/// so this works before any of them is published.
pub(super) fn build(
    metadata: &Metadata,
    names: &[&str],
    report: &mut Report,
) -> Outcome<Vec<PathBuf>> {
    let mut package = command::cargo(&["package", "--locked", "--allow-dirty", "--color=never"]);
    for name in names {
        package.args(["--package", name]);
    }
    let output = package
        .stdout(Stdio::inherit())
        .stderr(Stdio::piped())
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        eprint!("{said}");
        report.fault("cargo package failed");
        return Ok(Vec::new());
    }
    for line in warnings(&said) {
        report.fault(format!("cargo package: {line}"));
    }
    let folder = Path::new(metadata.target_directory()).join("package");
    let mut files = Vec::new();
    for member in metadata
        .members()
        .filter(|member| names.contains(&member.name()))
    {
        let file = folder.join(format!("{}-{}.crate", member.name(), member.version()));
        let size = std::fs::metadata(&file)
            .map_err(|error| format!("{}: {error}", file.display()))?
            .len();
        println!("  {:>6} KiB  {}", size.div_ceil(1024), member.name());
        if size > LARGE {
            report.fault(format!(
                "the package of {} is larger than {} MiB",
                member.name(),
                LARGE >> 20
            ));
        }
        files.push(file);
    }
    report.note(format!(
        "{} packages build from what is in them",
        files.len()
    ));
    Ok(files)
}

/// What cargo warns of, but for tests that stay here: those that need our own tools for tests, which nobody publishes,
/// are left out of packages on purpose.
fn warnings(said: &str) -> impl Iterator<Item = &str> {
    said.lines()
        .filter(|line| line.starts_with("warning:") && !line.starts_with("warning: ignoring test "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tests_that_stay_here_are_no_fault() {
        let left_out = "warning: ignoring test `it` as `tests/it/main.rs` is not included in the published package";
        let bench = left_out.replace("test `", "bench `");
        let said =
            format!("   Packaging a v0.1.0\n{left_out}\n{bench}\nwarning: no documentation\n");
        let found: Vec<&str> = warnings(&said).collect();
        assert_eq!(found, [bench.as_str(), "warning: no documentation"]);
    }

    #[test]
    fn crates_come_after_those_that_they_need() {
        let package = |name: &str, needs: &[&str], for_tests: &[&str]| {
            let needs = needs
                .iter()
                .map(|needed| json!({"name": needed, "kind": null}));
            let for_tests = for_tests
                .iter()
                .map(|needed| json!({"name": needed, "kind": "dev"}));
            json!({"id": name, "name": name, "publish": null, "dependencies": needs.chain(for_tests).collect::<Vec<_>>()})
        };
        let metadata = Metadata::from_json(json!({
            "workspace_members": ["a", "b", "c"],
            "packages": [package("a", &["b", "serde"], &[]), package("b", &["c"], &["a"]), package("c", &[], &["a"])],
        }));
        assert_eq!(order(&metadata), ["c", "b", "a"]);
    }
}
