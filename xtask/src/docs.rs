//! The pages of the book and the other texts: links, included files, promises, and the book itself.

mod book;
mod links;
mod markdown;
mod platforms;
mod promises;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use clap::{Args, CommandFactory};

use crate::{Outcome, command, root};

/// What `cargo xtask docs` can be told.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Builds the book too, into target/doc/book, where the links of the crates' pages lead; it takes mdbook
    #[arg(long)]
    book: bool,
}

/// Every text by its path from the folder of the workspace, with `/` between the parts.
type Pages = BTreeMap<String, String>;

/// Checks all Markdown files of the repository, and the links from the crates' documentation to the book.
pub(crate) fn run(options: &Options) -> Outcome {
    let pages = files("*.md")?;
    let sources = files("*.rs")?;
    let mut faults = links::check(&pages);
    faults.extend(links::check_sources(&sources, &pages));
    faults.extend(book::check(&pages));
    let manifests = files("*Cargo.toml")?;
    faults.extend(platforms::check(&sources, &manifests, &pages));
    let python = files("*.py")?;
    faults.extend(promises::check(&pages, &sources, &python, &tasks()));
    for fault in &faults {
        eprintln!("{fault}");
    }
    if !faults.is_empty() {
        return Err(format!("{} fault(s) in the documentation", faults.len()).into());
    }
    println!("docs: {} pages", pages.len());
    if options.book {
        book::build()?;
    }
    Ok(())
}

/// The names of what `cargo xtask` does.
fn tasks() -> BTreeSet<String> {
    let tasks = crate::Arguments::command();
    let names = tasks.get_subcommands().map(clap::Command::get_name);
    names.map(str::to_owned).collect()
}

/// The files that are under version control or about to be, with their contents.
fn files(pattern: &str) -> Outcome<Pages> {
    let arguments = [
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
        "--",
        pattern,
    ];
    let list = command::output(Command::new("git").args(arguments).current_dir(root()))?;
    let list = String::from_utf8(list)?;
    let mut files = Pages::new();
    for path in list.split_terminator('\0') {
        // Files that are deleted and not committed yet are still listed.
        if let Ok(content) = fs::read_to_string(root().join(path)) {
            files.insert(path.to_owned(), content);
        }
    }
    Ok(files)
}

/// What `path` is from the folder of the workspace, if `page` says it.
fn joined(page: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
