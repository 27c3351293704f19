//! What the public interface has lost and won since the last release.

use std::process::Command;

use super::Report;
use crate::{Outcome, command, root};

/// Compares the listings in `docs/interface` with those of the last tag. That they are those of the code is what
/// `cargo xtask interface` checks.
pub(super) fn compare(report: &mut Report) -> Outcome {
    let git = |arguments: &[&str]| {
        let output = command::output(Command::new("git").args(arguments).current_dir(root()));
        output.map(|text| String::from_utf8_lossy(&text).into_owned())
    };
    let tags = git(&["tag", "--list", "v*", "--sort=-version:refname", "--merged"])?;
    let Some(last) = tags.lines().next() else {
        report.note("there is no tag of an earlier release, so there is nothing to compare with");
        return Ok(());
    };
    let change = git(&["diff", "--unified=0", last, "--", "docs/interface"])?;
    let (gone, new) = changed(&change);
    for line in &gone {
        println!("  - {line}");
    }
    for line in &new {
        println!("  + {line}");
    }
    report.note(format!(
        "since {last}: {} lines are gone and {} are new{}",
        gone.len(),
        new.len(),
        if gone.is_empty() {
            ""
        } else {
            "; programs may have to change, which the version has to say"
        }
    ));
    Ok(())
}

/// The lines that a difference takes away and adds.
fn changed(difference: &str) -> (Vec<&str>, Vec<&str>) {
    let of = |mark: char, file: &str| {
        difference
            .lines()
            .filter(|line| !line.starts_with(file))
            .filter_map(|line| line.strip_prefix(mark))
            .collect()
    };
    (of('-', "---"), of('+', "+++"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_gone_are_told_from_new_ones() {
        let text = "--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-pub fn a\n+pub fn b\n+pub fn c\n";
        assert_eq!(
            changed(text),
            (vec!["pub fn a"], vec!["pub fn b", "pub fn c"])
        );
    }
}
