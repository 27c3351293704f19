//! Where in a text something was read.

/// A range of bytes in the text that was parsed.
///
/// What the builder made was not read anywhere, so its spans mean nothing. Spans are not
/// compared when trees are: two trees are equal when they say the same.
///
/// ```
/// use ftrack_query::Query;
///
/// let text = "Task where status.name is Done";
/// let query = Query::parse(text)?;
/// assert_eq!(&text[query.entity_type_span().range()], "Task");
/// # Ok::<(), ftrack_query::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// The span from `start` up to, not including, `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The same as a standard range, to slice the text with.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start..self.end
    }

    /// Whether there is no text in it, as in the span of what was not read anywhere.
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// From the start of this to the end of `other`.
    pub(crate) fn to(self, other: Self) -> Self {
        Self::new(self.start, other.end)
    }
}
