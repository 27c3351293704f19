//! What must not be told to anybody.

use std::fmt::Write;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ftrack_event::{Event, HubOptions};
use parking_lot::Mutex;

use crate::server::{KEY, Server, hub};

type Lines = Arc<Mutex<String>>;

/// Collects what libraries log on their own.
struct Collector(OnceLock<Lines>);

static COLLECTOR: Collector = Collector(OnceLock::new());

impl log::Log for Collector {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        if let Some(lines) = self.0.get() {
            let _ = writeln!(lines.lock(), "{}: {}", record.target(), record.args());
        }
    }

    fn flush(&self) {}
}

/// Collects what goes through `tracing`.
struct Writer(Lines);

impl std::io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn no_log_and_no_error_holds_a_secret() {
    let lines: Lines = Arc::default();
    let _ = COLLECTOR.0.set(Arc::clone(&lines));
    log::set_logger(&COLLECTOR).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let writer = Arc::clone(&lines);
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || Writer(Arc::clone(&writer)))
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        let server = Server::start();
        let refusal = (401, format!("{{\"content\": \"the key {KEY} is wrong\"}}"));
        *server.shared.refusal.lock() = Some(refusal);
        let connection = server
            .connection()
            .header("x-studio", "hidden-1")
            .cookie("c", "hidden-2");
        let hub = hub(connection, HubOptions::new());
        let error = hub.connect().unwrap_err();
        let _ = writeln!(lines.lock(), "{error} {error:?} {hub:?}");
        *server.shared.refusal.lock() = None;
        hub.connect().unwrap();
        hub.subscribe("topic=a", |_| Ok(None)).unwrap();
        hub.publish(Event::new("a"))
            .unwrap()
            .wait(Duration::from_secs(5))
            .unwrap();
        hub.disconnect().unwrap();
    });
    let lines = lines.lock();
    assert!(lines.contains("connected to the event server"), "{lines}");
    for secret in [KEY, "hidden-1", "hidden-2", "sid-1"] {
        let found = lines.lines().find(|line| line.contains(secret));
        assert_eq!(found, None, "{secret}");
    }
}
