//! Finding the sequences among the names of a folder.

use rustc_hash::FxHashMap;

use super::{Indexes, Sequence, SequencePattern};

/// What [`assemble`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assembly {
    /// The sequences, sorted by their patterns.
    pub sequences: Vec<Sequence>,
    /// The names that belong to none, in the order in which they were given.
    pub others: Vec<String>,
}

/// Finds the sequences of at least two members among names, such as the listing of a folder.
///
/// - Only numbers in the last part of a path count, and those below 2⁶³. A minus sign belongs to a number that follows
///   `.`, `_` or a space, or begins the name: `f.-002.exr`, but not `f-002.exr`.
/// - Of several numbers in a name, it is the one that makes the longest sequence; if several do, the last.
/// - Numbers with zeros in front tell the padding. If all numbers have the same number of digits, more than one, that
///   is taken for the padding as well.
///
/// ```
/// use ftrack_location::sequence::assemble;
///
/// let found = assemble(["sh010_v2.1001.exr", "sh010_v2.1002.exr", "sh010_v1.1001.exr", "sh010_v1.1002.exr"]);
/// let sequences: Vec<String> = found.sequences.iter().map(ToString::to_string).collect();
/// assert_eq!(sequences, ["sh010_v1.%04d.exr [1001-1002]", "sh010_v2.%04d.exr [1001-1002]"]);
/// ```
pub fn assemble<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Assembly {
    let names: Vec<S> = names.into_iter().collect();
    let lengths = count_families(&names);

    let mut families: FxHashMap<Family<'_>, Vec<Member>> = FxHashMap::default();
    let mut others = Vec::new();
    for (position, name) in names.iter().enumerate() {
        match longest_family(name.as_ref(), &lengths) {
            Some((family, digits)) => {
                families
                    .entry(family)
                    .or_default()
                    .push(Member::new(position, digits));
            }
            None => others.push(position),
        }
    }

    let mut sequences = Vec::new();
    for (family, members) in families {
        split_by_padding(family, members, &mut sequences, &mut others);
    }
    sequences.sort_unstable_by(|left: &Sequence, right| left.pattern().cmp(right.pattern()));
    others.sort_unstable();
    Assembly {
        sequences,
        others: others
            .into_iter()
            .filter_map(|position| names.get(position))
            .map(|name| name.as_ref().to_owned())
            .collect(),
    }
}

/// What is before and after a number.
type Family<'name> = (&'name str, &'name str);

/// One name of a family.
struct Member {
    position: usize,
    index: i64,
    digits: usize,
    has_zeros: bool,
}

impl Member {
    fn new(position: usize, digits: &str) -> Self {
        Self {
            position,
            // Only numbers that can be read become members.
            index: digits.parse().unwrap_or_default(),
            digits: digits.len(),
            has_zeros: has_zeros(digits),
        }
    }
}

/// Whether a number is filled up with zeros.
fn has_zeros(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    digits.len() > 1 && digits.starts_with('0')
}

/// How many names there are of each family that any number in any name makes.
fn count_families<S: AsRef<str>>(names: &[S]) -> FxHashMap<Family<'_>, u32> {
    let mut lengths = FxHashMap::default();
    for name in names {
        for (family, _) in numbers(name.as_ref()) {
            *lengths.entry(family).or_insert(0_u32) += 1;
        }
    }
    lengths
}

/// The longest of the families that a name belongs to, if it has more than one member.
fn longest_family<'name>(
    name: &'name str,
    lengths: &FxHashMap<Family<'name>, u32>,
) -> Option<(Family<'name>, &'name str)> {
    numbers(name)
        .map(|(family, digits)| (lengths.get(&family).copied().unwrap_or(0), family, digits))
        .filter(|(length, ..)| *length > 1)
        .max_by_key(|(length, ..)| *length)
        .map(|(_, family, digits)| (family, digits))
}

/// The numbers in the last part of a path, each with what is before and after it.
pub(super) fn numbers(name: &str) -> impl Iterator<Item = (Family<'_>, &str)> {
    let folder = name.rfind(['/', '\\']).map_or(0, |slash| slash + 1);
    let bytes = name.as_bytes();
    let is_digit = |position: usize| bytes.get(position).is_some_and(u8::is_ascii_digit);
    let mut position = folder;
    std::iter::from_fn(move || {
        while position < bytes.len() && !is_digit(position) {
            position += 1;
        }
        let start = with_sign(bytes, folder, position);
        while is_digit(position) {
            position += 1;
        }
        // Digits are bytes of their own in UTF-8, so these are the boundaries of characters.
        let digits = name.get(start..position)?;
        (!digits.is_empty()).then_some(((name.get(..start)?, name.get(position..)?), digits))
    })
    .filter(|(_, digits)| digits.parse::<i64>().is_ok())
}

/// Where the number begins whose first digit is at `position`: at its minus sign, if it has one.
fn with_sign(name: &[u8], folder: usize, position: usize) -> usize {
    let Some(sign) = position.checked_sub(1).filter(|sign| *sign >= folder) else {
        return position;
    };
    let follows_separator =
        sign == folder || matches!(name.get(sign - 1), Some(b'.' | b'_' | b' '));
    let digits = name.get(position..).unwrap_or_default();
    let is_zero = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .all(|byte| *byte == b'0');
    if name.get(sign) == Some(&b'-') && follows_separator && !is_zero {
        sign
    } else {
        position
    }
}

/// Makes a sequence of the members of each padding, if there are at least two.
fn split_by_padding(
    (head, tail): Family<'_>,
    members: Vec<Member>,
    sequences: &mut Vec<Sequence>,
    others: &mut Vec<usize>,
) {
    let paddings = paddings(&members);
    let mut groups: FxHashMap<usize, Vec<Member>> = FxHashMap::default();
    for member in members {
        let fitting = |padding: &&usize| {
            **padding == member.digits || (**padding < member.digits && !member.has_zeros)
        };
        let padding = paddings.iter().rev().find(fitting).copied().unwrap_or(0);
        groups.entry(padding).or_default().push(member);
    }
    for (padding, members) in groups {
        let indexes: Indexes = members.iter().map(|member| member.index).collect();
        let pattern = u8::try_from(padding)
            .ok()
            .and_then(|padding| SequencePattern::new(head, padding, tail).ok());
        match pattern {
            Some(pattern) if indexes.len() > 1 => {
                sequences.push(Sequence::new(pattern, indexes));
            }
            _ => others.extend(members.iter().map(|member| member.position)),
        }
    }
}

/// The paddings that the members of a family show, in order.
fn paddings(members: &[Member]) -> Vec<usize> {
    let mut shown: Vec<usize> = members
        .iter()
        .filter(|member| member.has_zeros)
        .map(|member| member.digits)
        .collect();
    if shown.is_empty()
        && let Some(digits) = members.first().map(|member| member.digits)
        && digits > 1
        && members
            .iter()
            .all(|member| member.digits == digits && member.index >= 0)
    {
        shown.push(digits);
    }
    shown.sort_unstable();
    shown.dedup();
    shown
}
