//! How fast queries are read, printed and split: `cargo bench -p ftrack-query`.

use std::fmt::Write;
use std::hint::black_box;

use divan::counter::BytesCount;
use divan::{Bencher, Divan};
use ftrack_query::{Query, Split};

fn main() {
    Divan::from_args().main();
}

/// About 120 characters, as a pipeline tool sends them.
const TYPICAL: &str = "select id, name, status.name from Task where project.id is \"0154901c-eaf9-11e5-b165-00505681ec7a\" and not timelogs any ()";

const SHORT: &str = "Project where status is active";

fn ids(count: usize) -> String {
    let mut text = String::from("select name from Task where id in (");
    for number in 0..count {
        let separator = if number == 0 { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(text, "{separator}{number:08x}-eaf9-11e5-b165-00505681ec7a");
    }
    text + ")"
}

fn conditions(count: usize) -> String {
    let condition = "(name is \"a\"and key is \"b\")";
    format!("Metadata where {}", vec![condition; count].join(" or "))
}

#[divan::bench]
fn parse_short(bencher: Bencher) {
    parse(bencher, SHORT);
}

#[divan::bench]
fn parse_typical(bencher: Bencher) {
    parse(bencher, TYPICAL);
}

#[divan::bench(args = [1_000, 10_000])]
fn parse_ids(bencher: Bencher, count: usize) {
    parse(bencher, &ids(count));
}

#[divan::bench(args = [100, 1_000])]
fn parse_conditions(bencher: Bencher, count: usize) {
    parse(bencher, &conditions(count));
}

#[divan::bench]
fn print_typical(bencher: Bencher) {
    let Ok(query) = Query::parse(TYPICAL) else {
        return;
    };
    bencher
        .counter(BytesCount::of_str(TYPICAL))
        .bench_local(|| black_box(&query).to_string());
}

#[divan::bench(args = [1, 1_000])]
fn split_ids(bencher: Bencher, count: usize) {
    let text = ids(count);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| Split::new(black_box(&text)));
}

fn parse(bencher: Bencher, text: &str) {
    assert!(
        Query::parse(text).is_ok(),
        "the query of the benchmark is wrong"
    );
    bencher
        .counter(BytesCount::of_str(text))
        .bench_local(|| Query::parse(black_box(text)));
}
