//! What prefixes may hold besides a path: `~` and variables.

use std::env;
use std::path::PathBuf;

use super::root::normalise;
use crate::accessor::{AccessorError, Result};

/// The absolute path that `prefix` stands for.
pub(super) fn expand(prefix: &str) -> Result<PathBuf> {
    let home = || env::home_dir().and_then(|home| home.into_os_string().into_string().ok());
    let expanded = expand_with(prefix, home, |name| env::var(name).ok())
        .map_err(|reason| AccessorError::outside(prefix, reason))?;
    let absolute = std::path::absolute(expanded).map_err(|error| {
        AccessorError::outside(prefix, format!("it cannot be made absolute, {error}"))
    })?;
    Ok(normalise(&absolute))
}

fn expand_with(
    prefix: &str,
    home: impl FnOnce() -> Option<String>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<String, String> {
    let mut expanded = String::with_capacity(prefix.len());
    let mut rest = prefix;
    if let Some(below) = prefix.strip_prefix('~') {
        if !(below.is_empty() || below.starts_with(std::path::is_separator)) {
            return Err("the home folders of other users are not known".to_owned());
        }
        expanded.push_str(&home().ok_or("this user has no home folder")?);
        rest = below;
    }
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        rest = after;
        match variable_name(after) {
            Some((name, after)) => {
                let value = variable(name)
                    .ok_or_else(|| format!("the environment variable {name:?} is not set"))?;
                expanded.push_str(&value);
                rest = after;
            }
            None => expanded.push('$'),
        }
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// The name at the start of what follows a `$`, and what follows the name.
fn variable_name(text: &str) -> Option<(&str, &str)> {
    if let Some(braced) = text.strip_prefix('{') {
        return braced.split_once('}').filter(|(name, _)| !name.is_empty());
    }
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let end = text
        .find(|character| !is_part(character))
        .unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::expand_with;

    fn expand(prefix: &str) -> Result<String, String> {
        let variable = |name: &str| match name {
            "STUDIO" => Some("/mnt/studio".to_owned()),
            "SHOW_2" => Some("bunny".to_owned()),
            _ => None,
        };
        expand_with(prefix, || Some("/home/ada".to_owned()), variable)
    }

    #[test]
    fn home_and_variables_are_put_in() {
        for (prefix, expected) in [
            ("/mnt", "/mnt"),
            ("~", "/home/ada"),
            ("~/work", "/home/ada/work"),
            ("/mnt/~", "/mnt/~"),
            ("$STUDIO/$SHOW_2", "/mnt/studio/bunny"),
            ("${STUDIO}s", "/mnt/studios"),
            ("~/${SHOW_2}.$SHOW_2", "/home/ada/bunny.bunny"),
            ("/mnt/a$", "/mnt/a$"),
            ("/mnt/$-a/${", "/mnt/$-a/${"),
        ] {
            assert_eq!(expand(prefix).as_deref(), Ok(expected), "{prefix}");
        }
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert!(expand("$MISSING/a").unwrap_err().contains("\"MISSING\""));
        assert!(expand("~bob/a").unwrap_err().contains("other users"));
    }
}
