//! How many values a JSON text has, told before any memory is spent on them.

/// Counts what a JSON text has, while it comes in pieces. Text that is not JSON has about as much as it looks like.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct JsonSize {
    values: usize,
    commas: usize,
    depth: usize,
    text: Text,
}

/// Whether a text is being read, which is not looked into.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Text {
    #[default]
    Outside,
    Inside,
    /// Behind a backslash.
    Escaped,
}

impl JsonSize {
    /// Counts the next piece.
    pub(crate) fn add(&mut self, piece: &[u8]) {
        for byte in piece {
            match (self.text, byte) {
                (Text::Outside, b'"') | (Text::Escaped, _) => self.text = Text::Inside,
                (Text::Inside, b'"') => self.text = Text::Outside,
                (Text::Inside, b'\\') => self.text = Text::Escaped,
                (Text::Outside, b',') => {
                    self.values += 1;
                    if self.depth == 1 {
                        self.commas += 1;
                    }
                }
                (Text::Outside, b':') => self.values += 1,
                (Text::Outside, b'[' | b'{') => {
                    self.values += 1;
                    self.depth += 1;
                }
                (Text::Outside, b']' | b'}') => self.depth = self.depth.saturating_sub(1),
                (Text::Inside | Text::Outside, _) => {}
            }
        }
    }

    /// How many values there are so far. Each piece of an object counts as two: its name, and its value.
    pub(crate) fn values(self) -> usize {
        // One, and one more behind whatever opens or goes on.
        self.values + 1
    }

    /// How many elements the outermost list has so far; one for a list without any.
    pub(crate) fn elements(self) -> usize {
        self.commas + 1
    }
}

/// Whether a text has more values than this.
pub(crate) fn has_more_values(json: &[u8], limit: usize) -> bool {
    let mut size = JsonSize::default();
    // Not to the end of a text that has too many long before it.
    json.chunks(64 * 1024).any(|piece| {
        size.add(piece);
        size.values() > limit
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_and_texts_are_not_looked_into() {
        for (json, values, elements) in [
            ("[]", 2, 1),
            ("[1]", 2, 1),
            ("[1,2,3]", 4, 3),
            (r#"{"a":1,"b":[]}"#, 6, 2),
            (r#"["a,b,[{:","\\",",\",",1]"#, 5, 4),
            (r#"["open, [ ["#, 2, 1),
            (r#"["\"#, 2, 1),
            ("[[1,2],[3,4],{},[]]", 11, 4),
            ("]]]],[,", 4, 2),
        ] {
            let mut whole = JsonSize::default();
            whole.add(json.as_bytes());
            assert_eq!(
                (whole.values(), whole.elements()),
                (values, elements),
                "{json}"
            );
            let mut pieces = JsonSize::default();
            json.as_bytes()
                .chunks(1)
                .for_each(|piece| pieces.add(piece));
            assert_eq!(pieces.values(), values, "{json}");
            assert!(has_more_values(json.as_bytes(), values - 1), "{json}");
            assert!(!has_more_values(json.as_bytes(), values), "{json}");
        }
    }
}
