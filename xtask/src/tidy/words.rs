//! Words that made readers stumble, so that they do not come back. docs/errors.md and docs/architecture.md have the
//! reasons.

use std::path::Path;

use super::Finding;

/// Names for which Rust or the field has standard ones. Put together, so that this file does not find itself.
const NAMES: &[(&str, &str)] = &[
    (concat!("Boar", "ding"), "loading"),
    (
        concat!("Compan", "ions"),
        "a group, or records that are held",
    ),
    (concat!("Eff", "ort"), "retry statistics"),
    (concat!("Par", "cel"), "a message"),
    (concat!("Passen", "ger"), "a library or a plugin"),
    (concat!("Stra", "nds"), "a keyed queue"),
    (concat!("Trou", "ble"), "an error"),
    (concat!("Wit", "ness"), "a guard or a token"),
];

/// Beginnings of sentences that leave out who does it.
const NOBODY: &[&str] = &[
    concat!("often is ", "looked"),
    concat!("often it is ", "looked"),
    concat!("is to be ", "looked"),
    concat!("long is ", "waited"),
    concat!("long it is ", "waited"),
];

/// Getters whose names Rust's own types have.
const GETTERS: &[&str] = &["get_or", "get_or_insert", "get_mut", "get_many"];

/// Whether the house rules for words are for this file. The names of Python's interface are the product's.
fn is_ours(path: &Path) -> bool {
    ![
        "crates/ftrack-server",
        "crates/ftrack-python",
        "docs/server.md",
    ]
    .iter()
    .any(|other| path.starts_with(other))
}

/// What is wrong with the words of a file.
pub(super) fn check(path: &Path, content: &str) -> Vec<Finding> {
    let kind = path.extension().and_then(|extension| extension.to_str());
    let (Some(kind @ ("rs" | "md")), true) = (kind, is_ours(path)) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(content.lines()) {
        let mut report = |what: String| {
            let place = format!("{}:{number}", path.display());
            findings.push(Finding::Fault(format!("{place}: {what}")));
        };
        if let Some(words) = NOBODY.iter().find(|words| line.contains(**words)) {
            report(format!("\"{words}\": say who does it"));
        }
        if let Some(words) = negated_noun(line) {
            report(format!("\"{words}\": write \"is not a …\""));
        }
        if kind == "rs" {
            for (name, better) in NAMES.iter().filter(|(name, _)| has_word(line, name)) {
                report(format!("{name} is a word of this house: write {better}"));
            }
            if let Some(name) = declared(line) {
                if name == "of" || name.starts_with("of_") && line.contains("Self") {
                    report(format!(
                        "a constructor is called `new`, `from_…` or `with_…`, not `{name}`"
                    ));
                }
                let is_source = path.iter().any(|folder| folder == "src");
                if is_source && name.starts_with("get_") && !GETTERS.contains(&name) {
                    report(format!("`{name}`: Rust has no prefix for getters"));
                }
            }
        }
    }
    findings
}

/// The words of a line that deny a noun where English denies the verb.
fn negated_noun(line: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.windows(3).enumerate().find_map(|(index, window)| {
        let [verb, no, noun] = window else {
            return None;
        };
        let before = index.checked_sub(1).map_or("", |index| words[index]);
        let is_plain = ["is", "are", "was", "were"].contains(verb)
            && *no == "no"
            && !before.to_lowercase().ends_with("there")
            && ![
                "longer", "longer,", "more", "more,", "more.", "such", "need",
            ]
            .contains(noun);
        is_plain.then(|| format!("{verb} {no} {noun}"))
    })
}

fn has_word(line: &str, name: &str) -> bool {
    line.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .any(|word| word == name)
}

/// The name of the function that a line declares.
fn declared(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let is_comment = line.starts_with("//");
    let (front, rest) = line.split_once("fn ").filter(|_| !is_comment)?;
    let is_declaration = front
        .split_whitespace()
        .all(|word| ["pub", "const", "async"].contains(&word) || word.starts_with("pub("));
    let end = rest.find(['(', '<'])?;
    is_declaration.then_some(&rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, line: &str) -> usize {
        check(Path::new(path), line).len()
    }

    #[test]
    fn house_words_are_found_and_others_are_not() {
        let no = concat!("n", "o");
        for line in [
            format!("/// `EntityType` if this is {no} user."),
            format!("struct {};", NAMES[1].0),
            format!("/// How {} whether to stop.", NOBODY[0]),
            format!("    fn {}(key: &str) -> Self {{", concat!("o", "f")),
            format!(
                "pub fn {}_event(event: &Event) -> Self {{",
                concat!("o", "f")
            ),
            format!("    pub fn {}url(&self) -> String {{", concat!("get", "_")),
        ] {
            assert_eq!(found("crates/a/src/b.rs", &line), 1, "{line}");
        }
        for line in [
            "/// There is no user, and it is no longer needed.",
            "    pub fn get_or<T>(&self, default: T) -> T {",
            "    fn entity_of(&self) -> Self {",
            "    /// fn get_full_name(&self)",
        ] {
            assert_eq!(found("crates/a/src/b.rs", line), 0, "{line}");
        }
        assert_eq!(
            found("crates/ftrack-python/src/a.rs", "fn get_url(&self) {}"),
            0
        );
        assert_eq!(
            found(
                "docs/a.md",
                &format!("What is {no} query is sent all the same.")
            ),
            1
        );
    }
}
