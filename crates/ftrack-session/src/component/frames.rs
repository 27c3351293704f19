//! The frames of a sequence that was published.

use std::collections::BTreeMap;
use std::path::Path;

use ftrack_location::sequence::Indexes;

use super::file_type::extension;
use super::source;
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::session::Session;

/// The members of a sequence, by their numbers.
pub(super) struct Frames {
    members: BTreeMap<i64, Entity>,
    padding: u8,
}

impl Frames {
    /// Those that the server has of `sequence`.
    #[track_caller]
    pub(super) fn load(sequence: &Entity) -> Result<Self> {
        if sequence.entity_type() != "SequenceComponent" {
            let message = format!("{sequence:?} is not a sequence, so it has no frames");
            return Err(Error::new(ErrorKind::EntityType, message));
        }
        refresh(sequence.session(), sequence)?;
        let mut members = BTreeMap::new();
        for member in sequence.collection("members")?.entities()? {
            let name = member.get::<Option<String>>("name")?.unwrap_or_default();
            // Members of other names than numbers are not frames.
            if let Ok(number) = name.parse() {
                members.insert(number, member);
            }
        }
        let padding = sequence.get::<Option<i64>>("padding")?.unwrap_or_default();
        Ok(Self {
            members,
            padding: u8::try_from(padding).unwrap_or_default(),
        })
    }

    pub(super) fn get(&self, number: i64) -> Option<&Entity> {
        self.members.get(&number)
    }

    pub(super) fn insert(&mut self, number: i64, member: Entity) {
        self.members.insert(number, member);
    }

    pub(super) fn remove(&mut self, number: i64) -> Option<Entity> {
        self.members.remove(&number)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// What frames of the sequence are called, by their number.
    pub(super) fn name(&self, number: i64) -> String {
        let width = usize::from(self.padding);
        format!("{number:0width$}")
    }

    /// How many bytes all frames have.
    pub(super) fn size(&self) -> Result<i64> {
        let mut total = 0_i64;
        for member in self.members.values() {
            let size = member.get::<Option<i64>>("size")?;
            total = total.saturating_add(size.unwrap_or_default());
        }
        Ok(total)
    }

    /// The numbers, for people.
    pub(super) fn numbers(&self) -> Indexes {
        self.members.keys().copied().collect()
    }
}

/// Asks the server anew for a component and what it consists of, in one request.
#[track_caller]
pub(super) fn refresh(session: &Session, component: &Entity) -> Result<()> {
    let mut projections = vec!["name", "size", "file_type"];
    if component.entity_type() == "SequenceComponent" {
        projections.extend([
            "padding",
            "members.name",
            "members.size",
            "members.file_type",
            "members.container.id",
        ]);
    }
    let query = ftrack_query::Query::from(component.entity_type())
        .select(projections)
        .filter(ftrack_query::attr("id").is(component.id()));
    session.query(query).first()?;
    Ok(())
}

/// The files at `path` that are frames, by their numbers: those of a sequence, or a single one.
pub(super) fn files(path: &str) -> Result<Vec<(i64, String)>> {
    if let Some(sequence) = source::look_at(path, false)? {
        let numbers = sequence.indexes().iter();
        return Ok(numbers.zip(sequence.members()).collect());
    }
    let number = number_in(path).ok_or_else(|| {
        let message = format!("there is no number in the name of {path:?}, so it is not a frame");
        Error::new(ErrorKind::InvalidArgument, message).with_detail("path", path)
    })?;
    Ok(vec![(number, path.to_owned())])
}

/// The number at the end of the name of a file, before its extension.
fn number_in(path: &str) -> Option<i64> {
    let name = Path::new(path).file_name()?.to_str()?;
    let stem = name.strip_suffix(extension(name))?;
    let digits = stem.trim_end_matches(|character: char| character.is_ascii_digit());
    let number = stem.get(digits.len()..)?;
    // As in sequences: a minus that begins the number is its sign, one that follows a name separates the two.
    let is_signed = digits
        .strip_suffix('-')
        .is_some_and(|before| before.is_empty() || before.ends_with(['.', '_', ' ']));
    let number: i64 = number.parse().ok()?;
    Some(if is_signed { -number } else { number })
}

/// Refuses a file of another type than the component that it is to be the file of.
pub(super) fn check_file_type(component: &Entity, path: &str) -> Result<()> {
    let registered = component.get::<Option<String>>("file_type")?;
    let registered = registered.unwrap_or_default();
    let found = extension(path);
    let plain = |text: &str| text.trim_start_matches('.').to_lowercase();
    let (known, new) = (plain(&registered), plain(found));
    // Of `.tar.gz`, only the end is looked at.
    let is_same = known == new || (!new.is_empty() && known.ends_with(&format!(".{new}")));
    if known.is_empty() || is_same {
        return Ok(());
    }
    let message = format!("{path:?} is of the type {found:?}, and {component:?} of {registered:?}");
    Err(Error::new(ErrorKind::InvalidArgument, message)
        .with_detail("component", component.id())
        .with_detail("path", path))
}

#[cfg(test)]
mod tests {
    use super::number_in;

    #[test]
    fn the_number_of_a_frame_stands_before_the_extension() {
        for (path, expected) in [
            ("/plates/plate.1010.exr", Some(1010)),
            ("plate_v002-0007.exr", Some(7)),
            ("plate.-5.exr", Some(-5)),
            ("plate_-005.exr", Some(-5)),
            ("/plates/night 2/-0005.exr", Some(-5)),
            ("plate -5.exr", Some(-5)),
            ("plate-5.exr", Some(5)),
            ("plate.-0.exr", Some(0)),
            ("0001.exr", Some(1)),
            ("plate.exr", None),
            ("/v001/plate.exr", None),
            ("plate.99999999999999999999.exr", None),
        ] {
            assert_eq!(number_in(path), expected, "{path}");
        }
    }
}
