//! Foreign text, made fit for a message.

/// The longest excerpt, in characters.
const LONGEST: usize = 500;

/// The beginning of a body that came from outside, safe to print in a message or a log.
///
/// At most 500 characters are kept; a cut is marked with `…` and the whole size. Control
/// characters, also those that would colour a terminal or reverse the direction of the text, are
/// escaped. Runs of white space become one space.
///
/// ```
/// use ftrack_transport::excerpt;
///
/// assert_eq!(excerpt(b"<h1>\n  Bad\tgateway</h1>"), "<h1> Bad gateway</h1>");
/// assert_eq!(excerpt(b"\x1b[31mred"), "\\u{1b}[31mred");
/// assert_eq!(excerpt(b""), "(empty)");
/// ```
pub fn excerpt(body: &[u8]) -> String {
    // A character takes up to four bytes; the rest of a huge body is not even looked at.
    let (head, cut) = match body.get(..LONGEST * 4) {
        Some(head) if body.len() > LONGEST * 4 => (head, true),
        _ => (body, false),
    };
    let text = String::from_utf8_lossy(head);
    let mut safe = String::new();
    let mut length = 0;
    let mut cut = cut;
    let mut gap = false;
    for character in text.trim().chars() {
        if character.is_whitespace() {
            gap = true;
            continue;
        }
        let space = std::mem::take(&mut gap).then_some(' ');
        let piece = Escaped(character);
        let width = piece.width() + usize::from(space.is_some());
        if length + width > LONGEST {
            cut = true;
            break;
        }
        length += width;
        safe.extend(space);
        piece.push_to(&mut safe);
    }
    if cut {
        safe.extend(["… (", &body.len().to_string(), " bytes)"]);
    } else if safe.is_empty() {
        safe.push_str("(empty)");
    }
    safe
}

/// One character, written as itself or as `\u{..}`.
struct Escaped(char);

impl Escaped {
    fn is_harmless(&self) -> bool {
        let invisible = matches!(
            self.0,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        );
        !self.0.is_control() && !invisible
    }

    fn width(&self) -> usize {
        if self.is_harmless() {
            1
        } else {
            self.0.escape_unicode().count()
        }
    }

    fn push_to(&self, text: &mut String) {
        if self.is_harmless() {
            text.push(self.0);
        } else {
            text.extend(self.0.escape_unicode());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_bodies_are_cut() {
        let text = excerpt("ä".repeat(5_000_000).as_bytes());
        assert!(text.chars().count() < 530, "{}", text.chars().count());
        assert!(text.ends_with("… (10000000 bytes)"), "{text}");
    }

    #[test]
    fn escapes_do_not_outgrow_the_limit() {
        let text = excerpt("\u{7f}".repeat(600).as_bytes());
        assert!(text.chars().count() < 530, "{}", text.chars().count());
    }

    #[test]
    fn text_cannot_steer_a_terminal_or_reverse_itself() {
        let cases: &[(&[u8], &str)] = &[
            (b"\0a", "\\u{0}a"),
            ("a\u{202e}b".as_bytes(), "a\\u{202e}b"),
            (b"caf\xff", "caf\u{fffd}"),
            (b"{} {0}", "{} {0}"),
            (b" \r\n ", "(empty)"),
        ];
        for (body, expected) in cases {
            assert_eq!(excerpt(body), *expected);
        }
    }

    #[test]
    fn a_body_of_exactly_the_limit_is_whole() {
        let text = "x".repeat(LONGEST);
        assert_eq!(excerpt(text.as_bytes()), text);
    }
}
