//! The names of files that are beside others while these are replaced.

use crate::identifier;

/// Names are no longer than file systems take.
const LONGEST_NAME: usize = 255;
const START: &str = ".ftrack_";
const UNIQUE: usize = 32;

/// What a file beside another is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    New,
    Old,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Old => "old",
        }
    }
}

/// The name of a file beside `target`, such as `.ftrack_old_0f…_plate.exr`. A long name is cut at its end.
pub(super) fn name_beside(target: &str, kind: Kind, unique: &str) -> String {
    let (container, name) = identifier::split(target);
    let word = kind.word();
    let start = format!("{START}{word}_{unique}_");
    let room = LONGEST_NAME.saturating_sub(start.len());
    let end = (0..=room.min(name.len()))
        .rev()
        .find(|end| name.is_char_boundary(*end));
    let name = name.get(..end.unwrap_or_default()).unwrap_or_default();
    format!("{container}{start}{name}")
}

/// A file that a program left beside another when it was killed while it replaced that one
/// ([`Replacement`](super::Replacement)).
///
/// ```
/// use ftrack_location::LeftOver;
///
/// let name = "bunny/.ftrack_old_0f2c1a9e4d3b11ee9a6c0242ac120002_plate.exr";
/// let left = LeftOver::from_name(name).expect("it is called like one");
/// assert!(left.is_old);
/// assert_eq!(left.target, "bunny/plate.exr");
/// assert_eq!(LeftOver::from_name("bunny/plate.exr"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOver {
    /// The resource identifier of the file.
    pub resource_identifier: String,
    /// Whether it is what was there before: `true`, or what was to take its place.
    pub is_old: bool,
    /// The resource identifier of the file that it is beside; its end is missing where names get too long.
    pub target: String,
}

impl LeftOver {
    /// What is left over at this resource identifier, by its text alone; `None` if it is called like any other file.
    pub fn from_name(resource_identifier: &str) -> Option<Self> {
        let (container, name) = identifier::split(resource_identifier);
        let rest = name.strip_prefix(START)?;
        let (word, rest) = rest.split_once('_')?;
        let (unique, target) = rest.split_once('_')?;
        let is_unique =
            unique.len() == UNIQUE && unique.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_old = match word {
            "old" => true,
            "new" => false,
            _ => return None,
        };
        is_unique.then(|| Self {
            resource_identifier: resource_identifier.to_owned(),
            is_old,
            target: format!("{container}{target}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, LONGEST_NAME, LeftOver, name_beside};
    use crate::identifier;

    #[test]
    fn names_beside_others_are_read_again() {
        let unique = identifier::unique();
        for target in [
            "plate.exr",
            "bunny/010/plate.0001.exr",
            "a_b/_c_",
            "日本/夜.exr",
        ] {
            for kind in [Kind::New, Kind::Old] {
                let name = name_beside(target, kind, &unique);
                let left = LeftOver::from_name(&name).unwrap();
                assert_eq!(left.target, target);
                assert_eq!(left.is_old, kind == Kind::Old);
                assert_eq!(left.resource_identifier, name);
            }
        }
        for other in [
            "plate.exr",
            ".ftrack_old_plate.exr",
            ".ftrack-0f.part",
            ".ftrack_odd_0_a",
        ] {
            assert_eq!(LeftOver::from_name(other), None, "{other}");
        }
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        let target = format!("bunny/{}", "夜".repeat(85));
        let name = name_beside(&target, Kind::Old, &identifier::unique());
        let (_, last) = identifier::split(&name);
        assert!(
            last.len() <= LONGEST_NAME && last.len() > LONGEST_NAME - 4,
            "{}",
            last.len()
        );
        let left = LeftOver::from_name(&name).unwrap();
        assert!(target.starts_with(&left.target));
    }
}
