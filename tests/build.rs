//! Makes a function of each piece of code in the tables of `docs/migration.md`, and a module of each page of the book,
//! so that the tests compile what is written there.

#[path = "build/book.rs"]
mod book;

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

const PAGE: &str = "../docs/migration.md";

/// What code in the tables may begin with: the names that `tests/it/migration.rs` gives values to.
const NAMES: &str = include_str!("tests/it/migration/names.txt");

/// What is called on nothing.
const FUNCTIONS: [&str; 2] = ["attr", "field"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={PAGE}");
    println!("cargo::rerun-if-changed=tests/it/migration/names.txt");
    let page = fs::read_to_string(PAGE)?;
    let all: Vec<String> = NAMES.lines().map(|name| format!("mut {name}")).collect();
    let all = all.join(", ");
    let (mut written, mut compiled, mut omitted) = (String::new(), 0, 0);
    for (line, left, code) in pieces(&page) {
        let code = with_receiver(&left, &code);
        if !is_whole(&code) {
            continue;
        }
        let code = filled_in(&code);
        if without_texts(&code).contains('…') {
            omitted += 1;
            continue;
        }
        compiled += 1;
        let statement = statement(&code);
        writeln!(
            written,
            "// docs/migration.md:{line}\nfn piece_{compiled}(names: Names) -> Result<()> {{\n    \
             let Names {{ {all}}} = names;\n    {statement}\n    Ok(())\n}}"
        )?;
    }
    writeln!(written, "const COMPILED: usize = {compiled};")?;
    writeln!(written, "const OMITTED: usize = {omitted};")?;
    let folder = env::var("OUT_DIR")?;
    fs::write(Path::new(&folder).join("migration.rs"), written)?;
    book::write(Path::new(&folder))?;
    Ok(())
}

/// The code in the right column of each table, with the number of its line and what stands to the left of it.
fn pieces(page: &str) -> Vec<(usize, String, String)> {
    let mut pieces = Vec::new();
    let mut is_block = false;
    for (line, text) in (1..).zip(page.lines()) {
        is_block ^= text.starts_with("```");
        if is_block || !text.starts_with("| ") {
            continue;
        }
        // Bars inside of code are escaped.
        let text = text.replace("\\|", "\u{1}");
        let text = text.trim_matches(['|', ' ']);
        let Some((left, right)) = text.rsplit_once(" | ") else {
            continue;
        };
        let code = right.split('`').skip(1).step_by(2);
        let code = code.map(|code| code.replace('\u{1}', "|"));
        pieces.extend(code.map(|code| (line, left.to_owned(), code)));
    }
    pieces
}

/// The code with what it is called on, where that is left out: it is what the code on the left is called on.
fn with_receiver(left: &str, code: &str) -> String {
    let left = left.trim_start_matches('`');
    let builders = [
        ("Session(", "Session::builder()"),
        ("Event(", "Event::new(\"x\")"),
    ];
    if code.starts_with('.') {
        let made = builders.iter().find(|(made, _)| left.starts_with(made));
        return made.map_or(code.to_owned(), |(_, builder)| format!("{builder}{code}"));
    }
    let is_word = |found: &char| found.is_ascii_lowercase() || *found == '_';
    let receiver: String = left.chars().take_while(is_word).collect();
    let method: String = code.chars().take_while(is_word).collect();
    let is_called = code[method.len()..].starts_with('(') && !FUNCTIONS.contains(&method.as_str());
    if is_called && NAMES.lines().any(|name| name == receiver) {
        return format!("{receiver}.{code}");
    }
    code.to_owned()
}

/// Whether it is an expression or a statement, and not a name, a method or the end of a chain of calls.
fn is_whole(code: &str) -> bool {
    let first: String = code
        .chars()
        .take_while(|character| character.is_alphanumeric() || *character == '_')
        .collect();
    let rest = &code[first.len()..];
    if first == "let" || first == "for" {
        return true;
    }
    let is_call = rest.starts_with("::") && rest.contains('(') && !rest.contains("<T>");
    let is_macro = rest.starts_with('!') && rest.len() > 1;
    let is_name = NAMES.lines().any(|name| name == first);
    let is_function = FUNCTIONS.contains(&first.as_str());
    let is_method = rest.starts_with('.') && rest.contains('(');
    is_call
        || is_macro
        || is_function
        || is_path(code)
        || is_name && (is_method || rest.starts_with(" =="))
}

/// Whether it is the path of an item, such as a variant; methods cannot be imported.
fn is_path(code: &str) -> bool {
    let mut parts = code.rsplit("::");
    let is_word = |part: &str| {
        let mut characters = part.chars();
        !part.is_empty() && characters.all(|found| found.is_alphanumeric() || found == '_')
    };
    let starts_large = |part: &str| part.starts_with(char::is_uppercase);
    let (Some(last), Some(before)) = (parts.next(), parts.next()) else {
        return false;
    };
    code.split("::").all(is_word) && (starts_large(last) || !starts_large(before))
}

/// The code with values in the place of what the page leaves out.
fn filled_in(code: &str) -> String {
    code.replace("{ … }", "{}")
        .replace("{…}", "{}")
        .replace("{ …, ", "{ ")
        .replace("\": …", "\": \"x\"")
}

fn without_texts(code: &str) -> String {
    code.split('"').step_by(2).collect()
}

fn statement(code: &str) -> String {
    let code = code.trim_end_matches(';');
    if is_path(code) {
        return format!("use {code} as _;");
    }
    if code.starts_with("let ") {
        return format!("{code};");
    }
    if code.starts_with("for ") {
        let body = match code {
            code if code.ends_with('}') => "",
            code if code.ends_with('{') => "}",
            _ => " {}",
        };
        return format!("{code}{body}");
    }
    format!("let _ = {code};")
}
