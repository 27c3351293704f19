//! Telling how far a copy is.

use std::fmt::{self, Write};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ftrack::SyncProgress;
use ftrack::location::transfer::{CancellationToken, Progress, TransferOptions};
use ftrack::{UploadControl, UploadOptions, UploadStatus};
use indicatif::{HumanBytes, HumanDuration, ProgressBar, ProgressState, ProgressStyle};

use crate::terminal::output;

/// What a copy shows on standard error: a line that says what is copied, and on a terminal a bar below it.
pub(crate) struct Display {
    bar: ProgressBar,
    /// Whether nothing but the result is wanted.
    quiet: bool,
}

/// How often a line tells how far an upload is, where there is no terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(60);

impl Display {
    /// Starts to show a copy. `quiet` is for scripts, which read JSON and want nothing else.
    pub(crate) fn start(what: &str, quiet: bool) -> Self {
        let is_shown = !quiet && std::io::stderr().is_terminal();
        if !quiet {
            output::note(what);
        }
        let bar = if is_shown {
            ProgressBar::no_length()
        } else {
            ProgressBar::hidden()
        };
        bar.set_style(style());
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, quiet }
    }

    /// Shows how far bringing files to a location is.
    pub(crate) fn teller(&self) -> impl Fn(&SyncProgress) + Send + Sync + 'static {
        let bar = self.bar.clone();
        move |progress| {
            bar.set_position(progress.bytes);
            bar.set_prefix(format!("{}/{}", progress.files, progress.wanted));
        }
    }

    /// Options for a transfer that is shown here and ends when the token says so.
    pub(crate) fn options(&self, cancellation: &CancellationToken) -> TransferOptions {
        let bar = self.bar.clone();
        TransferOptions::from_env()
            .cancellation(cancellation.clone())
            .progress(move |progress| show(&bar, progress))
    }

    /// The same for an upload, which is shown with what it takes still, and says what is worth saying.
    pub(crate) fn upload_options(
        &self,
        cancellation: &CancellationToken,
        control: &UploadControl,
        options: UploadOptions,
    ) -> (TransferOptions, UploadOptions) {
        self.bar.set_style(upload_style(control));
        let (bar, quiet) = (self.bar.clone(), self.quiet);
        let notes = options.control(control.clone()).notice(move |notice| {
            if !quiet {
                bar.suspend(|| output::note(&notice.to_string()));
            }
        });
        let transfer = self.options(cancellation);
        if self.quiet || !self.bar.is_hidden() {
            return (transfer, notes);
        }
        let (control, last) = (control.clone(), Mutex::new(Instant::now()));
        let transfer = transfer.progress(move |_| {
            let Ok(mut last) = last.lock() else { return };
            if last.elapsed() >= LINE_INTERVAL {
                *last = Instant::now();
                output::note(&line(&control.status()));
            }
        });
        (transfer, notes)
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

/// How far an upload is, for logs.
fn line(status: &UploadStatus) -> String {
    let done = status.sent_bytes.saturating_add(status.resumed_bytes);
    let mut line = format!("{} of {}", bytes(done), bytes(status.total_bytes));
    // Writing to a String does not fail.
    let _ = write_speed(&mut line, ", ", status);
    let _ = write_remaining(&mut line, ", ", status);
    line
}

fn write_speed(out: &mut dyn Write, before: &str, status: &UploadStatus) -> fmt::Result {
    match status.bytes_per_second {
        _ if status.paused => write!(out, "{before}paused"),
        Some(speed) => write!(out, "{before}{}/s", HumanBytes(speed)),
        None => Ok(()),
    }
}

fn write_remaining(out: &mut dyn Write, before: &str, status: &UploadStatus) -> fmt::Result {
    match status.remaining {
        Some(remaining) => write!(out, "{before}{} left", HumanDuration(remaining)),
        None => Ok(()),
    }
}

/// What was on the server before says nothing of the line's speed, so that is asked of the upload.
fn upload_style(control: &UploadControl) -> ProgressStyle {
    let (speed, remaining) = (control.clone(), control.clone());
    let style = ProgressStyle::with_template(UPLOAD_TEMPLATE);
    style
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("speed", move |_: &ProgressState, out: &mut dyn Write| {
            let _ = write_speed(out, "", &speed.status());
        })
        .with_key("left", move |_: &ProgressState, out: &mut dyn Write| {
            let _ = write_remaining(out, "", &remaining.status());
        })
}

const UPLOAD_TEMPLATE: &str = "{wide_bar} {prefix} files  {bytes}/{total_bytes}  {speed}  {left}";

const TEMPLATE: &str =
    "{wide_bar} {prefix} files  {bytes}/{total_bytes}  {binary_bytes_per_sec}  {eta}";

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
        assert!(ProgressStyle::with_template(UPLOAD_TEMPLATE).is_ok());
    }

    #[test]
    fn a_line_tells_how_far_an_upload_is_and_how_long_it_takes() {
        let mut status = UploadStatus::default();
        status.sent_bytes = 1 << 30;
        status.resumed_bytes = 3 << 30;
        status.total_bytes = 8 << 30;
        assert_eq!(line(&status), "4.00 GiB of 8.00 GiB");
        status.bytes_per_second = Some(10 << 20);
        status.remaining = Some(Duration::from_secs(420));
        assert_eq!(
            line(&status),
            "4.00 GiB of 8.00 GiB, 10.00 MiB/s, 7 minutes left"
        );
        status.paused = true;
        status.remaining = None;
        assert_eq!(line(&status), "4.00 GiB of 8.00 GiB, paused");
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
