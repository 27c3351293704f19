//! Takes paging out of a query without understanding the rest.

use crate::scan::{Token, Tokens, is_word};
use crate::span::Span;

/// What can be told of a query from its tokens alone.
///
/// It needs no grammar but that of quotes and parentheses, so it also serves text that
/// [`Query::parse`](crate::Query::parse) refuses: a server may know more than this crate.
/// `offset` and `limit` are found where a number follows them outside of quotes and
/// parentheses; nothing inside of these is ever touched.
///
/// ```
/// use ftrack_query::Split;
///
/// let split = Split::new(r#"Task where name is "limit 5 offset 3" limit 700 offset 20"#);
/// assert_eq!(split.entity_type(), Some("Task"));
/// assert!(!split.has_projections());
/// assert_eq!((split.offset(), split.limit()), (Some(20), Some(700)));
/// assert_eq!(split.text(), r#"Task where name is "limit 5 offset 3""#);
/// assert_eq!(
///     split.page(20, 500),
///     r#"Task where name is "limit 5 offset 3" offset 20 limit 500"#,
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    entity_type: Option<String>,
    has_projections: bool,
    is_grouped: bool,
    offset: Option<u64>,
    limit: Option<u64>,
    text: String,
}

impl Split {
    /// Looks at the tokens of `text`. There is nothing that could fail: what is not found
    /// is not there.
    pub fn new(text: &str) -> Self {
        let tokens = top_level(text);
        let head = SelectClause::new(text, &tokens);
        let after_type = tokens.get(head.length..).unwrap_or_default();
        let offset = Paging::find(text, after_type, "offset");
        let limit = Paging::find(text, after_type, "limit");
        Self {
            entity_type: head.entity_type,
            has_projections: head.has_projections,
            is_grouped: is_grouped(text, after_type),
            offset: offset.map(|clause| clause.count),
            limit: limit.map(|clause| clause.count),
            text: without(text, offset, limit),
        }
    }

    /// The type of the entities to find, if the text begins like a query.
    pub fn entity_type(&self) -> Option<&str> {
        self.entity_type.as_deref()
    }

    /// Whether the text says which attributes to answer with.
    pub fn has_projections(&self) -> bool {
        self.has_projections
    }

    /// Whether the text has `group by`: then the answer has rows of values and no entities.
    ///
    /// ```
    /// use ftrack_query::Split;
    ///
    /// assert!(Split::new("select count(id) from Task group by status_id").is_grouped());
    /// assert!(!Split::new("Task where name is \"group by\" order by group").is_grouped());
    /// ```
    pub fn is_grouped(&self) -> bool {
        self.is_grouped
    }

    /// How many entities to skip.
    pub fn offset(&self) -> Option<u64> {
        self.offset
    }

    /// How many entities to answer with at most.
    pub fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// The text without its offset and limit.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text with another offset and limit.
    pub fn page(&self, offset: u64, limit: u64) -> String {
        format!("{} offset {offset} limit {limit}", self.text)
    }

    /// Puts `select … from` in front of a text that has no projections; a text that has
    /// some or makes groups, or of which the type is not found, stays as it is.
    ///
    /// ```
    /// use ftrack_query::Split;
    ///
    /// let split = Split::new("Task where bid > 8 limit 10").select(["id", "name"]);
    /// assert_eq!(split.text(), "select id, name from Task where bid > 8");
    /// assert!(split.has_projections());
    /// ```
    pub fn select<P: AsRef<str>>(mut self, projections: impl IntoIterator<Item = P>) -> Self {
        if self.has_projections || self.is_grouped || self.entity_type.is_none() {
            return self;
        }
        let mut front = String::new();
        for path in projections {
            front.push_str(if front.is_empty() { "select " } else { ", " });
            front.push_str(path.as_ref());
        }
        if !front.is_empty() {
            self.has_projections = true;
            self.text = format!("{front} from {}", self.text);
        }
        self
    }
}

fn is_grouped(text: &str, tokens: &[(Token, Span)]) -> bool {
    tokens.windows(2).any(|pair| match pair {
        [(Token::Word, group), (Token::Word, by)] => {
            is_word(text, *group, "group") && is_word(text, *by, "by")
        }
        _ => false,
    })
}

