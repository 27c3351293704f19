//! Attribute paths: `name`, `status.type.name`, `parent[Shot].name`.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::span::Span;
use crate::text::{Quoted, is_name};

/// A way from an entity to an attribute, through any number of relations.
///
/// ```
/// use ftrack_query::Path;
///
/// let path = Path::new("parent[Shot].name");
/// assert_eq!(path.segments.len(), 2);
/// assert_eq!(path.segments[0].cast.as_deref(), Some("Shot"));
/// assert_eq!(path.to_string(), "parent[Shot].name");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Path {
    /// The attributes in the order they are followed; never empty in a parsed path.
    pub segments: Vec<Segment>,
    /// Where the path was read.
    pub span: Span,
}

/// One step of a [`Path`]: an attribute, perhaps seen as a more special type.
#[derive(Clone, Debug)]
pub struct Segment {
    /// The attribute's name.
    pub name: String,
    /// The type in brackets, `Shot` in `parent[Shot]`.
    pub cast: Option<String>,
    /// Where the step was read, the cast included.
    pub span: Span,
}

impl Path {
    /// Reads a path such as `status.name`.
    ///
    /// Text that is not a path is kept as one name that is not valid:
    /// [`QueryBuilder::build`](crate::QueryBuilder::build) and
    /// [`Filter::validate`](crate::Filter::validate) report it, and it prints as quoted
    /// text, which no query can hold in that place. Spans count from the start of `text`.
    pub fn new(text: &str) -> Self {
        let path = Self::split(text, 0);
        if path.is_valid() {
            return path;
        }
        let span = Span::default();
        let segment = Segment {
            name: text.to_owned(),
            cast: None,
            span,
        };
        Self {
            segments: vec![segment],
            span,
        }
    }

    /// Whether every name and cast can stand in a query.
    pub fn is_valid(&self) -> bool {
        !self.segments.is_empty()
            && self.segments.iter().all(|segment| {
                is_name(&segment.name) && segment.cast.as_deref().is_none_or(is_name)
            })
    }

    /// Makes the path one that was not read anywhere.
    pub(crate) fn forget_places(&mut self) {
        self.span = Span::default();
        for segment in &mut self.segments {
            segment.span = Span::default();
        }
    }

    /// Cuts `text`, which begins at byte `start` of what is parsed, at its dots.
    pub(crate) fn split(text: &str, start: usize) -> Self {
        let mut at = start;
        let segments = text
            .split('.')
            .map(|part| {
                let span = Span::new(at, at + part.len());
                at = span.end + 1;
                Segment::split(part, span)
            })
            .collect();
        Self {
            segments,
            span: Span::new(start, start + text.len()),
        }
    }
}

impl Segment {
    fn split(part: &str, span: Span) -> Self {
        let cast = part.strip_suffix(']').and_then(|open| open.split_once('['));
        let (name, cast) = match cast {
            Some((name, cast)) => (name, Some(cast.to_owned())),
            None => (part, None),
        };
        Self {
            name: name.to_owned(),
            cast,
            span,
        }
    }
}

impl Segment {
    /// Where the name was read, without the cast.
    pub(crate) fn name_span(&self) -> Span {
        Span::new(
            self.span.start,
            (self.span.start + self.name.len()).min(self.span.end),
        )
    }

    /// Where the type in brackets was read.
    pub(crate) fn cast_span(&self) -> Span {
        let end = self.span.end.saturating_sub(1);
        Span::new((self.name_span().end + 1).min(end), end)
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.segments == other.segments
    }
}

impl Eq for Path {}

/// Of what makes two paths equal; places do not count.
impl Hash for Path {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.segments.hash(state);
    }
}

impl PartialEq for Segment {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.cast == other.cast
    }
}

impl Eq for Segment {}

impl Hash for Segment {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.name, &self.cast).hash(state);
    }
}

impl From<&str> for Path {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<&String> for Path {
    fn from(text: &String) -> Self {
        Self::new(text)
    }
}

impl From<String> for Path {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_valid() {
            let names: Vec<&str> = self
                .segments
                .iter()
                .map(|step| step.name.as_str())
                .collect();
            return Quoted(&names.join(".")).fmt(f);
        }
        for (index, segment) in self.segments.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            f.write_str(&segment.name)?;
            if let Some(cast) = &segment.cast {
                write!(f, "[{cast}]")?;
            }
        }
        Ok(())
    }
}
