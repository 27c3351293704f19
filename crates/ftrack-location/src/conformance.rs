//! Checks that an accessor behaves as an [`Accessor`] should; for the tests of people who write one.
//!
//! ```
//! use std::sync::Arc;
//!
//! use ftrack_location::{MemoryAccessor, conformance};
//!
//! conformance::run(|| Arc::new(MemoryAccessor::new()), &conformance::Options::new())?;
//! # Ok::<(), conformance::Failures>(())
//! ```

mod containers;
mod files;
mod moving;
mod support;

use std::fmt;
use std::sync::Arc;

use crate::accessor::Accessor;

/// What a storage can do, and how its resources are called: which cases are run.
///
/// ```
/// use ftrack_location::conformance::Options;
///
/// // A storage that knows neither containers nor what it has, and names everything by numbers.
/// let options = Options::new()
///     .containers(false)
///     .existence(false)
///     .names(|case| format!("{:08x}", case.bytes().fold(7_u32, |sum, byte| sum * 31 % 65_521 + u32::from(byte))));
/// # drop(options);
/// ```
#[derive(Clone)]
pub struct Options {
    containers: bool,
    existence: bool,
    name: Arc<dyn Fn(&str) -> String + Send + Sync>,
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl Options {
    /// A storage that can do everything, where any relative path is a resource identifier.
    pub fn new() -> Self {
        Self {
            containers: true,
            existence: true,
            name: Arc::new(str::to_owned),
        }
    }

    /// Whether there are containers, and identifiers are paths through them.
    pub fn containers(mut self, containers: bool) -> Self {
        self.containers = containers;
        self
    }

    /// Whether the storage says what exists.
    pub fn existence(mut self, existence: bool) -> Self {
        self.existence = existence;
        self
    }

    /// Makes the identifier of the resource that a case calls by the given name: for storages that name resources, or
    /// want to know of them before. Cases that use containers do not ask.
    pub fn names(mut self, name: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.name = Arc::new(name);
        self
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Options")
            .field("containers", &self.containers)
            .field("existence", &self.existence)
            .finish_non_exhaustive()
    }
}

/// The cases that an accessor failed, and how.
#[derive(Debug)]
pub struct Failures(Vec<(&'static str, String)>);

impl Failures {
    /// The failed cases: what is demanded, and what happened instead.
    pub fn cases(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(demand, outcome)| (*demand, outcome.as_str()))
    }
}

impl fmt::Display for Failures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} cases failed", self.0.len())?;
        for (demand, outcome) in &self.0 {
            write!(formatter, "\n{demand}: {outcome}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failures {}

/// Runs every case that `options` asks for, each with an accessor from `new_accessor` to a storage that is empty.
///
/// # Errors
///
/// Names every case that failed.
pub fn run(
    new_accessor: impl Fn() -> Arc<dyn Accessor>,
    options: &Options,
) -> Result<(), Failures> {
    let mut failures = Vec::new();
    let wanted = files::CASES
        .iter()
        .chain(files::EXISTENCE_CASES.iter().filter(|_| options.existence))
        .chain(moving::CASES.iter().filter(|_| options.existence))
        .chain(containers::CASES.iter().filter(|_| options.containers));
    for (demand, case) in wanted {
        let storage = Storage {
            accessor: &*new_accessor(),
            options,
        };
        if let Err(outcome) = case(storage) {
            failures.push((*demand, outcome));
        }
    }
    if failures.is_empty() {
        Ok(())
    } else {
        Err(Failures(failures))
    }
}

/// The storage that a case is run on.
#[derive(Clone, Copy)]
struct Storage<'run> {
    accessor: &'run dyn Accessor,
    options: &'run Options,
}

impl Storage<'_> {
    /// The identifier of the resource that a case calls `name`.
    fn name(self, name: &str) -> String {
        (self.options.name)(name)
    }
}

/// Says what happened instead.
type Outcome = Result<(), String>;
type Case = (&'static str, fn(Storage<'_>) -> Outcome);
