//! Folders for different owners.

use std::path::{Path, PathBuf};

/// No file system takes names of more than 255 bytes; this leaves room for the marks.
const LONGEST_NAME: usize = 200;

/// Returns the folder below `root` that belongs to `scope`, for example to a server and a user.
///
/// Different scopes have different folders, also on file systems that do not tell upper case from
/// lower case, and the folder of a scope is the same in every run and on every platform. Nothing
/// is created.
///
/// ```
/// use std::path::Path;
///
/// use ftrack_cache::scoped_folder;
///
/// let root = Path::new("cache");
/// let jane = scoped_folder(root, &["https://studio.example", "jane"]);
/// assert_eq!(jane, Path::new("cache/=https%3a%2f%2fstudio.example/=jane"));
/// assert_ne!(jane, scoped_folder(root, &["https://studio.example", "Jane"]));
/// ```
pub fn scoped_folder(root: &Path, scope: &[&str]) -> PathBuf {
    let mut folder = root.to_owned();
    for part in scope {
        push_part(&mut folder, part);
    }
    folder
}

/// Each name begins with `=`, so that it is none of the names that a system reserves; `+` at the
/// end says that the part goes on in the next folder. Neither is ever part of the escaped text.
fn push_part(folder: &mut PathBuf, part: &str) {
    let mut name = String::from("=");
    for (index, byte) in part.bytes().enumerate() {
        if name.len() >= LONGEST_NAME {
            name.push('+');
            folder.push(std::mem::replace(&mut name, String::from("=")));
        }
        let is_last = index + 1 == part.len();
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
            // Some systems drop a full stop at the end of a name.
            b'.' if !is_last => name.push('.'),
            _ => name.extend(['%', hex_digit(byte >> 4), hex_digit(byte & 0x0f)]),
        }
    }
    folder.push(name);
}

fn hex_digit(digit: u8) -> char {
    char::from_digit(digit.into(), 16).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn different_scopes_have_different_folders() {
        let long = "x".repeat(500);
        let longer = "x".repeat(501);
        let scopes: &[&[&str]] = &[
            &[],
            &[""],
            &["", ""],
            &["a"],
            &["A"],
            &["a", "b"],
            &["a/b"],
            &["a\\b"],
            &["ab"],
            &["a", "", "b"],
            &["."],
            &[".."],
            &["a."],
            &["con"],
            &["jane@studio"],
            &["jané"],
            &["%41"],
            &[&long],
            &[&longer],
        ];
        let folders: BTreeSet<_> = scopes
            .iter()
            .map(|scope| {
                scoped_folder(Path::new("r"), scope)
                    .to_string_lossy()
                    .to_lowercase()
            })
            .collect();
        assert_eq!(folders.len(), scopes.len(), "{folders:?}");
    }

    proptest! {
        #[test]
        fn folders_stay_below_the_root(scope: Vec<String>) {
            let scope: Vec<_> = scope.iter().map(String::as_str).collect();
            let folder = scoped_folder(Path::new("root"), &scope);
            let below = folder.strip_prefix("root").unwrap();
            for name in below.components() {
                let name = name.as_os_str().to_str().unwrap();
                prop_assert!(name.starts_with('=') && name.len() < 255, "{}", name);
            }
            prop_assert!(below.components().count() >= scope.len());
        }

        #[test]
        fn pairs_never_share(a: (String, String), b: (String, String)) {
            let folder = |(x, y): &(String, String)| scoped_folder(Path::new(""), &[x, y]);
            prop_assert_eq!(a == b, folder(&a) == folder(&b));
        }
    }
}
