//! The public interface of the crates that others build on, as text that is kept under `docs/interface/`.
//!
//! It is read from the sources, which rustfmt has laid out, so a line says where it is by how far it is indented. What
//! is `pub` is public: the lint `unreachable_pub` sees to that.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use clap::Args;

use crate::{Outcome, root};

/// The crates whose interface is kept.
const CRATES: [&str; 4] = [
    "ftrack",
    "ftrack-query",
    "ftrack-expression",
    "ftrack-cache",
];

/// What is to be done with the listing.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Writes the listing anew instead of comparing it.
    #[arg(long)]
    write: bool,
}

/// Compares the interface with what is kept, or writes it anew.
pub(crate) fn run(options: &Options) -> Outcome {
    let mut changed = Vec::new();
    for name in CRATES {
        let path = root().join("docs/interface").join(format!("{name}.txt"));
        let listing = listing(&root().join("crates").join(name).join("src"))?;
        if options.write {
            fs::create_dir_all(root().join("docs/interface"))?;
            fs::write(&path, &listing)?;
            continue;
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        changed.extend(differences(name, &kept, &listing));
    }
    for line in &changed {
        eprintln!("{line}");
    }
    if !changed.is_empty() {
        return Err("the public interface is not what docs/interface/ says: if that is meant, run `cargo xtask interface --write` and say in CHANGELOG.md what changed".into());
    }
    println!(
        "interface: {} crates are as docs/interface/ says",
        CRATES.len()
    );
    Ok(())
}

fn differences(name: &str, kept: &str, listing: &str) -> Vec<String> {
    let kept: BTreeSet<&str> = kept.lines().collect();
    let found: BTreeSet<&str> = listing.lines().collect();
    let gone = kept
        .difference(&found)
        .map(|line| format!("{name}: - {line}"));
    let new = found
        .difference(&kept)
        .map(|line| format!("{name}: + {line}"));
    gone.chain(new).collect()
}

/// The public items of the sources in a folder, a line each, sorted.
fn listing(folder: &Path) -> Outcome<String> {
    let mut items = BTreeSet::new();
    collect(folder, &mut items)?;
    let public: BTreeSet<String> = items.iter().filter_map(|item| defined(item)).collect();
    items.retain(|item| is_of_interest(item, &public));
    let lines: Vec<String> = items.into_iter().collect();
    Ok(lines.join(
        "
",
    ) + "
")
}

/// The name of the type that an item defines.
fn defined(item: &str) -> Option<String> {
    let words: Vec<&str> = item.split([' ', '<', '(', ':', ';']).collect();
    let place = words
        .iter()
        .position(|word| matches!(*word, "struct" | "enum" | "trait" | "type"))?;
    words.get(place + 1).map(|name| (*name).to_owned())
}

/// Leaves out implementations for types that are private, and heads that say nothing without their members.
fn is_of_interest(item: &str, public: &BTreeSet<String>) -> bool {
    let Some(head) = item.strip_prefix("impl") else {
        return true;
    };
    let Some((_, target)) = head.split_once(" for ") else {
        return item.contains(": pub ");
    };
    let name = target.trim_start_matches('&').split(['<', ' ', ':']).next();
    name.is_none_or(|name| public.contains(name) || target.contains("::"))
}

fn collect(folder: &Path, items: &mut BTreeSet<String>) -> Outcome {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), items)?;
        } else if is_source(&entry.path()) && name != "tests.rs" {
            items.extend(read(&fs::read_to_string(entry.path())?));
        }
    }
    Ok(())
}

fn is_source(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

/// The public items of a file. Members are listed after what they belong to: `impl Query: pub fn new() -> Self`.
fn read(text: &str) -> Vec<String> {
    let mut items = Vec::new();
    // The heads that the line is within, by how far they are indented.
    let mut owners: Vec<(usize, String)> = Vec::new();
    let mut lines = text.lines().peekable();
    let mut conditions: Vec<String> = Vec::new();
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        if trimmed.is_empty() || trimmed.starts_with("//") {
            continue;
        }
        if trimmed.starts_with("#[") {
            if trimmed.starts_with("#[cfg(")
                || trimmed == "#[non_exhaustive]"
                || trimmed == "#[macro_export]"
            {
                conditions.push(trimmed.to_owned());
            }
            continue;
        }
        owners.retain(|(owner, _)| *owner < indent);
        let is_test = conditions
            .iter()
            .any(|condition| condition == "#[cfg(test)]");
        let mut head = trimmed.to_owned();
        while !is_complete(&head)
            && let Some(next) = lines.next()
        {
            let next = next.trim();
            if !next.starts_with("//") {
                head.push(' ');
                head.push_str(next);
            }
        }
        let conditions = std::mem::take(&mut conditions);
        let owner = owners.last().map(|(_, owner)| owner.clone());
        let opens = head.ends_with('{');
        let name = tidy(&head);
        let is_listed = !is_test && is_public(&name, owner.as_deref());
        if opens {
            // What is not listed hides what is in it.
            let owner = if is_listed && is_container(&name) {
                name.clone()
            } else {
                "-".to_owned()
            };
            owners.push((indent, owner));
        }
        if is_listed {
            let conditions = conditions.iter().map(|condition| format!("{condition} "));
            let name = format!("{}{name}", conditions.collect::<String>());
            items.push(match owner {
                Some(owner) => format!("{owner}: {name}"),
                None => name,
            });
        }
    }
    items
}

