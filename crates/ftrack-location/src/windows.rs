//! What Windows makes of names. All of it is text, so it is tested on every system.

/// What Windows takes for a device, whatever follows a dot.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
/// Devices with a number from 1 to 9 behind.
const NUMBERED_DEVICES: [&str; 2] = ["com", "lpt"];

/// Whether a name in lower case, up to its first dot, is that of a device.
pub(crate) fn is_device(name: &str) -> bool {
    let number_of = |device: &&str| name.strip_prefix(*device);
    DEVICES.contains(&name)
        || NUMBERED_DEVICES
            .iter()
            .find_map(number_of)
            .is_some_and(|number| {
                matches!(number, "¹" | "²" | "³")
                    || (number.len() == 1 && number.bytes().all(|byte| matches!(byte, b'1'..=b'9')))
            })
}

/// Why a file at `path` would not be there on Windows under that name: what is written to it would be lost, hidden, or
/// found under another name.
pub(crate) fn fault(path: &str) -> Option<String> {
    let names = without_root(path).split(['/', '\\']);
    names
        .filter(|name| !matches!(*name, "." | ".."))
        .find_map(|name| fault_of_name(name).map(|reason| format!("{name:?} {reason}")))
}

/// The path without what says on which disk it is: a letter, and the mark of a path of any length.
fn without_root(path: &str) -> &str {
    let path = path.strip_prefix(r"\\?\").unwrap_or(path);
    match path.as_bytes() {
        [letter, b':', ..] if letter.is_ascii_alphabetic() => &path[2..],
        _ => path,
    }
}

fn fault_of_name(name: &str) -> Option<&'static str> {
    let stem = name.split('.').next().unwrap_or_default();
    if name.is_empty() {
        return None;
    }
    if is_device(&stem.trim_end().to_lowercase()) {
        return Some("is the name of a device on Windows");
    }
    if name.contains(':') {
        return Some("has a colon, which begins the name of a hidden stream on Windows");
    }
    let is_refused = |character: char| character < ' ' || "<>\"|?*".contains(character);
    if name.contains(is_refused) {
        return Some("has a character that Windows does not allow in names");
    }
    if name.ends_with(['.', ' ']) {
        return Some("ends with a dot or a space, which Windows leaves out");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_windows_keeps_are_fine() {
        for path in [
            "show/sh010/plate.1001.exr",
            "con1/console.txt",
            "com10/lpt",
            ".hidden",
            "日本/é.exr",
        ] {
            assert_eq!(fault(path), None, "{path}");
        }
    }

    #[test]
    fn names_that_windows_takes_for_something_else_are_found_anywhere_in_a_path() {
        for (path, expected) in [
            ("show/nul", "device"),
            ("show/NUL.exr/plate", "device"),
            ("COM1.txt", "device"),
            ("show/lpt³", "device"),
            ("aux .txt", "device"),
            ("show/plate.exr:hidden", "stream"),
            ("show/what?", "does not allow"),
            ("show/a\tb", "does not allow"),
            ("show./plate.exr", "leaves out"),
            ("show/plate ", "leaves out"),
            (r"C:\show\aux.exr", "device"),
            (r"\\server\share\show.\plate.exr", "leaves out"),
            (r"show\C:\plate.exr", "stream"),
        ] {
            let reason = fault(path).unwrap_or_default();
            assert!(reason.contains(expected), "{path}: {reason}");
        }
    }

    #[test]
    fn the_way_to_a_folder_is_not_a_name() {
        for path in [
            "/mnt/show",
            "../show",
            "./show",
            "",
            r"C:\show\plate.exr",
            "c:plate.exr",
            r"\\server\share\plate.exr",
            r"\\?\C:\show\plate.exr",
        ] {
            assert_eq!(fault(path), None, "{path}");
        }
    }
}
