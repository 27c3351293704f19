//! Files that one client publishes and the other finds. `conformance/files/exchange.py` is the other half.

mod plan;
mod record;

pub use self::plan::{Item, LocationPlan, Plan, SOURCES, Structure};
pub use self::record::{Record, check, publish};

/// Any error.
pub type BoxError = Box<dyn std::error::Error>;
