//! A module for each page, with the page as its documentation: rustdoc compiles and runs the programs in it.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Pages that stand outside of the book.
const OTHERS: [&str; 3] = ["README.md", "CONTRIBUTING.md", "SECURITY.md"];

/// Writes `book.rs` into `folder`, and the pages beside it.
pub(crate) fn write(folder: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=../docs");
    let mut pages = Vec::new();
    find(Path::new("../docs"), &mut pages)?;
    pages.extend(OTHERS.iter().map(|page| Path::new("..").join(page)));
    pages.sort();
    let mut modules = String::new();
    for page in pages {
        println!("cargo::rerun-if-changed={}", page.display());
        let name: String = page
            .with_extension("")
            .to_string_lossy()
            .trim_start_matches(['.', '/', '\\'])
            .to_lowercase()
            .replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
        let copy = folder.join(format!("{name}.md"));
        fs::write(&copy, without_included(&fs::read_to_string(&page)?))?;
        let copy = copy.to_string_lossy();
        writeln!(modules, "#[doc = include_str!({copy:?})]\nmod {name} {{}}")?;
    }
    fs::write(folder.join("book.rs"), modules)?;
    Ok(())
}

fn find(folder: &Path, pages: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, pages)?;
        } else if path.extension().is_some_and(|kind| kind == "md") {
            pages.push(path);
        }
    }
    Ok(())
}

/// The page with blocks that are included taken out, for those files are compiled where they are. Lines keep their
/// numbers.
fn without_included(page: &str) -> String {
    let lines: Vec<&str> = page.lines().collect();
    let mut kept = String::with_capacity(page.len());
    for (number, line) in lines.iter().enumerate() {
        let after = lines
            .get(number + 1)
            .is_some_and(|next| next.starts_with("{{#include"));
        let before = number > 0 && lines[number - 1].starts_with("{{#include");
        let is_fence = line.starts_with("```");
        if !(line.starts_with("{{#include") || is_fence && (after || before)) {
            kept.push_str(line);
        }
        kept.push('\n');
    }
    kept
}
