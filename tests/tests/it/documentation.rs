//! The pages in `docs` keep up with the code.

mod lists;
mod update_event;

use std::fs;
use std::path::{Path, PathBuf};

use ftrack_session::ErrorKind;

fn page(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../docs")
        .join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_kind_of_error_has_a_line_with_its_parent() {
    let page = page("errors.md");
    for kind in ErrorKind::ALL {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{kind:?}` |")));
        let row = row.unwrap_or_else(|| panic!("{kind:?} is not in docs/errors.md"));
        let parent = row.split('|').nth(2).unwrap_or_default().trim();
        let expected = kind
            .parent()
            .map_or(String::new(), |parent| format!("`{parent:?}`"));
        assert_eq!(parent, expected, "the parent of {kind:?}");
    }
}

#[test]
fn no_line_is_about_a_kind_that_is_not_there() {
    let kinds: Vec<String> = ErrorKind::ALL
        .iter()
        .map(|kind| format!("{kind:?}"))
        .collect();
    let page = page("errors.md");
    let named = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        // Details of errors have a table of their own, and names in small letters.
        .filter(|(name, _)| name.starts_with(char::is_uppercase));
    for (name, _) in named {
        assert!(kinds.iter().any(|kind| kind == name), "there is no {name}");
    }
}

#[test]
fn the_summary_lists_every_page_and_no_other() {
    let summary = page("SUMMARY.md");
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let mut pages = Vec::new();
    find_pages(&folder, "", &mut pages);
    pages.retain(|page| page != "SUMMARY.md");
    for page in &pages {
        let link = format!("({page})");
        assert!(summary.contains(&link), "{page} is not in the summary");
    }
    let links = summary.matches(".md)").count();
    assert_eq!(
        links,
        pages.len(),
        "the summary has links to pages that are not there"
    );
}

#[test]
fn every_event_that_the_session_publishes_is_in_the_list() {
    let page = page("events.md");
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../crates/ftrack-session/src");
    let mut topics = Vec::new();
    find_topics(&source, &mut topics);
    assert!(topics.len() >= 8, "{topics:?}");
    for topic in topics {
        let row = format!("| `{topic}` |");
        assert!(page.contains(&row), "{topic} is not in docs/events.md");
    }
}

/// The topics that constants of the code below `folder` hold.
fn find_topics(folder: &Path, topics: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find_topics(&path, topics);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let published = [
            "ftrack.api.",
            "ftrack.location.",
            "ftrack.storage-scenario.",
        ];
        for part in text.split("&str =").skip(1) {
            let literal = part.trim_start().strip_prefix('"');
            let topic = literal.and_then(|literal| literal.split('"').next());
            let topic =
                topic.filter(|topic| published.iter().any(|start| topic.starts_with(start)));
            topics.extend(topic.map(str::to_owned));
        }
    }
}

/// The pages in `folder`, which is reached by `prefix`, and in those below it.
fn find_pages(folder: &Path, prefix: &str, pages: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            find_pages(&path, &format!("{prefix}{name}/"), pages);
        } else if path.extension().is_some_and(|kind| kind == "md") {
            pages.push(format!("{prefix}{name}"));
        }
    }
}
