//! The patterns of `like`.

use crate::budget::Budget;

/// How much of a text is compared in one step.
const BYTES_OF_A_STEP: usize = 32;

/// A pattern of `like`, case aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    parts: Vec<Part>,
    is_ascii: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// `%`: any run of characters.
    Run,
    /// `_`: any one character.
    One,
    Character(char),
}

impl Part {
    /// Whether an ASCII character fits.
    fn fits(self, byte: u8) -> bool {
        match self {
            Self::Run => false,
            Self::One => true,
            Self::Character(wanted) => wanted == char::from(byte.to_ascii_lowercase()),
        }
    }
}

impl Pattern {
    /// Reads a pattern. `\%`, `\_` and `\\` stand for themselves; any other backslash is a backslash.
    pub(super) fn new(text: &str) -> Self {
        let text = text.to_lowercase();
        let mut characters = text.chars().peekable();
        let mut parts = Vec::new();
        while let Some(character) = characters.next() {
            let is_escape = |next: &char| character == '\\' && matches!(next, '%' | '_' | '\\');
            parts.push(match (character, characters.next_if(is_escape)) {
                (_, Some(escaped)) => Part::Character(escaped),
                ('%', None) => Part::Run,
                ('_', None) => Part::One,
                (other, None) => Part::Character(other),
            });
        }
        Self {
            parts,
            is_ascii: text.is_ascii(),
        }
    }

    /// Whether a text fits, without backtracking further than the last `%`.
    pub(super) fn matches(&self, text: &str, budget: &Budget) -> bool {
        budget.spend_on(text.len() / BYTES_OF_A_STEP);
        // Nearly all texts of a production are, and need neither be copied nor taken apart.
        if self.is_ascii && text.is_ascii() {
            return self.matches_ascii(text.as_bytes(), budget);
        }
        let text: Vec<char> = text.to_lowercase().chars().collect();
        let (mut at, mut in_pattern) = (0, 0);
        let mut last_wildcard: Option<(usize, usize)> = None;
        while at < text.len() {
            let wanted = self.parts.get(in_pattern).copied();
            if wanted == Some(Part::Run) {
                last_wildcard = Some((in_pattern, at));
                in_pattern += 1;
            } else if wanted == Some(Part::One)
                || wanted == text.get(at).copied().map(Part::Character)
            {
                at += 1;
                in_pattern += 1;
            } else if let Some((wildcard, from)) = last_wildcard {
                // What was compared since the wildcard is compared once more.
                if !budget.spend_on((at - from) / BYTES_OF_A_STEP) {
                    return false;
                }
                last_wildcard = Some((wildcard, from + 1));
                in_pattern = wildcard + 1;
                at = from + 1;
            } else {
                return false;
            }
        }
        self.ends_at(in_pattern)
    }

    /// As `matches`, for texts whose bytes are their characters.
    fn matches_ascii(&self, text: &[u8], budget: &Budget) -> bool {
        let (mut at, mut in_pattern) = (0, 0);
        // What follows the last `%`, and from where on it was looked for.
        let mut last_run: Option<(usize, usize)> = None;
        while let Some(byte) = text.get(at) {
            match self.parts.get(in_pattern) {
                Some(Part::Run) => {
                    in_pattern += 1;
                    let Some(start) = self.next_start(text, at, in_pattern) else {
                        return false;
                    };
                    last_run = Some((in_pattern, start));
                    at = start;
                }
                Some(part) if part.fits(*byte) => {
                    at += 1;
                    in_pattern += 1;
                }
                _ => {
                    let Some((follows, start)) = self.start_again(text, at, last_run, budget)
                    else {
                        return false;
                    };
                    last_run = Some((follows, start));
                    in_pattern = follows;
                    at = start;
                }
            }
        }
        self.ends_at(in_pattern)
    }

    /// What follows the last `%`, and where it may begin, further on than the last time.
    fn start_again(
        &self,
        text: &[u8],
        at: usize,
        last_run: Option<(usize, usize)>,
        budget: &Budget,
    ) -> Option<(usize, usize)> {
        let (follows, from) = last_run?;
        // What was compared since then is compared once more.
        if !budget.spend_on((at - from) / BYTES_OF_A_STEP) {
            return None;
        }
        let start = self.next_start(text, from + 1, follows)?;
        Some((follows, start))
    }

    /// Where a part of the pattern may begin, from a place of the text on.
    fn next_start(&self, text: &[u8], from: usize, part: usize) -> Option<usize> {
        match self.parts.get(part) {
            // A `%` at the end fits whatever is left.
            None => Some(text.len()),
            Some(Part::Character(wanted)) => {
                let lower = u8::try_from(*wanted).ok()?;
                let rest = text.get(from..)?;
                let found = memchr::memchr2(lower, lower.to_ascii_uppercase(), rest)?;
                Some(from + found)
            }
            Some(Part::Run | Part::One) => Some(from),
        }
    }

    /// Whether a text that ends here fits.
    fn ends_at(&self, in_pattern: usize) -> bool {
        let rest = self.parts.get(in_pattern..).unwrap_or_default();
        rest.iter().all(|part| *part == Part::Run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_sql_whatever_the_case() {
        for (pattern, text, expected) in [
            ("%thrones", "Game of Thrones", true),
            ("%thrones", "thrones of glass", false),
            ("sh_t%", "Shot 010", true),
            ("%a%b%", "xxaxxbxx", true),
            ("%a%b", "ab ba", false),
            ("", "", true),
            ("%", "", true),
            ("_", "", false),
            ("GRÜN", "grün", true),
            (r"100\%", "100%", true),
            (r"100\%", "1000", false),
            (r"a\_b%", "a_bc", true),
            (r"a\_b%", "axbc", false),
            (r"c:\\shots", r"C:\shots", true),
            (r"c:\shots", r"C:\shots", true),
            (r"\%%", "%x", true),
            (r"a\", r"a\", true),
        ] {
            assert_eq!(
                Pattern::new(pattern).matches(text, &Budget::unlimited()),
                expected,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn texts_in_ascii_fit_as_all_others_do() {
        // With a letter in front that is not ASCII, the same text goes the other way.
        let budget = Budget::unlimited();
        let letters = ["", "a", "b", "%", "_", "ab", "%a", "b%", "_b", "%_", "%%"];
        let texts = [
            "", "a", "B", "ab", "ba", "aab", "abab", "bbbb", "aBbA", "a_b",
        ];
        for pattern in letters
            .iter()
            .flat_map(|one| letters.map(|two| format!("{one}{two}")))
        {
            for text in texts {
                let fast = Pattern::new(&pattern).matches(text, &budget);
                let slow =
                    Pattern::new(&format!("ü{pattern}")).matches(&format!("ü{text}"), &budget);
                assert_eq!(fast, slow, "{pattern} {text}");
            }
        }
    }
}
