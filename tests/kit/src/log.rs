//! Logs that a test can read.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::Level;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

/// Keeps what is logged, by `tracing` and by `log`. Clones keep it together.
#[derive(Clone, Default)]
pub struct Log(Arc<Kept>);

#[derive(Default)]
struct Kept {
    text: Mutex<String>,
    is_kept: Option<Box<Filter>>,
}

type Filter = dyn Fn(&str) -> bool + Send + Sync;

impl fmt::Debug for Log {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text())
    }
}

impl Log {
    /// A log that keeps everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// A log that keeps lines of which `is_kept` says so, for tests that log very much.
    pub fn with_filter(is_kept: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(Kept {
            text: Mutex::default(),
            is_kept: Some(Box::new(is_kept)),
        }))
    }

    /// What was logged until now.
    pub fn text(&self) -> String {
        let text = self.0.text.lock();
        text.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The lines that have all of these in them.
    pub fn lines_with(&self, words: &[&str]) -> Vec<String> {
        let text = self.text();
        let lines = text
            .lines()
            .filter(|line| words.iter().all(|word| line.contains(word)));
        lines.map(str::to_owned).collect()
    }

    /// Keeps what `tracing` is told on this thread, up to a level, as long as the answer lives.
    pub fn on_this_thread(&self, level: Level) -> DefaultGuard {
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_ansi(false)
            .with_writer(self.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    /// Keeps all that `tracing` is told on this thread, with the beginnings and ends of spans, as long as the answer
    /// lives.
    pub fn all_on_this_thread(&self) -> DefaultGuard {
        tracing::subscriber::set_default(self.of_everything())
    }

    /// Keeps all that `tracing` and `log` are told in this process from now on. One test of a process may do this.
    pub fn all_of_this_process(&self) {
        tracing::subscriber::set_global_default(self.of_everything()).unwrap();
        self.all_of_log();
    }

    /// Keeps all that `log` is told in this process from now on. One test of a process may do this.
    pub fn all_of_log(&self) {
        log::set_boxed_logger(Box::new(self.clone())).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
    }

    fn of_everything(&self) -> impl tracing::Subscriber + Send + Sync + use<> {
        tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_span_events(FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(self.clone())
            .finish()
    }

    /// Keeps a text as if it had been logged.
    pub fn note(&self, text: &str) {
        if self.0.is_kept.as_ref().is_none_or(|is_kept| is_kept(text)) {
            let kept = self.0.text.lock();
            let mut kept = kept.unwrap_or_else(PoisonError::into_inner);
            kept.push_str(text);
            if !text.ends_with('\n') {
                kept.push('\n');
            }
        }
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.note(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        self.note(&format!("log {} {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}
