//! Text that is the same whatever its case, as real servers compare it.

use std::borrow::Cow;

/// Whether the case of letters counts where text is compared for equality.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Case {
    /// `Task` is not `task`: keys and ids, and all text of a server that is told so.
    Exact,
    /// `Task` is `task`.
    #[default]
    Ignored,
}

/// The text in the one spelling that stands for all its others.
pub(crate) fn folded(text: &str) -> Cow<'_, str> {
    if text
        .chars()
        .any(|letter| !letter.to_lowercase().eq([letter]))
    {
        Cow::Owned(text.to_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether two texts are the same but for their case.
pub(crate) fn same(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
        || !(left.is_ascii() && right.is_ascii()) && folded(left) == folded(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_the_same_whatever_their_case() {
        for (left, right, expected) in [
            ("Task", "task", true),
            ("Task", "tasks", false),
            ("GRÜN", "grün", true),
            ("ÅÄÖ", "åäö", true),
            ("ΣΑΣ", "σας", true),
            ("Ночь", "НОЧЬ", true),
            ("", "", true),
            ("日本", "日本", true),
            ("日本", "東京", false),
        ] {
            assert_eq!(same(left, right), expected, "{left} {right}");
            assert_eq!(folded(left) == folded(right), expected, "{left} {right}");
        }
        assert!(matches!(folded("already lower 日本"), Cow::Borrowed(_)));
    }
}
