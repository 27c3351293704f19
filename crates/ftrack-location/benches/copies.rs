//! Transfers from disk to disk, beside the system's own `cp`.

#![allow(clippy::unwrap_used, reason = "benchmarks fail by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;

use divan::Bencher;
use divan::counter::BytesCount;
use ftrack_location::DiskAccessor;
use ftrack_location::transfer::{TransferItem, TransferOptions, transfer};
use tempfile::TempDir;

const LARGE: usize = 256 * 1024 * 1024;
const FRAMES: usize = 1_000;
const FRAME: usize = 100_000;

fn main() {
    divan::main();
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn accessor(folder: &Path) -> DiskAccessor {
    DiskAccessor::new(folder.to_str().unwrap()).unwrap()
}

/// A folder with one large file, or with many frames.
fn source(files: usize, size: usize) -> (TempDir, Vec<TransferItem>) {
    let folder = folder();
    let content: Vec<u8> = (0..size).map(|byte| byte.to_le_bytes()[0]).collect();
    let items = (0..files)
        .map(|file| {
            let name = format!("frame.{file:04}.exr");
            fs::write(folder.path().join(&name), &content).unwrap();
            TransferItem::new(&name, format!("copies/{name}"))
        })
        .collect();
    (folder, items)
}

fn copy_ours(bencher: Bencher<'_, '_>, files: usize, size: usize, options: &TransferOptions) {
    let (from, items) = source(files, size);
    bencher
        .counter(BytesCount::new(files * size))
        .with_inputs(folder)
        .bench_refs(|to| {
            transfer(
                &accessor(from.path()),
                &accessor(to.path()),
                &items,
                options,
            )
            .unwrap()
        });
}

fn copy_cp(bencher: Bencher<'_, '_>, files: usize, size: usize) {
    let (from, _) = source(files, size);
    bencher
        .counter(BytesCount::new(files * size))
        .with_inputs(folder)
        .bench_refs(|to| {
            let target = to.path().join("copies");
            let status = Command::new("cp")
                .arg("-r")
                .arg(from.path())
                .arg(target)
                .status();
            assert!(status.unwrap().success());
        });
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn large_file(bencher: Bencher<'_, '_>) {
    copy_ours(bencher, 1, LARGE, &TransferOptions::new());
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn large_file_with_checksum(bencher: Bencher<'_, '_>) {
    copy_ours(bencher, 1, LARGE, &TransferOptions::new().checksum(true));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn large_file_by_cp(bencher: Bencher<'_, '_>) {
    copy_cp(bencher, 1, LARGE);
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn frames(bencher: Bencher<'_, '_>) {
    copy_ours(bencher, FRAMES, FRAME, &TransferOptions::new());
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn frames_one_by_one(bencher: Bencher<'_, '_>) {
    copy_ours(bencher, FRAMES, FRAME, &TransferOptions::new().parallel(1));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn frames_by_cp(bencher: Bencher<'_, '_>) {
    copy_cp(bencher, FRAMES, FRAME);
}
