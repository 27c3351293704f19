//! What a driver says on the command line.

use std::path::PathBuf;

use super::Outcome;

/// What a driver says on the command line.
#[derive(Debug, PartialEq, Eq, Default)]
pub(super) struct Arguments {
    pub(super) group: String,
    /// Where the stand-in for a server listens.
    pub(super) url: String,
    /// Where one listens that takes its time before every answer.
    pub(super) url_slow: String,
    /// A folder on disk.
    pub(super) work: PathBuf,
    /// A folder in memory, if there is one.
    pub(super) work_ram: Option<PathBuf>,
}

impl Arguments {
    /// Reads `--name value` pairs, in any order.
    pub(super) fn parse(words: &[String]) -> Outcome<Self> {
        let mut arguments = Self::default();
        for pair in words.chunks(2) {
            let [name, value] = pair else {
                return Err(
                    format!("{} has no value\n{}", pair.concat(), crate::usage::USAGE).into(),
                );
            };
            match name.as_str() {
                "--child" => arguments.group.clone_from(value),
                "--url" => arguments.url.clone_from(value),
                "--url-slow" => arguments.url_slow.clone_from(value),
                "--work" => arguments.work = value.into(),
                "--work-ram" => {
                    arguments.work_ram = Some(value.into()).filter(|_| !value.is_empty());
                }
                _ => return Err(format!("{name} is not known\n{}", crate::usage::USAGE).into()),
            }
        }
        Ok(arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Outcome<Arguments> {
        Arguments::parse(&words.iter().copied().map(String::from).collect::<Vec<_>>())
    }

    #[test]
    fn pairs_may_come_in_any_order() {
        let arguments = parse(&[
            "--url",
            "http://a",
            "--child",
            "tasks",
            "--work-ram",
            "",
            "--work",
            "/w",
        ]);
        let expected = Arguments {
            group: "tasks".into(),
            url: "http://a".into(),
            url_slow: String::new(),
            work: "/w".into(),
            work_ram: None,
        };
        assert_eq!(arguments.ok(), Some(expected));
        let memory = parse(&["--work-ram", "/shm"])
            .ok()
            .and_then(|known| known.work_ram);
        assert_eq!(memory, Some("/shm".into()));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for words in [&["--child"][..], &["tasks"], &["--color", "red"]] {
            let message = parse(words).err().map(|error| error.to_string());
            assert!(
                message.is_some_and(|message| message.contains(words[0])),
                "{words:?}"
            );
        }
    }
}
