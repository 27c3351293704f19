//! The imports of a source file, read from its text.

/// What a file says of others.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Source {
    /// The paths that it names: in `use` declarations, and in its code.
    pub(super) paths: Vec<Named>,
    /// The macros that it exports; they are at the root of the crate, wherever they are written.
    pub(super) macros: Vec<String>,
}

/// A path, and the line on which it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) line: usize,
    pub(super) segments: Vec<String>,
    /// The name that a `use` declaration gives it; `None` for paths in code.
    pub(super) alias: Option<String>,
}

impl Source {
    /// Reads a file. Its tests do not count: they stand beside what they test.
    pub(super) fn read(text: &str) -> Self {
        let tokens = without_tests(&tokens(text));
        let mut source = Self::default();
        let mut place = 0;
        while place < tokens.len() {
            let word = &*tokens[place].text;
            let before = place.checked_sub(1).map(|before| &*tokens[before].text);
            if word == "use" && before != Some("::") {
                let mut reader = Reader {
                    tokens: &tokens,
                    place: place + 1,
                };
                reader.tree(&mut Vec::new(), &mut source.paths);
                place = reader.place;
            } else if tokens[place].is_word() && is_path(&tokens, place) {
                let end = path_end(&tokens, place);
                let segments = tokens[place..end].iter().step_by(2);
                source.paths.push(Named {
                    line: tokens[place].line,
                    segments: segments.map(|token| token.text.clone()).collect(),
                    alias: None,
                });
                place = end;
            } else {
                if word == "macro_rules"
                    && let Some(name) = tokens.get(place + 2)
                {
                    source.macros.push(name.text.clone());
                }
                place += 1;
            }
        }
        source
    }
}

/// Whether a path of several parts begins here: neither its middle nor a path of a macro's own crate.
fn is_path(tokens: &[Token], place: usize) -> bool {
    let before = place.checked_sub(1).map(|before| &*tokens[before].text);
    let after = tokens.get(place + 1).map(|after| &*after.text);
    !matches!(before, Some("$" | "::")) && after == Some("::")
}

/// Where the path that begins here ends.
fn path_end(tokens: &[Token], start: usize) -> usize {
    let mut end = start + 1;
    while let [separator, next, ..] = &tokens[end..]
        && separator.text == "::"
        && next.is_word()
    {
        end += 2;
    }
    end
}

/// Reads the tree of a `use` declaration.
struct Reader<'a> {
    tokens: &'a [Token],
    place: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<&Token> {
        let token = self.tokens.get(self.place)?;
        self.place += 1;
        Some(token)
    }

    fn is_at(&self, text: &str) -> bool {
        self.tokens
            .get(self.place)
            .is_some_and(|token| token.text == text)
    }

    /// Reads what follows `prefix`, up to a comma or the end of what it is in.
    fn tree(&mut self, prefix: &mut Vec<String>, paths: &mut Vec<Named>) {
        let depth = prefix.len();
        while let Some(token) = self.next() {
            let (line, text) = (token.line, token.text.clone());
            match &*text {
                "::" => {}
                "{" => {
                    while !self.is_at("}") && self.place < self.tokens.len() {
                        self.tree(prefix, paths);
                        if self.is_at(",") {
                            self.place += 1;
                        }
                    }
                    self.place += 1;
                    break;
                }
                _ => {
                    if text != "self" || depth == 0 && prefix.is_empty() {
                        prefix.push(text);
                    }
                    if self.is_at("::") {
                        continue;
                    }
                    let mut alias = prefix.last().cloned();
                    if self.is_at("as") {
                        self.place += 1;
                        alias = self.next().map(|token| token.text.clone());
                    }
                    paths.push(Named {
                        line,
                        segments: prefix.clone(),
                        alias,
                    });
                    break;
                }
            }
        }
        prefix.truncate(depth);
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    line: usize,
    text: String,
}

