//! Users read what has changed.

use super::Report;

/// The changelog has a section for the version, or one of unreleased changes that would become it.
pub(super) fn check(text: &str, version: &str, report: &mut Report) {
    let heading = |line: &&str| {
        line.strip_prefix("## ")
            .map(str::trim)
            .is_some_and(|title| title == version || title.starts_with(&format!("{version} ")))
    };
    if let Some(found) = text.lines().find(heading) {
        report.note(format!("CHANGELOG.md has {found:?}"));
        return;
    }
    let mut lines = text
        .lines()
        .skip_while(|line| line.trim() != "## Unreleased");
    let Some(_) = lines.next() else {
        report.fault(format!(
            "CHANGELOG.md has no section for {version}, and none of unreleased changes"
        ));
        return;
    };
    let entries = lines
        .take_while(|line| !line.starts_with("## "))
        .filter(|line| line.starts_with("- "))
        .count();
    if entries == 0 {
        report.fault("CHANGELOG.md has no entry under \"Unreleased\"");
    } else {
        report.note(format!(
            "would name the section \"Unreleased\" of CHANGELOG.md, with {entries} entries, {version:?}"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> usize {
        let mut report = Report::default();
        check(text, "0.2.0", &mut report);
        report.faults.len()
    }

    #[test]
    fn a_section_with_something_in_it_is_wanted() {
        assert_eq!(faults("# Changelog\n\n## 0.2.0 (2026-11-30)\n"), 0);
        assert_eq!(faults("## Unreleased\n\n### A\n\n- New.\n\n## 0.1.0\n"), 0);
        assert_eq!(faults("## Unreleased\n\n## 0.1.0\n\n- Old.\n"), 1);
        assert_eq!(faults("## 0.2.01\n"), 1);
    }
}