/// The tokens outside of parentheses; a parenthesis that opens a level stands for it all.
fn top_level(text: &str) -> Vec<(Token, Span)> {
    let mut depth: usize = 0;
    let mut tokens = Vec::new();
    for (token, span) in Tokens::new(text) {
        if token == Token::Close {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 && token != Token::Close {
            tokens.push((token, span));
        }
        if token == Token::Open {
            depth += 1;
        }
    }
    tokens
}

/// What stands up to the entity type.
struct SelectClause {
    entity_type: Option<String>,
    has_projections: bool,
    /// In tokens.
    length: usize,
}

impl SelectClause {
    fn new(text: &str, tokens: &[(Token, Span)]) -> Self {
        let word = |index: usize, keyword: &str| matches!(tokens.get(index), Some((Token::Word, span)) if is_word(text, *span, keyword));
        // `from` ends the projections unless it is one: in front, or after a comma.
        let comma = |index: usize| matches!(tokens.get(index), Some((Token::Other, span)) if text.get(span.range()) == Some(","));
        let from = word(0, "select")
            .then(|| (2..tokens.len()).find(|&at| word(at, "from") && !comma(at - 1)))
            .flatten();
        let at = from.map_or(0, |from| from + 1);
        let entity_type = match tokens.get(at) {
            Some((Token::Word, span)) if from.is_some() || !word(0, "select") => {
                text.get(span.range()).map(str::to_owned)
            }
            _ => None,
        };
        Self {
            entity_type,
            has_projections: word(0, "select"),
            length: at + 1,
        }
    }
}

/// An `offset` or `limit` with its number.
#[derive(Clone, Copy)]
struct Paging {
    count: u64,
    span: Span,
}

impl Paging {
    /// The first one; a second is left for the server to complain of.
    fn find(text: &str, tokens: &[(Token, Span)], keyword: &str) -> Option<Self> {
        tokens.windows(2).find_map(|pair| match pair {
            [(Token::Word, word), (Token::Word, number)] if is_word(text, *word, keyword) => {
                let digits = text.get(number.range())?;
                let count = digits.bytes().all(|byte| byte.is_ascii_digit());
                let count = count.then(|| digits.parse().ok()).flatten()?;
                Some(Self {
                    count,
                    span: word.to(*number),
                })
            }
            _ => None,
        })
    }
}

/// The text without these clauses and the blanks around them.
fn without(text: &str, first: Option<Paging>, second: Option<Paging>) -> String {
    let mut spans: Vec<Span> = [first, second]
        .into_iter()
        .flatten()
        .map(|c| c.span)
        .collect();
    spans.sort_by_key(|span| span.start);
    let mut rest = String::with_capacity(text.len());
    let mut at = 0;
    let end = Span::new(text.len(), text.len());
    for span in spans.into_iter().chain([end]) {
        let part = text.get(at..span.start).unwrap_or_default().trim();
        if !rest.is_empty() && !part.is_empty() {
            rest.push(' ');
        }
        rest.push_str(part);
        at = span.end;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paging(text: &str) -> (Option<u64>, Option<u64>, String) {
        let split = Split::new(text);
        (split.offset(), split.limit(), split.text)
    }

    #[test]
    fn clauses_are_found_in_any_order_and_place() {
        for text in [
            "Task where a is \"x\" offset 3 limit 5",
            "Task where a is \"x\" limit 5 offset 3",
            "Task where a is \"x\"LIMIT 5\nOffset\t3 ",
            "Task limit 5 where a is \"x\" offset 3",
        ] {
            assert_eq!(
                paging(text),
                (Some(3), Some(5), "Task where a is \"x\"".to_owned())
            );
        }
    }

    #[test]
    fn literals_and_sub_queries_are_not_touched() {
        for text in [
            r#"Task where name is "limit 5 offset 3""#,
            "Task where name is 'limit 5' and limit is 8",
            r#"Task where name is "a\" limit 5""#,
            "Task where id in (select id from Task limit 5 offset 3)",
            "Task where limit > offset order by limit",
            "Task where name is limit",
            "Task limit five",
            "Task limit 99999999999999999999",
            "Task where name is \"open limit 5",
            "Task where (open limit 5",
            "",
            "limit",
        ] {
            assert_eq!(paging(text), (None, None, text.to_owned()));
        }
    }

    #[test]
    fn only_the_first_of_two_is_taken() {
        assert_eq!(
            paging("Task limit 5 limit 6"),
            (None, Some(5), "Task limit 6".to_owned())
        );
    }

    #[test]
    fn text_beyond_the_grammar_keeps_its_paging() {
        let text = "select name @ x from Tâche where größe ~ {1} limit 5";
        let split = Split::new(text);
        assert_eq!(
            (split.entity_type(), split.limit()),
            (Some("Tâche"), Some(5))
        );
        assert_eq!(split.text(), "select name @ x from Tâche where größe ~ {1}");
    }

    #[test]
    fn the_type_follows_the_projections() {
        let head = |text: &str| {
            let split = Split::new(text);
            (split.entity_type, split.has_projections)
        };
        assert_eq!(head("Task"), (Some("Task".to_owned()), false));
        assert_eq!(
            head("SELECT a, from, b FROM Task"),
            (Some("Task".to_owned()), true)
        );
        assert_eq!(
            head("select from from Task"),
            (Some("Task".to_owned()), true)
        );
        assert_eq!(head("select a, b"), (None, true));
        assert_eq!(head("(Task)"), (None, false));
        assert_eq!(head(""), (None, false));
    }

    #[test]
    fn projections_are_put_in_front_once() {
        let text = |query: &str| Split::new(query).select(["id", "name"]).text;
        assert_eq!(text("Task limit 5"), "select id, name from Task");
        assert_eq!(text("select bid from Task"), "select bid from Task");
        assert_eq!(text("?"), "?");
        assert_eq!(Split::new("Task").select([""; 0]).text, "Task");
    }
}
