//! `docs/platforms.md` has a row for every place where code depends on the system that it is built for.

use std::collections::BTreeSet;

use super::Pages;

const PAGE: &str = "docs/platforms.md";

/// Words in a `cfg` that are about the system.
const SYSTEMS: &[&str] = &[
    "unix",
    "windows",
    "target_os",
    "target_vendor",
    "target_family",
    "target_env",
    "target_arch",
    "target_pointer_width",
];

/// Files whose code depends on the system and that have no row, and rows of files that have no such code.
pub(super) fn check(sources: &Pages, manifests: &Pages, pages: &Pages) -> Vec<String> {
    let Some(page) = pages.get(PAGE) else {
        return vec![format!("{PAGE} is missing")];
    };
    let depending: BTreeSet<&str> = sources
        .iter()
        .chain(manifests)
        .filter(|(path, _)| is_shipped(path))
        .filter(|(_, text)| depends_on_the_system(text))
        .map(|(path, _)| path.as_str())
        .collect();
    let rows: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .filter(|path| path.starts_with("crates/") || path.starts_with("xtask/"))
        .collect();
    let missing = depending
        .difference(&rows)
        .map(|path| format!("{PAGE}: no row for {path}, whose code depends on the system"));
    let surplus = rows
        .difference(&depending)
        .map(|path| format!("{PAGE}: {path} has a row, and no code that depends on the system"));
    missing.chain(surplus).collect()
}

/// Tests may differ by system without a word to users.
fn is_shipped(path: &str) -> bool {
    let is_ours = path.starts_with("crates/") || path.starts_with("xtask/");
    let is_test = path
        .split('/')
        .any(|part| part == "tests" || part == "tests.rs");
    // This file is about such code, and has none.
    is_ours && !is_test && path != "xtask/src/docs/platforms.rs"
}

fn depends_on_the_system(text: &str) -> bool {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    ["cfg(", "cfg!(", "cfg_attr("].iter().any(|start| {
        code.split(start).skip(1).any(|condition| {
            let mut depth = 1;
            let condition = condition.split(|mark: char| {
                depth += i32::from(mark == '(') - i32::from(mark == ')');
                depth == 0
            });
            let condition = condition.take(1).collect::<String>();
            condition
                .split(|mark: char| !mark.is_alphanumeric() && mark != '_')
                .any(|word| SYSTEMS.contains(&word))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(path: &str, text: &str) -> Pages {
        Pages::from([(path.to_owned(), text.to_owned())])
    }

    #[test]
    fn what_depends_on_the_system_is_told_from_what_depends_on_features() {
        assert!(depends_on_the_system("#[cfg(unix)]\nfn a() {}"));
        assert!(depends_on_the_system(
            "if cfg!(not(target_os = \"linux\")) {}"
        ));
        assert!(depends_on_the_system(
            "[target.'cfg(windows)'.dependencies]"
        ));
        assert!(!depends_on_the_system(
            "#[cfg(feature = \"unix\")]"
                .replace("unix", "socks")
                .as_str()
        ));
        assert!(!depends_on_the_system(
            "#[cfg(test)]\nmod tests {\n#[cfg(unix)]\nfn a() {}\n}"
        ));
    }

    #[test]
    fn a_new_place_without_a_row_fails_and_so_does_a_row_without_a_place() {
        let sources = page("crates/a/src/lib.rs", "#[cfg(unix)]\nfn a() {}\n");
        let none = Pages::new();
        let listed = page(PAGE, "| `crates/a/src/lib.rs` | why |\n");
        assert!(check(&sources, &none, &listed).is_empty());
        assert_eq!(check(&sources, &none, &page(PAGE, "")).len(), 1);
        assert_eq!(check(&none, &none, &listed).len(), 1);
    }
}