/// Whether a head that began on an earlier line ends here.
fn is_complete(head: &str) -> bool {
    let is_use = head.starts_with("pub use") || head.starts_with("use ");
    if is_use {
        return head.ends_with(';');
    }
    let open = head.matches(['(', '[']).count();
    let closed = head.matches([')', ']']).count();
    open <= closed && head.ends_with(['{', ';', ',', '}'])
}

/// Whether this is part of the interface, given what it is within.
fn is_public(name: &str, owner: Option<&str>) -> bool {
    match owner {
        None => {
            name.starts_with("pub ") || name.starts_with("impl") || name.starts_with("macro_rules!")
        }
        Some("-") => false,
        Some(owner) if owner.starts_with("pub trait") || owner.starts_with("pub enum") => {
            name != "}" && !name.starts_with('}')
        }
        // The fields of a variant.
        Some(owner) if !owner.starts_with("pub ") && !owner.starts_with("impl") => {
            !name.starts_with('}')
        }
        Some(owner) if owner.starts_with("impl") && owner.contains(" for ") => {
            name.starts_with("type ")
        }
        Some(_) => name.starts_with("pub "),
    }
}

/// Whether what is within may be part of the interface: not so for functions.
fn is_container(name: &str) -> bool {
    !name.contains("fn ") && !name.starts_with("macro_rules!")
}

/// Without the brace at the end, in one line, as rustfmt would write a short one.
fn tidy(head: &str) -> String {
    let head = head.trim_end_matches(['{', ',']).trim_end();
    let mut text = head.split_whitespace().collect::<Vec<_>>().join(" ");
    for (from, to) in [
        ("( ", "("),
        (", )", ")"),
        (" )", ")"),
        ("{ ", "{"),
        (", }", "}"),
        (" }", "}"),
        ("< ", "<"),
        (", >", ">"),
    ] {
        text = text.replace(from, to);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_and_their_members_are_listed_and_private_ones_are_not() {
        let text = "\
pub struct Span {
    pub start: usize,
    end: usize,
}

impl Span {
    /// Documented.
    pub fn new(
        start: usize,
        end: usize,
    ) -> Self {
        let pub_like = 5;
        Self { start, end }
    }

    fn hidden(&self) {}
}

pub(crate) struct Other {
    pub field: usize,
}

impl fmt::Display for Span {
    fn fmt(&self) {}
}
";
        assert_eq!(
            read(text),
            [
                "pub struct Span",
                "pub struct Span: pub start: usize",
                "impl Span",
                "impl Span: pub fn new(start: usize, end: usize) -> Self",
                "impl fmt::Display for Span",
            ]
        );
    }

    #[test]
    fn enums_traits_and_conditions_are_listed() {
        let text = "\
#[derive(Debug)]
#[non_exhaustive]
pub enum Kind {
    /// One.
    Plain,
    Text { text: String },
    Long {
        text: String,
    },
}

pub trait Cache {
    type Error;

    fn get(&self) -> Option<u8>;

    fn set(&self) {
        let hidden = 5;
    }
}

#[cfg(feature = \"file\")]
pub use self::file::{A, B};
#[cfg(test)]
mod tests {
    pub fn not_listed() {}
}
";
        assert_eq!(
            read(text),
            [
                "#[non_exhaustive] pub enum Kind",
                "pub enum Kind: Plain",
                "pub enum Kind: Text {text: String}",
                "pub enum Kind: Long",
                "Long: text: String",
                "pub trait Cache",
                "pub trait Cache: type Error;",
                "pub trait Cache: fn get(&self) -> Option<u8>;",
                "pub trait Cache: fn set(&self)",
                "#[cfg(feature = \"file\")] pub use self::file::{A, B};",
            ]
        );
    }

    #[test]
    fn a_change_names_what_came_and_what_went() {
        assert_eq!(
            differences("ftrack", "a\nb\n", "b\nc\n"),
            ["ftrack: - a", "ftrack: + c"]
        );
    }
}
