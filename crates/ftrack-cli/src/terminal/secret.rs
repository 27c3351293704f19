//! Asking for what nobody shall see.

#[cfg(unix)]
pub(crate) use terminal::ask;

/// Asks on the terminal of this process; what is typed is not shown.
#[cfg(not(unix))]
pub(crate) fn ask(question: &str) -> Result<String, crate::failure::Failure> {
    rpassword::prompt_password(question).map_err(crate::failure::Failure::Input)
}

/// The libraries for this ask first and hide afterwards, so that a program that answers at once is shown, and leave a
/// terminal that hides everything behind when they are interrupted.
#[cfg(unix)]
mod terminal {
    use std::fs::File;
    use std::io::{BufRead, BufReader, Write};
    use std::sync::{Mutex, PoisonError};

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    use crate::failure::{Failure, INTERRUPTED};

    /// The terminal that hides what is typed, and how it was before.
    static HIDING: Mutex<Option<(File, Termios)>> = Mutex::new(None);

    /// Asks on the terminal of this process; what is typed is not shown, not even what is typed before the question
    /// stands there. A signal ends the process, with the terminal as it was.
    pub(crate) fn ask(question: &str) -> Result<String, Failure> {
        ctrlc::set_handler(|| {
            show_again();
            std::process::exit(i32::from(INTERRUPTED));
        })?;
        let mut terminal = File::options()
            .read(true)
            .write(true)
            .open("/dev/tty")
            .map_err(Failure::Input)?;
        hide(&terminal).map_err(Failure::Input)?;
        let line = terminal
            .write_all(question.as_bytes())
            .and_then(|()| read_line(&terminal));
        show_again();
        line.map_err(Failure::Input)
    }

    fn read_line(terminal: &File) -> std::io::Result<String> {
        let mut line = String::new();
        BufReader::new(terminal).read_line(&mut line)?;
        Ok(line)
    }

    fn hide(terminal: &File) -> std::io::Result<()> {
        let before = tcgetattr(terminal)?;
        let mut hiding = before.clone();
        hiding.local_modes.remove(LocalModes::ECHO);
        // The end of the line is shown, so that what is said next stands on a line of its own.
        hiding.local_modes.insert(LocalModes::ECHONL);
        *HIDING.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((terminal.try_clone()?, before));
        tcsetattr(terminal, OptionalActions::Now, &hiding)?;
        Ok(())
    }

    fn show_again() {
        let hiding = HIDING.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((terminal, before)) = hiding {
            // A terminal that has gone has nothing to show.
            let _ = tcsetattr(&terminal, OptionalActions::Now, &before);
        }
    }
}
