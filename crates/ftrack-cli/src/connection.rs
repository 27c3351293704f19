//! Sessions for commands.

pub(crate) mod profile;

use ftrack::{ErrorKind, Location, Session, SessionBuilder, StartSession};

use self::profile::{DEFAULT, Profile, Profiles};
use crate::failure::Failure;
use crate::options::{Connection, Disks};
use crate::terminal::output;

/// A session with the server that is named by the arguments, the environment, or a profile.
pub(crate) fn connect(connection: &Connection) -> Result<Session, Failure> {
    connect_with(connection, &Disks::default())
}

/// A session in which these locations can be used, besides those that it configures itself.
pub(crate) fn connect_with(connection: &Connection, disks: &Disks) -> Result<Session, Failure> {
    let chosen = Chosen::new(connection)?;
    let mut builder = chosen.builder();
    for (position, disk) in disks.disks.iter().enumerate() {
        builder = builder.location(disk.name(), disk.configuration(position)?);
    }
    builder.connect().map_err(|error| chosen.explain(error))
}

/// What is wrong with a location that nobody has configured.
pub(crate) fn unreachable_from_here(location: &Location) -> ftrack::Result<Failure> {
    let name = location.name()?;
    Ok(Failure::Unusable(format!(
        "the location {name:?} is not configured, so it cannot be reached from here"
    ))
    .hint(format!(
        "if it is a folder, say which with --disk {name}=DIR"
    )))
}

/// Server, user and key, as far as they are known; the session looks for the rest.
#[derive(Default)]
struct Chosen {
    server: Option<String>,
    user: Option<String>,
    api_key: Option<String>,
    /// The profile that something comes from.
    profile: Option<String>,
}

impl Chosen {
    fn new(connection: &Connection) -> Result<Self, Failure> {
        let said = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        let chosen = Self {
            server: said(&connection.server),
            user: said(&connection.user),
            api_key: None,
            profile: None,
        };
        let name = said(&connection.profile);
        if name.is_none() && chosen.server.is_some() && has_key() {
            return Ok(chosen);
        }
        let profiles = Profiles::from_environment()?;
        let Some(name) = name
            .as_deref()
            .or(implied(&profiles).as_deref())
            .map(str::to_owned)
        else {
            return Ok(chosen);
        };
        match profiles.read(&name)? {
            Some(profile) => Ok(chosen.completed(&name, profile, has_key())),
            None => Err(no_profile(&profiles, &name)),
        }
    }

    /// What is not said comes from the profile. Its key is for its server and its user, and goes to no other.
    fn completed(mut self, name: &str, profile: Profile, has_key: bool) -> Self {
        let is_same = |known: &Option<String>, kept: &str| {
            known
                .as_ref()
                .is_none_or(|known| known.trim_end_matches('/') == kept.trim_end_matches('/'))
        };
        if !is_same(&self.server, &profile.server) {
            let server = self.server.as_deref().unwrap_or_default();
            output::note(&format!(
                "note: the server {server} was named, so the profile {name} of {} is not used",
                profile.server
            ));
            return self;
        }
        if is_same(&self.user, &profile.user) && !has_key {
            self.api_key = Some(profile.api_key);
        }
        self.server.get_or_insert(profile.server);
        self.user.get_or_insert(profile.user);
        self.profile = Some(name.to_owned());
        self
    }

    fn builder(&self) -> SessionBuilder {
        let mut builder = Session::builder();
        if let Some(url) = &self.server {
            builder = builder.server_url(url);
        }
        if let Some(user) = &self.user {
            builder = builder.api_user(user);
        }
        if let Some(key) = &self.api_key {
            builder = builder.api_key(key.as_str());
        }
        builder
    }

    fn explain(&self, error: ftrack::Error) -> Failure {
        let is_connection = error.is(ErrorKind::Connection);
        let failure = Failure::from(error);
        match &self.profile {
            Some(name) if is_connection => failure.hint(format!(
                "the server comes from the profile {name}: is it running? `ftrack login --profile {name}` changes it"
            )),
            _ => failure,
        }
    }
}

/// Whether the environment has a key.
fn has_key() -> bool {
    ["FTRACK_API_KEY", "FTRACK_APIKEY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// The profile that is meant where none is named: the one called so, else the only one.
fn implied(profiles: &Profiles) -> Option<String> {
    let names = profiles.names();
    if names.iter().any(|name| name == DEFAULT) {
        return Some(DEFAULT.to_owned());
    }
    match names.as_slice() {
        [name] => Some(name.clone()),
        _ => None,
    }
}

fn no_profile(profiles: &Profiles, name: &str) -> Failure {
    let known = match profiles.names() {
        names if names.is_empty() => "there are none yet".to_owned(),
        names => format!("there are {}", names.join(", ")),
    };
    Failure::NotFound(format!("there is no profile {name:?}; {known}"))
        .hint(format!("`ftrack login --profile {name}` makes it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(server: Option<&str>, user: Option<&str>, has_key: bool) -> Chosen {
        let chosen = Chosen {
            server: server.map(str::to_owned),
            user: user.map(str::to_owned),
            ..Chosen::default()
        };
        let profile = Profile {
            server: "http://kept".to_owned(),
            user: "ada".to_owned(),
            api_key: "kept".to_owned(),
        };
        chosen.completed("x", profile, has_key)
    }

    #[test]
    fn what_is_said_wins_over_the_profile() {
        let all = chosen(None, None, false);
        assert_eq!(all.server.as_deref(), Some("http://kept"));
        assert_eq!(all.user.as_deref(), Some("ada"));
        assert_eq!(all.api_key.as_deref(), Some("kept"));
        let same = chosen(Some("http://kept/"), Some("ada"), false);
        assert_eq!(same.api_key.as_deref(), Some("kept"));
        let keyed = chosen(None, None, true);
        assert_eq!(keyed.api_key, None, "the environment's key is used");
    }

    #[test]
    fn a_key_goes_to_no_other_server_and_for_no_other_user() {
        let elsewhere = chosen(Some("http://other"), None, false);
        assert_eq!(elsewhere.api_key, None);
        assert_eq!(elsewhere.user, None);
        let somebody = chosen(None, Some("eve"), false);
        assert_eq!(somebody.server.as_deref(), Some("http://kept"));
        assert_eq!(somebody.api_key, None);
    }
}
