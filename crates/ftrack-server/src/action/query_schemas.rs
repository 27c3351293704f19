//! `query_schemas`: all entity types.

use crate::engine::Engine;

pub(super) fn answer(engine: &Engine, out: &mut Vec<u8>) {
    out.extend_from_slice(engine.definitions().report.as_bytes());
}
