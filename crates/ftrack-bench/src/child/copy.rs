//! One file of 1 GiB from a folder into the same folder.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use ftrack_location::transfer::{TransferItem, TransferOptions, transfer};
use ftrack_location::{Accessor, CreateOptions, DiskAccessor};

use super::sample::measure;
use super::{Arguments, Outcome};

const CHUNK: usize = 1024 * 1024;

pub(super) fn run(arguments: &Arguments) -> Outcome {
    folder(&arguments.work, "disk")?;
    match &arguments.work_ram {
        Some(memory) => folder(memory, "tmpfs"),
        None => Ok(()),
    }
}

fn folder(folder: &Path, label: &str) -> Outcome {
    let prefix = folder.to_str().ok_or("the folder is not Unicode")?;
    let accessor = DiskAccessor::new(prefix)?;
    copied(folder, &format!("B9.copy1g.{label}"), || {
        by_chunks(&accessor)
    })?;
    // Ours alone: the system copies.
    copied(folder, &format!("B9.copy1g.transfer.{label}"), || {
        let item = [TransferItem::new("big.bin", "big.copy")];
        transfer(&accessor, &accessor, &item, &TransferOptions::new())?;
        Ok(())
    })
}

fn copied(folder: &Path, scenario: &str, copy: impl FnOnce() -> Outcome) -> Outcome {
    let size = fs::metadata(folder.join("big.bin"))?.len();
    let target = folder.join("big.copy");
    if target.exists() {
        fs::remove_file(&target)?;
    }
    let ((), sample) = measure(None, copy)?;
    if fs::metadata(&target)?.len() != size {
        return Err("the copy is not whole".into());
    }
    fs::remove_file(&target)?;
    sample.print(scenario, usize::try_from(size)?, None)
}

/// As a program would that knows nothing of transfers.
fn by_chunks(accessor: &dyn Accessor) -> Outcome {
    let mut source = accessor.open("big.bin")?;
    let mut target = accessor.create("big.copy", &CreateOptions::new())?;
    let mut buffer = vec![0; CHUNK];
    loop {
        let count = source.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        target.write_all(&buffer[..count])?;
    }
    Ok(target.finish()?)
}
