//! Shows a place in a text: its line, and carets under it.

use crate::span::Span;

/// How many characters of a long line are shown on each side of the place.
const CONTEXT: usize = 60;

/// The line and the column, in characters, of the byte at `at`; both count from 1.
pub(crate) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// The line that `span` begins in, with carets under the span. Of a long line, only the
/// part around the span.
pub(crate) fn excerpt(text: &str, span: Span) -> String {
    let (line, _) = line_and_column(text, span.start);
    let (before, rest) = text.split_at_checked(span.start).unwrap_or((text, ""));
    let before = before
        .rfind('\n')
        .map_or(before, |at| before.get(at + 1..).unwrap_or_default());
    let length = span.end.saturating_sub(span.start).min(rest.len());
    let marked = rest.get(..length).unwrap_or(rest);

    let before = tail(before);
    let shown = head(rest);
    let carets = marked.chars().take(shown.chars().count()).count().max(1);
    let number = line.to_string();
    let gutter = " ".repeat(number.len());
    let indent = " ".repeat(before.chars().count());
    let code = printable(&format!("{before}{shown}"));
    format!(
        "{gutter} |\n{number} | {code}\n{gutter} | {indent}{}",
        "^".repeat(carets)
    )
}

/// The end of a text that goes on to the left.
fn tail(text: &str) -> String {
    match text.char_indices().rev().nth(CONTEXT) {
        Some((at, skipped)) => {
            format!(
                "…{}",
                text.get(at + skipped.len_utf8()..).unwrap_or_default()
            )
        }
        None => text.to_owned(),
    }
}

/// The start of a text, up to the end of its line, of which a part may be left out.
fn head(text: &str) -> String {
    let mut line = text.chars().take_while(|c| !matches!(c, '\n' | '\r'));
    let mut shown: String = line.by_ref().take(CONTEXT).collect();
    if line.next().is_some() {
        shown.push('…');
    }
    shown
}

/// The text with everything that a terminal would act on made a space, one for one, so
/// that the carets stay under their place.
fn printable(text: &str) -> String {
    let printable = |c: char| if c.is_control() { ' ' } else { c };
    text.chars()
        .map(printable)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        assert_eq!(line_and_column("Größe\nnäme", 11), (2, 3));
        assert_eq!(line_and_column("", 0), (1, 1));
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("{}!{}", "a".repeat(500), "b".repeat(500));
        let shown = excerpt(&text, Span::new(500, 501));
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(
            lines[1].find('!').map(|at| lines[1][..at].chars().count()),
            Some(65)
        );
        assert_eq!(lines[2].find('^'), Some(65));
        assert!(shown.chars().count() < 300);
    }

    #[test]
    fn a_place_that_is_not_in_the_text_is_shown_at_its_end() {
        assert_eq!(excerpt("ab", Span::new(7, 9)), "  |\n1 | ab\n  |   ^");
    }
}
