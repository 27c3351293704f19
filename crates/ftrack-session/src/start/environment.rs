//! What a session takes from its environment where it is not told.

use ftrack_transport::ApiKey;

use crate::error::{Error, ErrorKind, Result};

/// Server, user and key (product documentation, "Environment variables").
#[derive(Debug, PartialEq)]
pub(super) struct Credentials {
    pub(super) server_url: String,
    pub(super) api_user: String,
    pub(super) api_key: ApiKey,
}

impl Credentials {
    /// What is given, else what `variable` knows. A user that neither knows is the one that `system_user` names.
    pub(super) fn complete(
        server_url: Option<String>,
        api_user: Option<String>,
        api_key: Option<ApiKey>,
        variable: impl Fn(&str) -> Option<String>,
        system_user: impl Fn() -> Option<String>,
    ) -> Result<Self> {
        let first = |names: &[&str]| {
            let mut values = names.iter().filter_map(|name| variable(name));
            values.find(|value| !value.is_empty())
        };
        let users = ["FTRACK_API_USER", "LOGNAME", "USER", "LNAME", "USERNAME"];
        Ok(Self {
            server_url: server_url
                .or_else(|| first(&["FTRACK_SERVER"]))
                .ok_or_else(|| missing("server_url", "FTRACK_SERVER"))?,
            api_key: api_key
                .or_else(|| first(&["FTRACK_API_KEY", "FTRACK_APIKEY"]).map(ApiKey::from))
                .ok_or_else(|| missing("api_key", "FTRACK_API_KEY"))?,
            api_user: api_user
                .or_else(|| first(&users))
                .or_else(system_user)
                .ok_or_else(|| missing("api_user", "FTRACK_API_USER"))?,
        })
    }
}

fn missing(argument: &'static str, variable: &str) -> Error {
    Error::new(
        ErrorKind::InvalidArgument,
        format!("{argument} is missing: give it to the session's builder or set the environment variable {variable}"),
    )
    .with_detail("argument", argument)
    .with_detail("variable", variable)
}

/// The name of the user that this process belongs to, as the system's list of users has it.
#[cfg(unix)]
pub(super) fn system_user() -> Option<String> {
    use std::os::unix::fs::MetadataExt;

    let owner = std::fs::metadata("/proc/self").ok()?.uid();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    name_of(owner, &users)
}

/// Other systems have the name in the environment.
#[cfg(not(unix))]
pub(super) fn system_user() -> Option<String> {
    None
}

/// The name of the user with this number in the text of a list of users.
#[cfg(unix)]
fn name_of(user: u32, users: &str) -> Option<String> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(user)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(
        variables: &[(&str, &str)],
        system_user: Option<&str>,
    ) -> Result<(String, String, String)> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let system_user = || system_user.map(str::to_owned);
        let found = Credentials::complete(None, None, None, variable, system_user)?;
        let key = found.api_key.expose().to_owned();
        Ok((found.server_url, found.api_user, key))
    }

    #[test]
    fn what_is_not_given_comes_from_the_environment() {
        let server = ("FTRACK_SERVER", "https://a");
        let key = ("FTRACK_API_KEY", "k");
        for (variables, system_user, expected) in [
            (
                vec![server, key, ("FTRACK_API_USER", "ada"), ("USER", "root")],
                None,
                ("https://a", "ada", "k"),
            ),
            (
                vec![server, ("FTRACK_APIKEY", "old"), ("LOGNAME", "ada")],
                Some("x"),
                ("https://a", "ada", "old"),
            ),
            (
                vec![server, ("FTRACK_APIKEY", "old"), key, ("USERNAME", "ada")],
                None,
                ("https://a", "ada", "k"),
            ),
            (
                vec![server, key, ("FTRACK_API_USER", ""), ("USER", "")],
                Some("ada"),
                ("https://a", "ada", "k"),
            ),
        ] {
            let found = complete(&variables, system_user).unwrap();
            let (server, user, key) = (&*found.0, &*found.1, &*found.2);
            assert_eq!((server, user, key), expected, "{variables:?}");
        }
    }

    #[test]
    fn what_is_nowhere_is_named() {
        let all = [
            ("FTRACK_SERVER", "https://a"),
            ("FTRACK_API_USER", "ada"),
            ("FTRACK_API_KEY", "k"),
        ];
        for (left_out, argument) in [(0, "server_url"), (1, "api_user"), (2, "api_key")] {
            let mut variables = all.to_vec();
            let (variable, _) = variables.remove(left_out);
            let error = complete(&variables, None).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert!(error.to_string().contains(variable), "{error}");
            assert_eq!(error.details()["argument"], argument);
        }
    }

    #[cfg(unix)]
    #[test]
    fn users_are_found_by_their_number() {
        let users = "root:x:0:0:root:/root:/bin/sh\nbroken\nada:x:1815:100::/home/ada:/bin/sh\n";
        assert_eq!(name_of(1815, users).as_deref(), Some("ada"));
        assert_eq!(name_of(0, users).as_deref(), Some("root"));
        assert_eq!(name_of(100, users), None);
    }
}
