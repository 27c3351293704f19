//! Entities that are named on the command line.

use std::fmt;
use std::str::FromStr;

/// An entity, as it is named on the command line: `TYPE:ID`, `TYPE:NAME`, or a path. What it means is a matter of the
/// server's schema, see [`resolve`](crate::resolve).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named(String);

impl Named {
    /// What was written.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Named {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let is_nothing = |character| matches!(character, '/' | ':');
        if text.trim_matches(is_nothing).is_empty() {
            return Err(
                "write the type and the id of an entity, such as Shot:f7a9, or its path, such as \
                 project/sequence/shot"
                    .to_owned(),
            );
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_something() {
        for text in ["", " ", ":", "/", "//"] {
            assert!(text.parse::<Named>().is_err(), "{text:?}");
        }
        let named: Named = " last_lantern/storm ".parse().unwrap();
        assert_eq!(named.text(), "last_lantern/storm");
    }
}
