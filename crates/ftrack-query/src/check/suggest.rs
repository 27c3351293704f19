//! The known name that was probably meant.

/// The candidate closest to `name`, if one is close: the same but for the case, or with so
/// few slips that a third of the letters are still right.
pub(super) fn closest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let wanted = name.to_lowercase();
    let allowed = (name.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| (distance(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(slips, _)| *slips <= allowed)
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

/// How many letters must be put in, taken out, replaced or swapped with their neighbour to
/// make one text of the other.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
    let mut above_previous: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=right.len()).collect();
    for (i, from) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, to) in right.iter().enumerate() {
            let replaced = cell(&previous, j) + usize::from(from != to);
            let removed = cell(&previous, j + 1) + 1;
            let inserted = cell(&row, j) + 1;
            let swappable =
                i > 0 && j > 0 && left.get(i - 1) == Some(to) && right.get(j - 1) == Some(from);
            let swapped = if swappable {
                cell(&above_previous, j - 1) + 1
            } else {
                usize::MAX / 2
            };
            row.push(replaced.min(removed).min(inserted).min(swapped));
        }
        above_previous = std::mem::replace(&mut previous, row);
    }
    previous.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_single_slips() {
        for (left, right, slips) in [
            ("", "", 0),
            ("abc", "", 3),
            ("status", "status", 0),
            ("status", "statsu", 1),
            ("status", "staus", 1),
            ("status", "sttatus", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(left, right), slips, "{left} {right}");
            assert_eq!(distance(right, left), slips, "{right} {left}");
        }
    }

    #[test]
    fn only_close_names_are_suggested() {
        let names = ["name", "status", "status_id", "start_date"];
        let suggest = |name: &str| closest(name, names);
        assert_eq!(suggest("Name").as_deref(), Some("name"));
        assert_eq!(suggest("stauts").as_deref(), Some("status"));
        assert_eq!(suggest("startdate").as_deref(), Some("start_date"));
        assert_eq!(suggest("bid"), None);
        assert_eq!(suggest(""), None);
    }
}
