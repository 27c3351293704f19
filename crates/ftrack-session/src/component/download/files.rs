//! The files of a component, and how they are called in a folder.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use ftrack_location::sequence::{Indexes, Sequence, SequencePattern};

use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::location::{for_each_level, has_members, lacks};
use crate::session::Session;

/// The files that a component consists of, each with its name relative to the folder that it is copied to.
#[derive(Default)]
pub(super) struct Files {
    components: Vec<Entity>,
    names: Vec<PathBuf>,
    sizes: Vec<u64>,
    shown: PathBuf,
}

/// What is asked of components.
const ASKED: [&str; 5] = ["name", "file_type", "size", "padding", "members"];

/// How deep containers may lie in one another: each is a folder.
const DEEPEST: usize = 100;

impl Files {
    /// The files of `component`, and of all that it contains.
    #[track_caller]
    pub(super) fn load(component: &Entity) -> Result<Self> {
        let session = component.session();
        let _held = for_each_level(std::slice::from_ref(component), DEEPEST, |level| {
            load(session, level)
        })?;
        let mut files = Self::default();
        files.shown = files.add(component, Path::new(""), &mut HashSet::new())?;
        let mut taken = HashSet::new();
        match files.names.iter().find(|name| !taken.insert(*name)) {
            None => Ok(files),
            Some(name) => Err(refused(
                component,
                format!(
                    "two files of {component:?} would be called {}",
                    name.display()
                ),
            )),
        }
    }

    pub(super) fn components(&self) -> &[Entity] {
        &self.components
    }

    pub(super) fn names_and_sizes(&self) -> impl Iterator<Item = (&Path, u64)> {
        let names = self.names.iter().map(PathBuf::as_path);
        names.zip(self.sizes.iter().copied())
    }

    /// What the whole is called: a file, a sequence with its ranges, or a folder.
    pub(super) fn shown(&self) -> &Path {
        &self.shown
    }

    /// Adds a component that goes to `folder`, and gives what it is called.
    fn add(
        &mut self,
        component: &Entity,
        folder: &Path,
        seen: &mut HashSet<String>,
    ) -> Result<PathBuf> {
        if !seen.insert(component.id()) {
            let message = format!("{component:?} contains itself, or is contained twice");
            return Err(refused(component, message));
        }
        let name = usable(&component.get::<String>("name")?);
        let extension = component
            .get::<Option<String>>("file_type")?
            .map(|file_type| usable_extension(&file_type))
            .unwrap_or_default();
        match component.entity_type() {
            "SequenceComponent" => self.add_sequence(component, &folder.join(name), &extension),
            "ContainerComponent" => {
                let inner = folder.join(name);
                if inner.components().count() > DEEPEST {
                    let message = format!("{component:?} is in more than {DEEPEST} containers");
                    return Err(refused(component, message));
                }
                for member in component.collection("members")?.entities()? {
                    self.add(&member, &inner, seen)?;
                }
                Ok(inner)
            }
            _ => {
                let path = folder.join(format!("{name}{extension}"));
                self.push(component.clone(), path.clone())?;
                Ok(path)
            }
        }
    }

    /// The members of a sequence are named by their numbers.
    fn add_sequence(
        &mut self,
        component: &Entity,
        path: &Path,
        extension: &str,
    ) -> Result<PathBuf> {
        let head = format!("{}.", path.display());
        let mut indexes = Vec::new();
        for member in component.collection("members")?.entities()? {
            let number = usable(&member.get::<String>("name")?);
            indexes.push(number.parse::<i64>().ok());
            self.push(member, PathBuf::from(format!("{head}{number}{extension}")))?;
        }
        let padding = component.get::<Option<u8>>("padding")?.unwrap_or_default();
        let indexes: Option<Indexes> = indexes.into_iter().collect();
        let pattern = SequencePattern::new(head, padding, extension).ok();
        Ok(match (pattern, indexes) {
            (Some(pattern), Some(indexes)) => Sequence::new(pattern, indexes).to_string().into(),
            // Members of other names than numbers.
            _ => path.to_owned(),
        })
    }

    fn push(&mut self, component: Entity, name: PathBuf) -> Result<()> {
        let size = component.get::<Option<u64>>("size")?;
        self.sizes.push(size.unwrap_or_default());
        self.names.push(name);
        self.components.push(component);
        Ok(())
    }
}

/// Loads what is asked of components, for those of which it is not known.
#[track_caller]
fn load(session: &Session, components: &[Entity]) -> Result<()> {
    let lacking = components
        .iter()
        .filter(|component| lacks(component, &ASKED));
    let (others, files): (Vec<Entity>, Vec<Entity>) = lacking.cloned().partition(has_members);
    let (sequences, containers): (Vec<Entity>, Vec<Entity>) = others
        .into_iter()
        .partition(|component| component.definition().position("padding").is_some());
    let [name, file_type, size, padding, _] = ASKED;
    let of_file = [name, file_type, size];
    session.populate(&files, of_file)?;
    let of_members = of_file.map(|attribute| format!("members.{attribute}"));
    let of_all = || {
        of_file
            .into_iter()
            .chain(of_members.iter().map(String::as_str))
    };
    session.populate(&containers, of_all())?;
    session.populate(&sequences, of_all().chain([padding]))
}

fn refused(component: &Entity, message: String) -> Error {
    Error::new(ErrorKind::InvalidArgument, message).with_detail("component", component.id())
}

/// A name that stays in its folder, on any system.
fn usable(name: &str) -> String {
    let is_bad = |character: char| {
        character.is_control()
            || matches!(
                character,
                '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|'
            )
    };
    let name = name.replace(is_bad, "_");
    match name.trim() {
        "" | "." | ".." => "_".to_owned(),
        name => name.to_owned(),
    }
}

/// The extension of a file type, which has a dot or not.
fn usable_extension(file_type: &str) -> String {
    let text = file_type.trim().trim_start_matches('.');
    if text.is_empty() {
        String::new()
    } else {
        format!(".{}", usable(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_its_folder() {
        for (name, expected) in [
            ("plate", "plate"),
            ("../../etc/passwd", ".._.._etc_passwd"),
            (r"C:\x", "C__x"),
            ("..", "_"),
            ("", "_"),
            (" björn! ", "björn!"),
            ("a\nb", "a_b"),
        ] {
            assert_eq!(usable(name), expected, "{name:?}");
        }
        for (file_type, expected) in [
            (".exr", ".exr"),
            ("exr", ".exr"),
            ("", ""),
            (".tar.gz", ".tar.gz"),
            ("./x", "._x"),
        ] {
            assert_eq!(usable_extension(file_type), expected, "{file_type:?}");
        }
    }
}
