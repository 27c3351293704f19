//! A unit of work: what is loaded, created, changed and committed.

mod accept;
mod commit;
mod create;
mod ensure;
mod inverse;
mod load;
mod merge;
mod plan;
mod refusal;

pub use self::commit::Committed;
pub use self::inverse::Inverse;
pub use self::merge::{EntityChange, ValueSide};
pub use self::plan::{Plan, PlannedAction, PlannedChange, PlannedValue};
