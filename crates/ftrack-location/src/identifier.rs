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

/// A part of a name that nobody else has: 32 letters and digits.
pub(crate) fn unique() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// The container that a resource is in, as far as its text says it, and its name there.
pub(crate) fn split(resource_identifier: &str) -> (&str, &str) {
    let start = resource_identifier.rfind('/').map_or(0, |slash| slash + 1);
    resource_identifier.split_at(start)
}
