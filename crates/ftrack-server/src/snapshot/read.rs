//! Reading snapshots.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};

use super::{SnapshotError, TYPE};
use crate::error::{Error, Result};
use crate::refusal::Refusal;
use crate::write::Batch;

/// A snapshot that is to be put into a store.
#[derive(Debug)]
pub(crate) struct Snapshot {
    path: PathBuf,
    bytes: Vec<u8>,
}

/// One line: the type of the entity, and everything that it says.
type Entity = (String, Map<String, Json>);

impl Snapshot {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|source| Error::SnapshotFile {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            bytes,
        })
    }

    /// The entities of one type, to be known before the others can be read.
    pub(crate) fn of_type(&self, wanted: &str) -> Result<Vec<Map<String, Json>>> {
        let mut found = Vec::new();
        for (number, line) in self.lines() {
            // Most lines need not be parsed to see that they are of another type.
            let may_be = line
                .windows(wanted.len())
                .any(|window| window == wanted.as_bytes());
            if may_be {
                let (entity_type, values) = self.parse(number, line)?;
                if entity_type == wanted {
                    found.push(values);
                }
            }
        }
        Ok(found)
    }

    /// Puts everything into the store of a batch.
    pub(crate) fn plant(&self, batch: &mut Batch<'_>) -> Result<()> {
        let (mut rows, mut numbers, mut custom) = (Vec::new(), Vec::new(), Vec::new());
        for (number, line) in self.lines() {
            let (entity_type, values) = self.parse(number, line)?;
            if is_custom_value(batch, &entity_type) {
                custom.push((number, values));
                continue;
            }
            let row = batch
                .restore(&entity_type, &values)
                .map_err(|refusal| self.refused(number, refusal))?;
            rows.push(row);
            numbers.push(number);
        }
        for (number, values) in &custom {
            batch
                .restore_custom(values)
                .map_err(|refusal| self.refused(*number, refusal))?;
        }
        batch.settle(&rows).map_err(|(position, refusal)| {
            let number = numbers.get(position).copied().unwrap_or_default();
            self.refused(number, refusal)
        })
    }

    /// The lines that are not empty, numbered from 1.
    fn lines(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let lines = self
            .bytes
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii);
        (1..).zip(lines).filter(|(_, line)| !line.is_empty())
    }

    fn parse(&self, number: usize, line: &[u8]) -> Result<Entity> {
        let mut values: Map<String, Json> = serde_json::from_slice(line)
            .map_err(|error| self.fault(number, SnapshotError::parse(&error)))?;
        match values.remove(TYPE) {
            Some(Json::String(entity_type)) => Ok((entity_type, values)),
            _ => Err(self.fault(number, SnapshotError::NoType)),
        }
    }

    fn refused(&self, line: usize, refusal: Refusal) -> Error {
        let reason = refusal.message;
        self.fault(line, SnapshotError::Refused { reason })
    }

    fn fault(&self, line: usize, source: SnapshotError) -> Error {
        Error::Snapshot {
            path: self.path.clone(),
            line,
            source,
        }
    }
}

fn is_custom_value(batch: &Batch<'_>, entity_type: &str) -> bool {
    let catalog = batch.view().store.catalog();
    let info = catalog.find(entity_type);
    info.is_some_and(|info| catalog.is_custom_value(info.id))
}
