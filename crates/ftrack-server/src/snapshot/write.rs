//! Writing snapshots.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::TYPE;
use crate::error::{Error, Result};
use crate::read::View;
use crate::store::RowRef;
use crate::value::{Value, write_text};

/// Writes everything to a file. The file is either complete or as it was before.
pub(crate) fn write(view: View<'_>, path: &Path) -> Result<()> {
    let error = |source| Error::SnapshotFile {
        path: path.to_owned(),
        source,
    };
    let file = PartialFile::new(path).map_err(error)?;
    file.write(view).map_err(error)
}

/// Says early when a file could not be written later.
pub(crate) fn check_target(path: &Path) -> Result<()> {
    let error = |source| Error::SnapshotFile {
        path: path.to_owned(),
        source,
    };
    if path.is_dir() {
        return Err(error(io::ErrorKind::IsADirectory.into()));
    }
    PartialFile::new(path).map(drop).map_err(error)
}

/// A file beside the one that is meant, which takes its place when it is complete and goes away otherwise.
struct PartialFile {
    file: File,
    path: PathBuf,
    target: PathBuf,
}

impl PartialFile {
    fn new(target: &Path) -> io::Result<Self> {
        let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let name = format!(
            ".{}.{}.partial",
            name.to_string_lossy(),
            uuid::Uuid::new_v4().simple()
        );
        let path = target.with_file_name(name);
        let file = File::create_new(&path)?;
        Ok(Self {
            file,
            path,
            target: target.to_owned(),
        })
    }

    fn write(self, view: View<'_>) -> io::Result<()> {
        let mut out = BufWriter::new(&self.file);
        write_rows(view, &mut out)?;
        write_custom_values(view, &mut out)?;
        out.flush()?;
        drop(out);
        self.file.sync_all()?;
        std::fs::rename(&self.path, &self.target)
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        // Nothing is there any more when it has taken its place.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn write_rows(view: View<'_>, out: &mut impl Write) -> io::Result<()> {
    let catalog = view.store.catalog();
    let mut line = Vec::new();
    for info in catalog.types() {
        let table = view.store.table(info.id);
        for values in table.rows().filter_map(|row| table.get(row)) {
            line.clear();
            start(&info.name, &mut line);
            for (slot, value) in values.iter().enumerate() {
                if let Some(attribute) = info.slot_attribute(slot) {
                    member(catalog.name(attribute.name), value, &mut line);
                }
            }
            end(&mut line);
            out.write_all(&line)?;
        }
    }
    Ok(())
}

fn write_custom_values(view: View<'_>, out: &mut impl Write) -> io::Result<()> {
    let store = view.store;
    let configurations = store.catalog().find("CustomAttributeConfiguration");
    let Some(configurations) = configurations.map(|info| info.id) else {
        return Ok(());
    };
    let mut values: Vec<_> = store.custom().iter().collect();
    values.sort_unstable_by_key(|(entity, configuration, _)| (*entity, *configuration));
    let mut line = Vec::new();
    for (entity, configuration, value) in values {
        let configuration = RowRef {
            type_id: configurations,
            row: configuration,
        };
        let Some(class) = view.entity_class(entity) else {
            continue;
        };
        // Values may outlive their configuration, but nobody can see them.
        if !store.contains(configuration) {
            continue;
        }
        let value_type = view.concrete_value_type(class, entity.type_id);
        line.clear();
        start(&store.catalog().get(value_type).name, &mut line);
        member("configuration_id", store.id(configuration), &mut line);
        member("entity_id", store.id(entity), &mut line);
        member("value", value, &mut line);
        end(&mut line);
        out.write_all(&line)?;
    }
    Ok(())
}

fn start(entity_type: &str, line: &mut Vec<u8>) {
    line.push(b'{');
    write_text(TYPE, line);
    line.push(b':');
    write_text(entity_type, line);
}

fn member(name: &str, value: &Value, line: &mut Vec<u8>) {
    line.push(b',');
    write_text(name, line);
    line.push(b':');
    value.write(line);
}

fn end(line: &mut Vec<u8>) {
    line.extend_from_slice(b"}\n");
}
