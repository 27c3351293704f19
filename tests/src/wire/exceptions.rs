//! Differences that are meant to be.

use serde_json::Value;

use super::Difference;

/// The differences between the clients that are meant to be, each with its reason.
///
/// They are read from text with a section for each difference, in the format in which a [`Difference`] is printed,
/// with the reason as plain text below the heading. Text before the first section is not looked at.
///
/// ```
/// use ftrack_tests::wire::Exceptions;
///
/// let exceptions = Exceptions::parse(
///     "## attributes /1\n\nWe have loaded it with the first.\n\n- official: `[2]`\n- ours: nothing\n",
/// )?;
/// assert_eq!(exceptions.len(), 1);
/// # Ok::<(), ftrack_tests::wire::ExceptionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Exceptions(Vec<Difference>);

/// Why a list of exceptions cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionError {
    /// The line, from 1.
    pub line: usize,
    problem: &'static str,
}

impl std::fmt::Display for ExceptionError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "line {}: {}", self.line, self.problem)
    }
}

impl std::error::Error for ExceptionError {}

/// A section that is being read.
struct Section {
    line: usize,
    has_reason: bool,
    step: String,
    place: String,
    official: Line,
    ours: Line,
}

/// What a section says of one client.
enum Line {
    Missing,
    Sends(Option<Value>),
}

impl Line {
    fn value(self, error: ExceptionError) -> Result<Option<Value>, ExceptionError> {
        match self {
            Self::Missing => Err(error),
            Self::Sends(value) => Ok(value),
        }
    }
}

impl Section {
    fn begin(line: usize, heading: &str) -> Result<Self, ExceptionError> {
        let problem = "a heading is a step and a place, such as \"## create /0/1\"";
        let (step, place) = heading
            .rsplit_once(' ')
            .ok_or(ExceptionError { line, problem })?;
        Ok(Self {
            line,
            has_reason: false,
            step: step.to_owned(),
            place: place.to_owned(),
            official: Line::Missing,
            ours: Line::Missing,
        })
    }

    fn end(self) -> Result<Difference, ExceptionError> {
        let line = self.line;
        let error = |problem| ExceptionError { line, problem };
        if !self.has_reason {
            return Err(error("an exception needs a reason"));
        }
        Ok(Difference {
            step: self.step,
            place: self.place,
            official: self
                .official
                .value(error("it is not said what the official client sends"))?,
            ours: self.ours.value(error("it is not said what ours sends"))?,
        })
    }
}

impl Exceptions {
    /// Reads a list of exceptions.
    ///
    /// # Errors
    ///
    /// If a section is not as described, or has no reason.
    pub fn parse(text: &str) -> Result<Self, ExceptionError> {
        let mut exceptions = Vec::new();
        let mut section: Option<Section> = None;
        for (line, content) in (1..).zip(text.lines()) {
            if let Some(heading) = content.strip_prefix("## ") {
                exceptions.extend(section.take().map(Section::end).transpose()?);
                section = Some(Section::begin(line, heading.trim())?);
                continue;
            }
            let Some(section) = &mut section else {
                continue;
            };
            if let Some(value) = content.strip_prefix("- official: ") {
                section.official = Line::Sends(read(line, value)?);
            } else if let Some(value) = content.strip_prefix("- ours: ") {
                section.ours = Line::Sends(read(line, value)?);
            } else if !content.trim().is_empty() {
                section.has_reason = true;
            }
        }
        exceptions.extend(section.map(Section::end).transpose()?);
        Ok(Self(exceptions))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The differences that are not listed, and the listed ones that did not occur.
    pub fn judge<'a>(
        &'a self,
        found: &'a [Difference],
    ) -> (Vec<&'a Difference>, Vec<&'a Difference>) {
        let unlisted = found
            .iter()
            .filter(|difference| !self.0.contains(difference));
        let stale = self.0.iter().filter(|listed| !found.contains(listed));
        (unlisted.collect(), stale.collect())
    }
}

fn read(line: usize, text: &str) -> Result<Option<Value>, ExceptionError> {
    if text.trim() == "nothing" {
        return Ok(None);
    }
    let json = text.trim().trim_matches('`');
    let problem = "a value is JSON between backticks, or the word nothing";
    serde_json::from_str(json)
        .map(Some)
        .map_err(|_| ExceptionError { line, problem })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn difference(place: &str) -> Difference {
        Difference {
            step: "create and delete".to_owned(),
            place: place.to_owned(),
            official: Some(json!({"action": "create", "text": "a `quoted` text"})),
            ours: None,
        }
    }

    #[test]
    fn what_is_printed_is_read_again_once_it_has_a_reason() {
        let printed = difference("/0/1").to_string();
        assert!(Exceptions::parse(&printed).is_err(), "no reason");
        let text = format!(
            "# Title\n\nIntroduction.\n\n{}",
            printed.replacen('\n', "\n\nA reason.\n", 1)
        );
        assert_eq!(
            Exceptions::parse(&text),
            Ok(Exceptions(vec![difference("/0/1")]))
        );
    }

    #[test]
    fn unlisted_and_stale_ones_are_told_apart() {
        let exceptions = Exceptions(vec![difference("/0"), difference("/1")]);
        let found = [difference("/1"), difference("/2")];
        let (unlisted, stale) = exceptions.judge(&found);
        assert_eq!(unlisted, [&difference("/2")]);
        assert_eq!(stale, [&difference("/0")]);
    }

    #[test]
    fn faults_name_their_line() {
        let error =
            Exceptions::parse("\n## create /0\nBecause.\n- official: `{`\n- ours: nothing\n")
                .unwrap_err();
        assert_eq!(error.line, 4);
        assert!(Exceptions::parse("## create\n").is_err());
        assert!(Exceptions::parse("## create /0\nBecause.\n- ours: nothing\n").is_err());
    }
}
