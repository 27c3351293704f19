//! The files of a crate, and which imports which.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::source::{Named, Source};
use super::table::Floors;
use crate::Outcome;

/// The path of a module from the root of the crate; the root itself has none.
type Module = Vec<String>;

/// The files of a crate.
pub(super) struct Crate {
    modules: BTreeMap<Module, File>,
}

struct File {
    source: Source,
    lines: usize,
    /// Whether it is `name/mod.rs` or `lib.rs` rather than `name.rs`.
    path: String,
}

/// An import of one module by another.
#[derive(Debug, Clone)]
pub(super) struct Import {
    pub(super) from: Module,
    pub(super) to: Module,
    pub(super) line: usize,
    /// As it is written.
    pub(super) path: String,
    file: String,
    /// The same by the module where it lives, if it is written by the root.
    direct: Option<String>,
}

impl Import {
    pub(super) fn file(&self, krate: &str) -> String {
        format!("crates/{krate}/src/{}", self.file)
    }
}

impl Crate {
    /// Reads the sources in this folder.
    pub(super) fn load(folder: &Path) -> Outcome<Self> {
        let mut files = Vec::new();
        collect(folder, "", &mut files)?;
        let files = files.iter().map(|(path, text)| (&**path, &**text));
        Ok(Self::from_files(&files.collect::<Vec<_>>()))
    }

    /// A crate of these files: paths and texts.
    pub(super) fn from_files(files: &[(&str, &str)]) -> Self {
        let modules = files.iter().filter_map(|(path, text)| {
            let file = File {
                source: Source::read(text),
                lines: text.lines().count(),
                path: (*path).to_owned(),
            };
            Some((module(path)?, file))
        });
        Self {
            modules: modules.collect(),
        }
    }

    /// How many lines there are in the top modules that `is_below` accepts.
    pub(super) fn lines_below(&self, is_below: impl Fn(&str) -> bool) -> usize {
        let below = self
            .modules
            .iter()
            .filter(|(module, _)| module.first().is_some_and(|top| is_below(top)));
        below.map(|(_, file)| file.lines).sum()
    }

    /// The modules that are directly below the root.
    pub(super) fn top_modules(&self) -> BTreeSet<String> {
        let tops = self.modules.keys().filter_map(|module| module.first());
        tops.cloned().collect()
    }

    /// All imports, but for those of the root, which imports everything.
    pub(super) fn imports(&self) -> Vec<Import> {
        let mut imports = Vec::new();
        for (module, file) in &self.modules {
            for named in &file.source.paths {
                let is_root = module.is_empty();
                if !is_root && let Some(import) = self.import(module, file, named) {
                    imports.push(import);
                }
            }
        }
        imports
    }

    /// Imports that name something of the crate by the root.
    pub(super) fn roundabout(&self, krate: &str) -> Vec<String> {
        let roundabout = |import: &Import| {
            let direct = import.direct.as_ref()?;
            Some(format!(
                "{}:{}: {} goes through lib.rs: name the module, {direct}",
                import.file(krate),
                import.line,
                import.path
            ))
        };
        self.imports().iter().filter_map(roundabout).collect()
    }

    fn import(&self, module: &Module, file: &File, named: &Named) -> Option<Import> {
        let (absolute, given) = self.absolute_in(module, file, named)?;
        let (to, is_root) = self.resolve(&absolute, 8)?;
        let name = absolute.last().cloned().unwrap_or_default();
        let is_macro = self
            .modules
            .values()
            .any(|file| file.source.macros.contains(&name));
        let direct = (is_root && !is_macro && absolute.len() == 1).then(|| match &to {
            Place::Module(to) if to.is_empty() => "once it lives in one".to_owned(),
            Place::Module(to) => format!("crate::{}::{name}", to.join("::")),
            Place::Elsewhere(path) => path.clone(),
        });
        let to = match to {
            Place::Module(to) => to,
            Place::Elsewhere(_) => Module::new(),
        };
        // What the `use` declaration imports is not said once more for each place that uses it.
        let is_known = given.is_some_and(|given| given == to);
        (to != *module && !is_known).then(|| Import {
            from: module.clone(),
            to,
            line: named.line,
            path: named.segments.join("::"),
            file: file.path.clone(),
            direct,
        })
    }

    /// The path from the root of the crate, and the module that its first word stands for if a `use` declaration of the
    /// file gives it that name; `None` for paths of other crates.
    fn absolute_in(
        &self,
        module: &Module,
        file: &File,
        named: &Named,
    ) -> Option<(Module, Option<Module>)> {
        if let Some(absolute) = self.absolute(module, &named.segments) {
            return Some((absolute, None));
        }
        let (first, rest) = named.segments.split_first()?;
        let mut declarations = file.source.paths.iter();
        let declared = declarations.find(|declared| declared.alias.as_ref() == Some(first))?;
        let given = self.absolute(module, &declared.segments)?;
        self.modules.contains_key(&given).then(|| {
            let absolute = given.iter().chain(rest).cloned().collect();
            (absolute, Some(given))
        })
    }

