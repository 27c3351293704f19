//! What linking the extension module takes.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // The interpreter brings the symbols of Python along. The linker of macOS has to be told not to look for them,
    // which maturin does, and `cargo build --workspace` has to do as well.
    if std::env::var_os("CARGO_CFG_TARGET_OS").is_some_and(|system| system == "macos") {
        println!("cargo:rustc-cdylib-link-arg=-undefined");
        println!("cargo:rustc-cdylib-link-arg=dynamic_lookup");
    }
}
