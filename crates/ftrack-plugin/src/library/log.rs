//! What a library logs, told to the program.
//!
//! The library has a `tracing` of its own, which nobody listens to. So it gets a subscriber that hands on what is
//! logged. Spans are not handed on.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use ftrack_plugin_abi::message::ToHost;
use parking_lot::RwLock;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::HostLink;

/// The programs' sessions that the library is registered with. What is logged goes to the last of them.
static HOSTS: RwLock<Vec<Weak<HostLink>>> = RwLock::new(Vec::new());

/// From now on hands on what the library logs, up to this level.
pub(super) fn forward(host: &Arc<HostLink>, level: &str) {
    let mut hosts = HOSTS.write();
    hosts.retain(|known| known.strong_count() > 0);
    hosts.push(Arc::downgrade(host));
    drop(hosts);
    let forwarder = Forwarder {
        level: level.parse().unwrap_or(LevelFilter::INFO),
        spans: AtomicU64::new(1),
    };
    // The plugin may have chosen a subscriber of its own, or we have been here before.
    let _ = tracing::subscriber::set_global_default(forwarder);
}

struct Forwarder {
    level: LevelFilter,
    spans: AtomicU64,
}

impl Subscriber for Forwarder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= self.level
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed))
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let hosts = HOSTS.read();
        let host = hosts.iter().rev().find_map(Weak::upgrade);
        drop(hosts);
        let Some(host) = host else {
            return;
        };
        let mut fields = Fields::default();
        event.record(&mut fields);
        let metadata = event.metadata();
        // There is nobody to tell that it could not be told.
        let _ = host.ask::<()>(&ToHost::Log {
            level: metadata.level().to_string(),
            origin: metadata.target().to_owned(),
            message: fields.message,
            fields: fields.others,
        });
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The fields of something logged.
#[derive(Default)]
struct Fields {
    message: String,
    others: Map<String, Value>,
}

impl Fields {
    fn set(&mut self, field: &Field, value: Value) {
        self.others.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        } else {
            self.set(field, value.into());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        } else {
            self.set(field, format!("{value:?}").into());
        }
    }
}