    /// The path from the root of the crate; `None` for those of other crates, and for those that begin with a name from
    /// elsewhere.
    fn absolute(&self, module: &Module, segments: &[String]) -> Option<Module> {
        absolute(module, segments).or_else(|| {
            let mut path = module.clone();
            path.push(segments.first()?.clone());
            let is_child = self.modules.contains_key(&path);
            path.extend(segments[1..].iter().cloned());
            is_child.then_some(path)
        })
    }

    /// Where the thing at this path lives, and whether the path is one of the root itself. Follows what modules hand
    /// on.
    fn resolve(&self, absolute: &[String], depth: usize) -> Option<(Place, bool)> {
        let longest = (0..=absolute.len())
            .rev()
            .find(|length| self.modules.contains_key(&absolute[..*length]))?;
        let module = absolute[..longest].to_vec();
        let is_root = longest == 0;
        if depth > 0
            && let Some(name) = absolute.get(longest)
            && let Some(file) = self.modules.get(&module)
        {
            let handed_on = |named: &&Named| named.alias.as_ref() == Some(name);
            if let Some(named) = file.source.paths.iter().find(handed_on) {
                return match self.absolute(&module, &named.segments) {
                    Some(next) if next != absolute => {
                        let (place, _) = self.resolve(&next, depth - 1)?;
                        Some((place, is_root))
                    }
                    _ if is_root => Some((Place::Elsewhere(named.segments.join("::")), true)),
                    _ => Some((Place::Module(module), false)),
                };
            }
            if is_root {
                let written = self
                    .modules
                    .iter()
                    .find(|(_, file)| file.source.macros.contains(name));
                if let Some((module, _)) = written {
                    return Some((Place::Module(module.clone()), true));
                }
            }
        }
        Some((Place::Module(module), is_root))
    }

    /// Files that import each other in a circle, with the imports that tie them, but for modules and what they contain.
    pub(super) fn circles(&self, floors: &Floors) -> Vec<String> {
        let krate = floors.name;
        let is_mutual = |module: &Module| {
            let top = module.first();
            top.is_some_and(|top| floors.mutual.contains(&&**top))
        };
        let imports: Vec<Import> = self
            .imports()
            .into_iter()
            .filter(|import| !import.to.is_empty() && !is_family(&import.from, &import.to))
            .filter(|import| !(is_mutual(&import.from) && is_mutual(&import.to)))
            .collect();
        let mut errors = Vec::new();
        let mut reported = BTreeSet::new();
        for module in self.modules.keys() {
            if reported.contains(module) {
                continue;
            }
            let ahead = reachable(module, &imports, |import| (&import.from, &import.to));
            let behind = reachable(module, &imports, |import| (&import.to, &import.from));
            let circle: BTreeSet<&Module> = ahead.intersection(&behind).copied().collect();
            if circle.is_empty() {
                continue;
            }
            let ties: BTreeSet<String> = imports
                .iter()
                .filter(|import| circle.contains(&import.from) && circle.contains(&import.to))
                .map(|import| format!("  {}:{}: {}", import.file(krate), import.line, import.path))
                .collect();
            let ties: Vec<String> = ties.into_iter().collect();
            errors.push(format!(
                "{krate}: {} files import each other in a circle:\n{}",
                circle.len(),
                ties.join("\n")
            ));
            reported.extend(circle.into_iter().cloned());
        }
        errors
    }
}

enum Place {
    Module(Module),
    /// A path of another crate.
    Elsewhere(String),
}

/// Whether one contains the other.
fn is_family(one: &[String], other: &[String]) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// What can be reached from a module by at least one import.
fn reachable<'a>(
    start: &'a Module,
    imports: &'a [Import],
    ends: impl Fn(&'a Import) -> (&'a Module, &'a Module),
) -> BTreeSet<&'a Module> {
    let mut found = BTreeSet::new();
    let mut open = vec![start];
    while let Some(module) = open.pop() {
        for import in imports {
            let (from, to) = ends(import);
            if from == module && found.insert(to) {
                open.push(to);
            }
        }
    }
    found
}

/// The path from the root of the crate; `None` for those that begin with a name.
fn absolute(module: &[String], segments: &[String]) -> Option<Module> {
    let mut base = module.to_vec();
    let mut rest = segments;
    match segments.first()?.as_str() {
        "crate" => {
            base.clear();
            rest = &rest[1..];
        }
        "self" => rest = &rest[1..],
        "super" => {
            while rest.first().is_some_and(|segment| segment == "super") {
                base.pop();
                rest = &rest[1..];
            }
        }
        _ => return None,
    }
    base.extend(rest.iter().cloned());
    Some(base)
}

/// The module of the file at this path; `None` for programs and tests.
fn module(path: &str) -> Option<Module> {
    let path = path.strip_suffix(".rs")?;
    let mut module: Module = path.split('/').map(str::to_owned).collect();
    if module.iter().any(|part| part == "tests" || part == "bin") {
        return None;
    }
    match module.last().map(String::as_str) {
        Some("lib" | "main") if module.len() == 1 => module.clear(),
        Some("mod") => drop(module.pop()),
        _ => {}
    }
    Some(module)
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) -> Outcome {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), files)?;
        } else if entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "rs")
        {
            files.push((format!("{prefix}{name}"), fs::read_to_string(entry.path())?));
        }
    }
    Ok(())
}
