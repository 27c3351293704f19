//! The known name that was probably meant.

/// The candidate closest to `name`, if one is close: the same but for the case, or with so
/// few slips that two thirds of the letters are still right. Two letters that changed places
/// are one slip. The name itself is never suggested.
///
/// ```
/// use ftrack_query::closest;
///
/// let names = ["name", "status", "start_date"];
/// assert_eq!(closest("stauts", names).as_deref(), Some("status"));
/// assert_eq!(closest("bid", names), None);
/// ```
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let wanted = name.to_lowercase();
    let allowed = (name.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| {
            let slips = strsim::osa_distance(&wanted, &candidate.to_lowercase());
            (slips, candidate)
        })
        .filter(|(slips, _)| *slips <= allowed)
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_close_names_are_suggested() {
        let names = [
            "name",
            "status",
            "status_id",
            "start_date",
            "AssetVersion",
            "Task",
        ];
        let suggest = |name: &str| closest(name, names);
        assert_eq!(suggest("Name").as_deref(), Some("name"));
        assert_eq!(suggest("stauts").as_deref(), Some("status"));
        assert_eq!(suggest("startdate").as_deref(), Some("start_date"));
        assert_eq!(suggest("AsetVersoin").as_deref(), Some("AssetVersion"));
        assert_eq!(suggest("Taks").as_deref(), Some("Task"));
        assert_eq!(suggest("bid"), None);
        assert_eq!(suggest("Shot"), None);
        assert_eq!(suggest(""), None);
    }
}
