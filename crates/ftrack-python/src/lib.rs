//! The extension module below the Python package `ftrack_rust`.
//!
//! It gives Python the parts of the facade that have to be fast or need the engine: sessions, entities, query results,
//! the event hub, accessors. What users see, with the documented names, is Python code above it (`python/ftrack_rust`).
//!
//! Rules that hold everywhere here:
//!
//! - The interpreter's lock is released around every call that may wait for the network, a disk or another thread
//!   (`interrupt::wait`, `Python::detach`), and it is never taken while a lock of ours is held.
//! - What Python code raises when the engine calls it comes out of the call that led to it, where the engine lets it.
#![allow(
    unsafe_code,
    reason = "the macros of PyO3 expand to it; nothing in this crate is written as unsafe"
)]
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::missing_errors_doc,
    reason = "the reader of this interface is Python code, and its documentation is in `_engine.pyi`"
)]
#![allow(
    clippy::used_underscore_items,
    clippy::unnecessary_wraps,
    clippy::single_match_else,
    reason = "names with an underscore are private to Python, methods that answer alike are easier to read there, and \
              both ways of a match are said"
)]
#![allow(
    clippy::needless_pass_by_value,
    reason = "PyO3 hands over arguments by value"
)]

mod accessor;
mod cache;
mod effective;
mod entity;
mod error;
mod expression;
mod follow;
mod handle;
mod hub;
mod interrupt;
mod json;
mod known;
mod location;
mod objects;
mod operation;
mod options;
mod query;
mod records;
mod sequence;
mod session;
mod storage_scenario;
mod times;
mod trace;
mod types;
mod value;

use pyo3::prelude::*;

/// The engine below `ftrack_rust`.
#[pymodule(gil_used = true)]
fn _engine(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<handle::SessionCore>()?;
    module.add_class::<trace::TraceCore>()?;
    module.add_class::<handle::EntityHandle>()?;
    module.add_class::<query::QueryCore>()?;
    module.add_class::<hub::HubCore>()?;
    module.add_class::<accessor::NativeAccessor>()?;
    module.add_class::<accessor::Reader>()?;
    module.add_class::<accessor::Writer>()?;
    module.add_class::<location::NativeStructure>()?;
    module.add_class::<location::CancellationToken>()?;
    module.add_class::<location::UploadControlCore>()?;
    module.add_class::<follow::FollowCore>()?;
    module.add_class::<follow::DeadLettersCore>()?;
    add_functions(module)
}

fn add_functions(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(accessor::transfer, module)?)?;
    module.add_function(wrap_pyfunction!(
        effective::effective_custom_attributes,
        module
    )?)?;
    module.add_function(wrap_pyfunction!(expression::parse_expression, module)?)?;
    module.add_function(wrap_pyfunction!(location::add_components, module)?)?;
    module.add_function(wrap_pyfunction!(location::configure_location, module)?)?;
    module.add_function(wrap_pyfunction!(location::download_component, module)?)?;
    module.add_function(wrap_pyfunction!(location::drop_frames, module)?)?;
    module.add_function(wrap_pyfunction!(location::ensure_location, module)?)?;
    module.add_function(wrap_pyfunction!(location::mend_component, module)?)?;
    module.add_function(wrap_pyfunction!(location::remove_components, module)?)?;
    module.add_function(wrap_pyfunction!(location::resource_identifiers, module)?)?;
    module.add_function(wrap_pyfunction!(location::sync_location, module)?)?;
    module.add_function(wrap_pyfunction!(location::verify_location, module)?)?;
    module.add_function(wrap_pyfunction!(sequence::assemble_sequences, module)?)?;
    module.add_function(wrap_pyfunction!(sequence::find_sequences, module)?)?;
    module.add_function(wrap_pyfunction!(sequence::parse_sequence, module)?)?;
    module.add_function(wrap_pyfunction!(sequence::write_sequence, module)?)?;
    module.add_function(wrap_pyfunction!(storage_scenario::storage_form, module)?)?;
    module.add_function(wrap_pyfunction!(
        storage_scenario::storage_description,
        module
    )?)?;
    module.add_function(wrap_pyfunction!(storage_scenario::storage_problem, module)?)?;
    Ok(())
}
