//! Measures.

fn main() {
    divan::main();
}
