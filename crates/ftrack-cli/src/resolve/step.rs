//! The steps of a path: how they are written, and what is read of the entities that they lead to.

/// What is read of each type with an entity that is found: what it is called, and what it belongs to.
pub(super) const CONTEXT: [&str; 2] = ["name", "link"];
pub(super) const ASSET: [&str; 2] = ["name", "parent.link"];
pub(super) const VERSION: [&str; 4] = ["version", "link", "asset.name", "asset.parent.link"];
pub(super) const COMPONENT: [&str; 5] = [
    "name",
    "file_type",
    "version.version",
    "version.asset.name",
    "version.asset.parent.link",
];

/// Whether a step is written as versions are and little else is: `v003`, or the newest.
pub(super) fn is_version(name: &str) -> bool {
    let digits = name.strip_prefix(['v', 'V']).unwrap_or_default();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number || name.eq_ignore_ascii_case("latest")
}

/// The number of a version that is written `v003` or `3`.
pub(super) fn number(name: &str) -> Option<i64> {
    name.strip_prefix(['v', 'V']).unwrap_or(name).parse().ok()
}
