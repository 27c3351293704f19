//! Expression attributes: `{self.fend - self.fstart + 1}`.
//!
//! Numbers, attributes of the entity, its custom attributes, the four rules of arithmetic and parentheses are
//! evaluated. Text around the braces stays as it is. An expression with anything else in it is answered as it stands.

/// Deeper nesting is not evaluated.
const DEPTH: usize = 32;

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    Number(f64),
    Text(String),
}

/// Evaluates an expression; nothing where it says something that is not known here.
///
/// `lookup` gives the numbers that `self.NAME` stands for.
pub(super) fn evaluate(text: &str, lookup: &mut dyn FnMut(&str) -> Option<f64>) -> Option<Outcome> {
    let (mut rest, mut out, mut only) = (text, String::new(), None);
    let mut parts = 0;
    while let Some(start) = rest.find('{') {
        let (before, after) = rest.split_at(start);
        let end = after.find('}')?;
        out.push_str(before);
        parts += usize::from(!before.trim().is_empty());
        let number = arithmetic(after.get(1..end)?, lookup)?;
        out.push_str(&shown(number));
        only = Some(number);
        parts += 1;
        rest = after.get(end + 1..)?;
    }
    parts += usize::from(!rest.trim().is_empty());
    out.push_str(rest);
    match only {
        Some(number) if parts == 1 => Some(Outcome::Number(number)),
        Some(_) => Some(Outcome::Text(out)),
        None => None,
    }
}

fn shown(number: f64) -> String {
    match super::computed::number(number) {
        crate::value::Value::Int(number) => number.to_string(),
        _ => number.to_string(),
    }
}

fn arithmetic(text: &str, lookup: &mut dyn FnMut(&str) -> Option<f64>) -> Option<f64> {
    let mut parser = Parser { rest: text, lookup };
    let number = parser.sum(0)?;
    parser.rest.trim_start().is_empty().then_some(number)
}

struct Parser<'t, 'l> {
    rest: &'t str,
    lookup: &'l mut dyn FnMut(&str) -> Option<f64>,
}

impl<'t> Parser<'t, '_> {
    fn sum(&mut self, depth: usize) -> Option<f64> {
        let mut total = self.product(depth)?;
        loop {
            if self.take('+') {
                total += self.product(depth)?;
            } else if self.take('-') {
                total -= self.product(depth)?;
            } else {
                return total.is_finite().then_some(total);
            }
        }
    }

    fn product(&mut self, depth: usize) -> Option<f64> {
        let mut total = self.factor(depth)?;
        loop {
            if self.take('*') {
                total *= self.factor(depth)?;
            } else if self.take('/') {
                total /= self.factor(depth)?;
            } else {
                return Some(total);
            }
        }
    }

    fn factor(&mut self, depth: usize) -> Option<f64> {
        if depth > DEPTH {
            return None;
        }
        if self.take('-') {
            return self.factor(depth + 1).map(|number| -number);
        }
        if self.take('(') {
            let number = self.sum(depth + 1)?;
            return self.take(')').then_some(number);
        }
        let word = self.word();
        match word.strip_prefix("self.") {
            Some(name) => (self.lookup)(name),
            None if word.starts_with(|c: char| c.is_ascii_digit()) => word.parse().ok(),
            None => None,
        }
    }

    fn take(&mut self, wanted: char) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// A number or a name with its dots.
    fn word(&mut self) -> &'t str {
        let rest = self.rest.trim_start();
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        self.rest = after;
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_expressions_are_evaluated() {
        let mut lookup = |name: &str| match name {
            "fstart" => Some(1001.0),
            "fend" => Some(1100.0),
            _ => None,
        };
        for (text, expected) in [
            (
                "{self.fend - self.fstart + 1}",
                Some(Outcome::Number(100.0)),
            ),
            (
                "{ (self.fend-self.fstart) / 2 * -3 }",
                Some(Outcome::Number(-148.5)),
            ),
            ("{2 - 3 - 4}", Some(Outcome::Number(-5.0))),
            (
                "{self.fstart}-{self.fend} frames",
                Some(Outcome::Text("1001-1100 frames".to_owned())),
            ),
            ("{self.nothing}", None),
            ("{fend - fstart + 1}", None),
            ("{len(self.children)}", None),
            ("{1 / 0}", None),
            ("{1 +}", None),
            ("{1 2}", None),
            ("{1", None),
            ("no braces", None),
        ] {
            assert_eq!(evaluate(text, &mut lookup), expected, "{text}");
        }
        let deep = format!("{{{}1{}}}", "(".repeat(5_000), ")".repeat(5_000));
        assert_eq!(evaluate(&deep, &mut lookup), None);
    }
}
