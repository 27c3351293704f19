//! Telling how far a copy is.

use std::io::IsTerminal;
use std::time::Duration;

use ftrack::location::transfer::{CancellationToken, Progress, TransferOptions};
use indicatif::{ProgressBar, ProgressStyle};

use crate::output;

/// What a copy shows on standard error: a bar on a terminal, else one line that says what is copied.
pub(crate) struct Display {
    bar: ProgressBar,
}

impl Display {
    /// Starts to show a copy. `quiet` is for scripts, which read JSON and want nothing else.
    pub(crate) fn start(what: &str, quiet: bool) -> Self {
        let is_shown = !quiet && std::io::stderr().is_terminal();
        if !quiet && !is_shown {
            output::note(what);
        }
        let bar = if is_shown {
            ProgressBar::no_length()
        } else {
            ProgressBar::hidden()
        };
        bar.set_style(style());
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar }
    }

    /// Options for a transfer that is shown here and ends when the token says so.
    pub(crate) fn options(&self, cancellation: &CancellationToken) -> TransferOptions {
        let bar = self.bar.clone();
        TransferOptions::from_env()
            .cancellation(cancellation.clone())
            .progress(move |progress| show(&bar, progress))
    }
}

/// Nothing of the bar stays on the terminal.
impl Drop for Display {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn show(bar: &ProgressBar, progress: &Progress) {
    if let Some(total) = progress.total_bytes {
        bar.set_length(total);
    }
    bar.set_position(progress.bytes);
    bar.set_prefix(format!("{}/{}", progress.files, progress.total_files));
}

/// Two lines, so that the bar has room on narrow terminals.
const TEMPLATE: &str =
    "{msg}\n{wide_bar} {prefix} files  {bytes}/{total_bytes}  {binary_bytes_per_sec}  {eta}";

fn style() -> ProgressStyle {
    ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Bytes for people.
pub(crate) fn bytes(count: u64) -> String {
    indicatif::HumanBytes(count).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_one() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }

    #[test]
    fn a_bar_follows_what_the_transfer_tells() {
        let target = indicatif::ProgressDrawTarget::hidden();
        let bar = ProgressBar::with_draw_target(None, target);
        let mut progress = Progress::default();
        progress.bytes = 5;
        progress.total_bytes = Some(20);
        show(&bar, &progress);
        assert_eq!((bar.position(), bar.length()), (5, Some(20)));
        assert_eq!(bytes(2048), "2.00 KiB");
    }
}