impl Token {
    fn is_word(&self) -> bool {
        self.text.starts_with(is_word)
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Words and marks, without comments, and without what is in strings.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_whitespace() {
            first.len_utf8()
        } else if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = literal(rest) {
            length
        } else {
            let length = match rest.find(|character| !is_word(character)) {
                Some(0) if rest.starts_with("::") => 2,
                Some(0) => first.len_utf8(),
                Some(length) => length,
                None => rest.len(),
            };
            tokens.push(Token {
                line,
                text: rest[..length].to_owned(),
            });
            length
        };
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

/// The length of the string or character that is here, if one is.
fn literal(text: &str) -> Option<usize> {
    let start = ["br", "cr", "b", "c", "r", ""]
        .into_iter()
        .find(|prefix| text.starts_with(prefix))
        .unwrap_or_default();
    let body = &text[start.len()..];
    if start.ends_with('r') {
        let hashes = body.len() - body.trim_start_matches('#').len();
        body[hashes..].strip_prefix('"')?;
        let end = format!("\"{}", &body[..hashes]);
        let length = body[hashes + 1..].find(&end)?;
        return Some(start.len() + hashes + 1 + length + end.len());
    }
    if let Some(content) = body.strip_prefix('"') {
        return Some(start.len() + 1 + closing(content, '"'));
    }
    // A character, not a lifetime.
    let content = body
        .strip_prefix('\'')
        .filter(|_| matches!(start, "" | "b"))?;
    let mut characters = content.chars();
    match characters.next()? {
        '\\' => Some(start.len() + 1 + closing(content, '\'')),
        _ if characters.next() == Some('\'') => Some(start.len() + 1 + closing(content, '\'')),
        _ => None,
    }
}

/// The length up to and with the mark that closes what is open.
fn closing(content: &str, mark: char) -> usize {
    let mut is_escaped = false;
    for (place, character) in content.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if character == mark => return place + 1,
            _ => {}
        }
    }
    content.len()
}

/// Leaves out what is behind `#[cfg(test)]`: a module, a function or a `use`.
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut rest = tokens;
    while let Some(token) = rest.first() {
        let is_test = rest.len() >= MARK.len()
            && rest
                .iter()
                .zip(MARK)
                .all(|(token, mark)| token.text == mark);
        if is_test {
            rest = &rest[item_end(rest)..];
        } else {
            kept.push(token.clone());
            rest = &rest[1..];
        }
    }
    kept
}

/// Where the item ends that begins here: at its first semicolon, or at the end of its braces.
fn item_end(tokens: &[Token]) -> usize {
    let mut depth = 0_usize;
    for (place, token) in tokens.iter().enumerate() {
        match &*token.text {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return place + 1;
                }
            }
            ";" if depth == 0 => return place + 1,
            _ => {}
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        let paths = Source::read(text).paths;
        paths
            .iter()
            .map(|named| named.segments.join("::"))
            .collect()
    }

    #[test]
    fn use_declarations_are_read_with_their_braces_and_names() {
        let text =
            "use crate::a::{self, B, c::{D as E, F}};\npub(crate) use super::g::*;\nuse std::fmt;";
        assert_eq!(
            paths(text),
            [
                "crate::a",
                "crate::a::B",
                "crate::a::c::D",
                "crate::a::c::F",
                "super::g::*",
                "std::fmt"
            ]
        );
        let source = Source::read(text);
        assert_eq!(source.paths[2].alias.as_deref(), Some("E"));
        assert_eq!(source.paths[4].line, 2);
    }

    #[test]
    fn paths_in_code_count_and_those_in_comments_strings_and_tests_do_not() {
        let text = r##"
            // use crate::comment::A;
            /// [`crate::documentation::A`]
            fn f<'a>() -> crate::a::B { let c = '"'; call("crate::string::A", r#"crate::raw::A"#); super::g() }
            pub(in crate::visible) fn g() {}
            #[cfg(test)]
            mod tests { use crate::test::A; fn f() { crate::test::b() } }
            fn h() { crate::after() }
        "##;
        assert_eq!(
            paths(text),
            ["crate::a::B", "super::g", "crate::visible", "crate::after"]
        );
    }

    #[test]
    fn exported_macros_are_known() {
        let source = Source::read("macro_rules! values { () => { $crate::Value } }");
        assert_eq!(source.macros, ["values"]);
        assert!(source.paths.is_empty());
    }
}
