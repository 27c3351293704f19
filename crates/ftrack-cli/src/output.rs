//! Writing for people.

use std::error::Error;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::failure::Failure;

/// What stands out.
pub(crate) const STRONG: Style = Style::new().bold();

/// What stays in the background.
pub(crate) const FAINT: Style = Style::new().dimmed();

/// What went wrong.
const WRONG: Style = AnsiColor::Red.on_default().bold();

/// Standard output, with colours only on a terminal.
pub(crate) fn standard() -> impl Write {
    anstream::stdout().lock()
}

/// Says on standard error what went wrong, and why.
pub(crate) fn report(failure: &Failure) {
    let mut output = anstream::stderr().lock();
    // Nothing helps if even this cannot be written.
    let _ = write_error(&mut output, failure);
}

/// Says something on standard error that is not the result.
pub(crate) fn note(text: &str) {
    let mut output = anstream::stderr().lock();
    // As above.
    let _ = writeln!(output, "{text}");
}

fn write_error(output: &mut impl Write, error: &dyn Error) -> io::Result<()> {
    writeln!(output, "{WRONG}error{WRONG:#}: {error}")?;
    let mut cause = error.source();
    while let Some(error) = cause {
        writeln!(output, "  because: {error}")?;
        cause = error.source();
    }
    Ok(())
}
