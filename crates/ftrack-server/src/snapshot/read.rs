//! Reading snapshots.

use std::path::{Path, PathBuf};
use std::sync::mpsc;

use serde_json::{Map, Value as Json};

use super::TYPE;
use crate::catalog::Catalog;
use crate::error::{Error, Result, SnapshotError};
use crate::request_error::RequestError;
use crate::write::{Batch, Decoder, RestorableRow, Restored};

/// How many lines are parsed together, and how many such pieces may wait to be put into the store.
const LINES_OF_A_PIECE: usize = 1024;
const PIECES: usize = 4;

/// A snapshot that is to be put into a store.
#[derive(Debug)]
pub(crate) struct Snapshot {
    path: PathBuf,
    bytes: Vec<u8>,
}

/// What one line says.
enum Line {
    Row(RestorableRow),
    /// The value of a custom attribute.
    Custom(Map<String, Json>),
}

/// What lines say that follow each other, with their numbers.
type Piece = Vec<(usize, Result<Line>)>;

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
        let finder = memchr::memmem::Finder::new(wanted);
        for (number, line) in self.lines() {
            // Most lines need not be parsed to see that they are of another type.
            if finder.find(line).is_some() {
                let (entity_type, values) = self.parse(number, line)?;
                if entity_type == wanted {
                    found.push(values);
                }
            }
        }
        Ok(found)
    }

    /// Puts everything into the store of a batch.
    pub(crate) fn seed(&self, batch: &mut Batch<'_>) -> Result<()> {
        let (mut restored, mut numbers, mut custom) = (Restored::default(), Vec::new(), Vec::new());
        let catalog = batch.transaction().store().shared_catalog();
        self.for_each(&catalog, |number, line| match line {
            Line::Custom(values) => {
                custom.push((number, values));
                Ok(())
            }
            Line::Row(row) => {
                numbers.push(number);
                batch
                    .restore(row, &mut restored)
                    .map_err(|error| self.refused(number, error))
            }
        })?;
        batch.all_restored();
        for (number, values) in &custom {
            batch
                .restore_custom(values)
                .map_err(|error| self.refused(*number, error))?;
        }
        batch.settle(&restored).map_err(|(position, error)| {
            let number = numbers.get(position).copied().unwrap_or_default();
            self.refused(number, error)
        })
    }

    /// Does something with what each line says, in order, while another thread reads those that follow.
    fn for_each(
        &self,
        catalog: &Catalog,
        mut each: impl FnMut(usize, Line) -> Result<()>,
    ) -> Result<()> {
        std::thread::scope(|scope| {
            let (sender, pieces) = mpsc::sync_channel(PIECES);
            scope.spawn(move || {
                let mut lines = self.lines().peekable();
                while lines.peek().is_some() {
                    let of_piece = lines.by_ref().take(LINES_OF_A_PIECE);
                    let piece =
                        of_piece.map(|(number, line)| (number, self.line(catalog, number, line)));
                    // Nobody wants it any more after an error.
                    if sender.send(piece.collect::<Piece>()).is_err() {
                        return;
                    }
                }
            });
            for (number, line) in pieces.into_iter().flatten() {
                each(number, line?)?;
            }
            Ok(())
        })
    }

    fn line(&self, catalog: &Catalog, number: usize, line: &[u8]) -> Result<Line> {
        let (entity_type, values) = self.parse(number, line)?;
        let info = catalog.find(&entity_type);
        if info.is_some_and(|info| catalog.is_custom_value(info.id)) {
            return Ok(Line::Custom(values));
        }
        let row = Decoder::new(catalog).restorable(&entity_type, &values);
        row.map(Line::Row)
            .map_err(|error| self.refused(number, error))
    }

    /// The lines that are not empty, numbered from 1.
    fn lines(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let lines = self
            .bytes
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii);
        (1..).zip(lines).filter(|(_, line)| !line.is_empty())
    }

    /// The type of an entity, and everything that its line says.
    fn parse(&self, number: usize, line: &[u8]) -> Result<(String, Map<String, Json>)> {
        let mut values: Map<String, Json> = serde_json::from_slice(line)
            .map_err(|error| self.file_error(number, SnapshotError::parse(&error)))?;
        match values.remove(TYPE) {
            Some(Json::String(entity_type)) => Ok((entity_type, values)),
            _ => Err(self.file_error(number, SnapshotError::NoType)),
        }
    }

    fn refused(&self, line: usize, error: RequestError) -> Error {
        let reason = error.message;
        self.file_error(line, SnapshotError::Refused { reason })
    }

    fn file_error(&self, line: usize, source: SnapshotError) -> Error {
        Error::Snapshot {
            path: self.path.clone(),
            line,
            source,
        }
    }
}
