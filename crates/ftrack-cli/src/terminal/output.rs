//! Writing for people.

use std::error::Error;
use std::fmt::{self, Display};
use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};

use crate::failure::Failure;
use crate::terminal::escape;

/// What stands out.
pub(crate) const STRONG: Style = Style::new().bold();

/// What stays in the background.
pub(crate) const FAINT: Style = Style::new().dimmed();

/// What went wrong.
const WRONG: Style = AnsiColor::Red.on_default().bold();

/// Where text goes that people read. On a terminal, control characters in it are escaped, wherever they come from;
/// styles are the only ones that reach it, and only there.
pub(crate) struct Screen<W: Write> {
    inner: W,
    is_terminal: bool,
    /// The begin of a character whose other bytes have not been written yet.
    begun: Vec<u8>,
}

/// What may help.
const HELPFUL: Style = AnsiColor::Cyan.on_default().bold();

/// How many columns the terminal has that standard output is, if it is one.
pub(crate) fn width() -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(width.0.into())
}

/// Asks a question on standard error and waits for the answer, which means no unless it begins with a y. Nothing where
/// nobody can answer.
pub(crate) fn ask(question: &str) -> Result<Option<bool>, Failure> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Ok(None);
    }
    let mut errors = errors();
    write!(errors, "{} [y/N] ", OneLine(question))?;
    errors.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(Failure::Input)?;
    Ok(Some(answer.trim_start().to_lowercase().starts_with('y')))
}

/// Says on standard error what is to be typed.
pub(crate) fn prompt(text: &str) -> Result<(), Failure> {
    let mut errors = errors();
    write!(errors, "{}", OneLine(text))?;
    errors.flush()?;
    Ok(())
}

/// Standard output.
pub(crate) fn standard() -> Screen<impl Write> {
    let is_terminal = io::stdout().is_terminal();
    Screen::new(anstream::stdout().lock(), is_terminal)
}

/// Lets whoever reads standard output see its end, while the command goes on.
#[cfg(unix)]
pub(crate) fn close_standard() -> Result<(), Failure> {
    let nowhere = std::fs::File::options().write(true).open("/dev/null");
    nowhere
        .and_then(|nowhere| Ok(rustix::stdio::dup2_stdout(&nowhere)?))
        .map_err(Failure::Output)
}

/// Elsewhere there is no shell that waits for it.
#[cfg(not(unix))]
pub(crate) fn close_standard() -> Result<(), Failure> {
    Ok(())
}

/// Standard error.
fn errors() -> Screen<impl Write> {
    let is_terminal = io::stderr().is_terminal();
    Screen::new(anstream::stderr().lock(), is_terminal)
}

impl<W: Write> Screen<W> {
    pub(crate) fn new(inner: W, is_terminal: bool) -> Self {
        Self {
            inner,
            is_terminal,
            begun: Vec::new(),
        }
    }

    /// Writes text in a style.
    pub(crate) fn styled(&mut self, style: Style, text: impl Display) -> io::Result<()> {
        write!(self.inner, "{style}")?;
        write!(self, "{text}")?;
        write!(self.inner, "{style:#}")
    }

    /// Writes a line in a style.
    pub(crate) fn styled_line(&mut self, style: Style, text: impl Display) -> io::Result<()> {
        self.styled(style, text)?;
        writeln!(self)
    }

    /// Writes all whole characters.
    fn write_text(&mut self, bytes: &[u8]) -> io::Result<()> {
        for chunk in bytes.utf8_chunks() {
            self.inner
                .write_all(escape::controls(chunk.valid()).as_bytes())?;
            if !chunk.invalid().is_empty() {
                self.inner.write_all("\u{fffd}".as_bytes())?;
            }
        }
        Ok(())
    }
}

impl<W: Write> Write for Screen<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_terminal {
            return self.inner.write(bytes);
        }
        self.begun.extend_from_slice(bytes);
        let text = std::mem::take(&mut self.begun);
        let whole = text.len() - unfinished(&text);
        let (text, begun) = text.split_at(whole);
        self.begun = begun.to_vec();
        self.write_text(text)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let begun = std::mem::take(&mut self.begun);
        self.write_text(&begun)?;
        self.inner.flush()
    }
}

/// How many bytes at the end are the begin of a character.
fn unfinished(bytes: &[u8]) -> usize {
    let Err(error) = std::str::from_utf8(bytes) else {
        return 0;
    };
    match error.error_len() {
        None => bytes.len() - error.valid_up_to(),
        Some(length) => bytes
            .get(error.valid_up_to() + length..)
            .map_or(0, unfinished),
    }
}

/// Says on standard error what went wrong, and why.
pub(crate) fn report(failure: &Failure) {
    // Nothing helps if even this cannot be written.
    let _ = write_error(&mut errors(), failure);
}

/// Says something on standard error that is not the result.
pub(crate) fn note(text: &str) {
    // As above.
    let _ = writeln!(errors(), "{}", OneLine(text));
}

/// Text on one line, whatever is in it.
pub(crate) struct OneLine<'text>(pub(crate) &'text str);

impl Display for OneLine<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&escape::one_line(self.0))
    }
}

fn write_error(output: &mut Screen<impl Write>, failure: &Failure) -> io::Result<()> {
    let error: &dyn Error = failure;
    output.styled(WRONG, "error")?;
    writeln!(output, ": {error}")?;
    let mut cause = error.source();
    while let Some(error) = cause {
        writeln!(output, "  because: {error}")?;
        cause = error.source();
    }
    if let Some(hint) = failure.help() {
        write!(output, "  ")?;
        output.styled(HELPFUL, "hint")?;
        writeln!(output, ": {hint}")?;
    }
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(is_terminal: bool, write: impl FnOnce(&mut Screen<&mut Vec<u8>>)) -> String {
        let mut bytes = Vec::new();
        let mut screen = Screen::new(&mut bytes, is_terminal);
        write(&mut screen);
        screen.flush().unwrap();
        drop(screen);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn only_styles_reach_a_terminal() {
        let shown = written(true, |screen| {
            screen.styled(STRONG, "a\u{1b}[0m").unwrap();
            writeln!(screen, "\u{9b}1m b").unwrap();
        });
        let (bold, plain) = (
            STRONG.render().to_string(),
            STRONG.render_reset().to_string(),
        );
        assert_eq!(shown, format!("{bold}a\\u001b[0m{plain}\\u009b1m b\n"));
        let piped = written(false, |screen| write!(screen, "\u{9b}1m b").unwrap());
        assert_eq!(
            piped, "\u{9b}1m b",
            "whoever reads a pipe wants the text itself"
        );
    }

    #[test]
    fn characters_may_come_in_pieces() {
        for text in ["日本\u{9b}", "é\u{202e}x", "😀"] {
            let shown = written(true, |screen| {
                for byte in text.bytes() {
                    screen.write_all(&[byte]).unwrap();
                }
            });
            assert_eq!(shown, escape::controls(text), "{text}");
        }
        let broken = written(true, |screen| screen.write_all(b"a\xffb\xe6").unwrap());
        assert_eq!(broken, "a\u{fffd}b\u{fffd}");
    }
}
