//! "Did you mean …?"

/// The candidate that is most like `name`, if one is like enough to be meant.
pub(crate) fn most_similar<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<String> {
    let limit = name.chars().count().div_ceil(3);
    candidates
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

/// How many characters have to be added, removed or replaced; case does not count.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().flat_map(char::to_lowercase).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, character) in left.chars().flat_map(char::to_lowercase).enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(character != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_understood_and_a_stranger_is_not() {
        let known = || ["Task", "Timelog", "Status", "AssetVersion"].into_iter();
        assert_eq!(most_similar("Taks", known()).as_deref(), Some("Task"));
        assert_eq!(most_similar("task", known()).as_deref(), Some("Task"));
        assert_eq!(most_similar("Statuss", known()).as_deref(), Some("Status"));
        assert_eq!(
            most_similar("AsetVersoin", known()).as_deref(),
            Some("AssetVersion")
        );
        assert_eq!(most_similar("Shot", known()), None);
    }
}
