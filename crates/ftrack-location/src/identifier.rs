//! Resource identifiers as texts: what every storage makes of them alike.

/// `name` within `container`.
pub(crate) fn join(container: &str, name: &str) -> String {
    match container.trim_end_matches('/') {
        "" if container.is_empty() => name.to_owned(),
        container => format!("{container}/{name}"),
    }
}

/// The parts of a relative identifier, with `.` and `..` resolved; `None` if it leads out.
pub(crate) fn parts(resource_identifier: &str) -> Option<Vec<&str>> {
    if resource_identifier.starts_with('/') {
        return None;
    }
    let mut parts = Vec::new();
    for part in resource_identifier.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts)
}
