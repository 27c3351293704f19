//! Profiles: server, user and key, kept in files that only their owner can read.
//!
//! Each is a JSON file in the folder `ftrack/profiles` of the user's folder for configuration (`~/.config`, or what
//! `XDG_CONFIG_HOME` names).

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde_json::{Value as Json, json};

use crate::failure::Failure;
use crate::terminal::output;

/// The profile that is meant where none is named.
pub(crate) const DEFAULT: &str = "default";

/// No profile is as large as this, in bytes.
const LARGEST: u64 = 64 * 1024;

/// What `ftrack login` keeps.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) server: String,
    pub(crate) user: String,
    pub(crate) api_key: String,
}

/// Where profiles are kept.
#[derive(Debug, Clone)]
pub(crate) struct Profiles(PathBuf);

impl Profiles {
    /// Those of the user.
    pub(crate) fn from_environment() -> Result<Self, Failure> {
        let folders = etcetera::choose_base_strategy().map_err(|error| {
            Failure::Unusable(format!("there is no folder for profiles: {error}"))
        })?;
        Ok(Self(folders.config_dir().join("ftrack").join("profiles")))
    }

    #[cfg(test)]
    fn in_folder(folder: &Path) -> Self {
        Self(folder.join("profiles"))
    }

    /// The file of a profile.
    pub(crate) fn path(&self, name: &str) -> Result<PathBuf, Failure> {
        let is_fine = |character: char| {
            character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-')
        };
        if name.is_empty() || name.starts_with('.') || !name.chars().all(is_fine) {
            return Err(Failure::Usage(format!(
                "a profile cannot be called {name:?}: its name has letters, digits, dots, - and _"
            )));
        }
        Ok(self.0.join(format!("{name}.json")))
    }

    /// The names of all profiles, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let name = |entry: fs::DirEntry| {
            let name = entry.file_name().into_string().ok()?;
            let name = name.strip_suffix(".json")?;
            (!name.starts_with('.')).then(|| name.to_owned())
        };
        let mut names: Vec<String> = entries.filter_map(name).collect();
        names.sort();
        names
    }

    /// The profile of this name, if there is one.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Profile>, Failure> {
        let path = self.path(name)?;
        let failed = |source| Failure::File {
            what: "read the profile",
            path: path.clone(),
            source,
        };
        let metadata = match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            metadata => metadata.map_err(failed)?,
        };
        if !metadata.is_file() || metadata.len() > LARGEST {
            return Err(failed(io::Error::other("it is not a file of a profile")));
        }
        warn_of_readers(&path, &metadata);
        let text = fs::read(&path).map_err(failed)?;
        let profile = Profile::from_json(&text);
        profile.map(Some).map_err(failed)
    }

    /// Keeps a profile, in the place of another of that name, and says where.
    pub(crate) fn write(&self, name: &str, profile: &Profile) -> Result<PathBuf, Failure> {
        let path = self.path(name)?;
        let failed = |source| Failure::File {
            what: "write the profile",
            path: path.clone(),
            source,
        };
        make_folder(&self.0).map_err(failed)?;
        // The new file is made beside the old one, so that nobody ever reads half of one.
        let mut file = tempfile::NamedTempFile::with_prefix_in(".new", &self.0).map_err(failed)?;
        file.write_all(profile.to_json().as_bytes())
            .map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        Ok(path)
    }

    /// Removes a profile; says whether there was one.
    pub(crate) fn remove(&self, name: &str) -> Result<bool, Failure> {
        let path = self.path(name)?;
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(Failure::File {
                what: "remove the profile",
                path,
                source,
            }),
        }
    }
}

impl Profile {
    fn from_json(text: &[u8]) -> io::Result<Self> {
        let values: Json = serde_json::from_slice(text)?;
        let value = |name: &str| {
            let value = values[name].as_str().filter(|value| !value.is_empty());
            value
                .map(str::to_owned)
                .ok_or_else(|| io::Error::other(format!("it has no {name:?}")))
        };
        Ok(Self {
            server: value("server")?,
            user: value("user")?,
            api_key: value("api_key")?,
        })
    }

    fn to_json(&self) -> String {
        let Self {
            server,
            user,
            api_key,
        } = self;
        let values = json!({ "server": server, "user": user, "api_key": api_key });
        format!("{values:#}\n")
    }
}

#[cfg(unix)]
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;

    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Says so if others can read the key in a profile.
#[cfg(unix)]
fn warn_of_readers(path: &Path, metadata: &fs::Metadata) {
    use std::os::unix::fs::PermissionsExt;

    if metadata.permissions().mode() & 0o077 != 0 {
        let path = path.display();
        output::note(&format!(
            "warning: others can read the key in {path}: chmod 600 {path}"
        ));
    }
}

#[cfg(not(unix))]
fn warn_of_readers(_: &Path, _: &fs::Metadata) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile() -> Profile {
        Profile {
            server: "http://localhost:1".to_owned(),
            user: "ada".to_owned(),
            api_key: "secret".to_owned(),
        }
    }

    #[test]
    fn a_profile_is_read_as_it_was_written_and_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let profiles = Profiles::in_folder(folder.path());
        assert!(profiles.read("local").unwrap().is_none());
        let path = profiles.write("local", &profile()).unwrap();
        profiles.write("local", &profile()).unwrap();
        assert!(profiles.read("local").unwrap() == Some(profile()));
        assert_eq!(profiles.names(), ["local"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&path), 0o600);
            assert_eq!(mode(path.parent().unwrap()), 0o700);
        }
        assert!(profiles.remove("local").unwrap());
        assert!(!profiles.remove("local").unwrap());
        assert!(!path.exists());
    }

    #[test]
    fn what_is_no_profile_is_said_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let profiles = Profiles::in_folder(folder.path());
        let path = profiles.write("x", &profile()).unwrap();
        for text in ["", "[]", r#"{"server": "a", "user": ""}"#] {
            fs::write(&path, text).unwrap();
            let failure = profiles.read("x").err().unwrap().to_string();
            assert!(failure.contains("x.json"), "{failure}");
        }
        for name in ["", "../x", "a/b", ".x", "a b"] {
            assert!(profiles.path(name).is_err(), "{name:?}");
        }
    }
}
