//! Links lead somewhere.

use std::path::Path;

use super::{Pages, joined, markdown};
use crate::root;

/// The folder of the book.
const BOOK: &str = "docs/";

/// The links of all pages that lead nowhere.
pub(super) fn check(pages: &Pages) -> Vec<String> {
    check_with(pages, &|path| root().join(path).exists())
}

fn check_with(pages: &Pages, exists: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut faults = Vec::new();
    for (page, text) in pages {
        for link in markdown::links(text) {
            if let Err(reason) = follow(page, &link.target, pages, exists) {
                faults.push(format!("{page}:{}: {}: {reason}", link.line, link.target));
            }
        }
    }
    faults
}

fn follow(
    page: &str,
    target: &str,
    pages: &Pages,
    exists: &dyn Fn(&str) -> bool,
) -> Result<(), String> {
    // Other hosts are not asked: a check that needs them fails for reasons that are not ours.
    if target.contains("://") || target.starts_with("mailto:") {
        return Ok(());
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = match path {
        "" => page.to_owned(),
        path => joined(page, path).ok_or("it leads out of the repository")?,
    };
    if page.starts_with(BOOK) && !path.starts_with(BOOK) {
        return Err("the book has pages of docs/ only; name the file in code instead".to_owned());
    }
    if !exists(&path) {
        return Err(format!("there is no {path}"));
    }
    if anchor.is_empty() {
        return Ok(());
    }
    let Some(text) = pages.get(&path) else {
        return Err(format!("{path} has no headings"));
    };
    if markdown::anchors(text).iter().any(|known| known == anchor) {
        return Ok(());
    }
    Err(format!("{path} has no heading with that anchor"))
}

/// Links from the crates' documentation to the book. Where both are built, it lies beside the pages of the crates.
pub(super) fn check_sources(sources: &Pages, pages: &Pages) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in sources {
        let in_crate = path.starts_with("crates/") && path.contains("/src/");
        for (line, text) in (1..).zip(text.lines()).filter(|_| in_crate) {
            let comment = text.trim_start();
            if !comment.starts_with("//!") && !comment.starts_with("///") {
                continue;
            }
            for part in comment.split("../book/").skip(1) {
                let target = part.split([')', '"', ' ', '>']).next().unwrap_or(part);
                if let Err(reason) = chapter(target, pages) {
                    faults.push(format!("{path}:{line}: {target}: {reason}"));
                }
            }
        }
    }
    faults
}

fn chapter(target: &str, pages: &Pages) -> Result<(), String> {
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let page = Path::new(file).with_extension("md");
    let page = format!("{BOOK}{}", page.display());
    let text = pages.get(&page).ok_or(format!("there is no {page}"))?;
    if anchor.is_empty() || markdown::anchors(text).iter().any(|known| known == anchor) {
        return Ok(());
    }
    Err(format!("{page} has no heading with that anchor"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(pages: &[(&str, &str)]) -> Vec<String> {
        let pages: Pages = pages
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        check_with(&pages, &|path| pages.contains_key(path))
    }

    #[test]
    fn links_to_pages_and_headings_that_are_there_are_fine() {
        let pages = [
            (
                "README.md",
                "[a](docs/a.md#two-words) [b](https://example.com/gone) [c](#top)\n# Top\n",
            ),
            ("docs/a.md", "# A\n## Two words\n[b](b/c.md)\n"),
            ("docs/b/c.md", "[a](../a.md)\n"),
        ];
        assert_eq!(faults(&pages), Vec::<String>::new());
    }

    #[test]
    fn links_that_lead_nowhere_are_named_with_their_line() {
        let pages = [
            ("README.md", "\n[a](a.md)\n"),
            ("b.md", "[b](README.md#no)\n"),
        ];
        let found = faults(&pages);
        assert_eq!(found[0], "README.md:2: a.md: there is no a.md");
        assert!(found[1].contains("no heading"), "{found:?}");
    }

    #[test]
    fn the_book_does_not_link_to_what_is_not_in_it() {
        let pages = [
            ("README.md", ""),
            ("docs/a.md", "[a](../README.md) [b](../../x.md)\n"),
        ];
        assert_eq!(faults(&pages).len(), 2);
    }

    #[test]
    fn crates_link_to_chapters_that_are_there() {
        let page = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let pages = Pages::from([page("docs/a.md", "# A\n## B\n")]);
        let sources = |target: &str| {
            Pages::from([page(
                "crates/x/src/lib.rs",
                &format!("//! [a](../book/{target})\n"),
            )])
        };
        assert!(check_sources(&sources("a.html#b"), &pages).is_empty());
        assert_eq!(check_sources(&sources("a.html#c"), &pages).len(), 1);
        assert_eq!(check_sources(&sources("b.html"), &pages).len(), 1);
    }
}
