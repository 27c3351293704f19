//! Sequences of 100,000 frames.

#![allow(clippy::unwrap_used, reason = "benchmarks fail by panicking")]

use divan::Bencher;
use ftrack_location::sequence::{Sequence, assemble};

const RANGES: &str = "/mnt/projects/bunny/sq010/sh010/plates/v003/plate.%06d.exr [1001-101000]";

fn main() {
    divan::main();
}

/// A frame, a gap, a frame: as many ranges as frames.
fn gaps() -> String {
    let frames: Vec<String> = (0..100_000).map(|frame| (frame * 2).to_string()).collect();
    format!("plate.%06d.exr [{}]", frames.join(", "))
}

#[divan::bench]
fn parse() -> Sequence {
    divan::black_box(RANGES).parse().unwrap()
}

#[divan::bench]
fn parse_with_gaps(bencher: Bencher<'_, '_>) {
    let text = gaps();
    bencher.bench(|| text.parse::<Sequence>().unwrap());
}

#[divan::bench]
fn format_with_gaps(bencher: Bencher<'_, '_>) {
    let sequence: Sequence = gaps().parse().unwrap();
    bencher.bench(|| sequence.to_string());
}

#[divan::bench]
fn name_members(bencher: Bencher<'_, '_>) {
    let sequence: Sequence = RANGES.parse().unwrap();
    bencher.bench(|| sequence.members().map(|name| name.len()).sum::<usize>());
}

#[divan::bench]
fn assemble_a_folder(bencher: Bencher<'_, '_>) {
    let sequence: Sequence = RANGES.parse().unwrap();
    let names: Vec<String> = sequence.members().collect();
    bencher.bench(|| assemble(&names));
}
