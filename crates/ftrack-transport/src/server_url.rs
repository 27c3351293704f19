//! The server's address: checked once, so that everything after can rely on it.

use url::{ParseError, Url};

use crate::error::{Error, Result};

/// A checked server address: `http` or `https`, a host, no trailing `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerUrl {
    text: String,
    url: Url,
}

impl ServerUrl {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        match parse(text) {
            Ok(url) => Ok(Self {
                text: text.trim_end_matches('/').to_owned(),
                url,
            }),
            Err(NoUrl::Unfit(problem)) => Err(Error::invalid_option("server_url", problem)),
            Err(NoUrl::Malformed(source)) => Err(malformed(source)),
        }
    }

    /// The address as it was given, without the trailing `/`.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Where batches are posted.
    pub(crate) fn api(&self) -> Result<Url> {
        let api = Url::parse(&format!("{}/api", self.text));
        api.map_err(malformed)
    }
}

/// Why a text is not the address of a server.
enum NoUrl {
    /// It is not one that we take, for this reason.
    Unfit(String),
    Malformed(ParseError),
}

impl From<String> for NoUrl {
    fn from(problem: String) -> Self {
        Self::Unfit(problem)
    }
}

fn malformed(source: ParseError) -> Error {
    let problem = "it is not a URL; write for example https://studio.ftrackapp.com";
    Error::invalid_option_because("server_url", problem, source)
}

/// The part of a URL that may appear in errors and logs: scheme, host and port.
pub(crate) fn origin(url: &Url) -> String {
    match url.host_str() {
        Some(host) => match url.port() {
            Some(port) => format!("{}://{host}:{port}", url.scheme()),
            None => format!("{}://{host}", url.scheme()),
        },
        None => format!("{}:", url.scheme()),
    }
}

fn parse(text: &str) -> Result<Url, NoUrl> {
    if text.is_empty() {
        let problem = "it is missing; write for example https://studio.ftrackapp.com";
        return Err(problem.to_owned().into());
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        // Without a scheme there can be no user and password before an `@`, unless by mistake.
        let host = text.rsplit('@').next().unwrap_or_default();
        return Err(format!("it has no scheme; write https://{host}").into());
    };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        let host = rest.rsplit('@').next().unwrap_or_default();
        return Err(
            format!("{scheme}:// is neither http:// nor https://; write https://{host}").into(),
        );
    }
    let url = Url::parse(text).map_err(NoUrl::Malformed)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not hold a user or a password".to_owned().into());
    }
    if url.query().is_some() || url.fragment().is_some() {
        let problem = "it must not have a query or a fragment, so no ? or #";
        return Err(problem.to_owned().into());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_accepted() {
        let cases = [
            (
                "https://studio.ftrackapp.com",
                "https://studio.ftrackapp.com/api",
            ),
            (
                "https://studio.ftrackapp.com//",
                "https://studio.ftrackapp.com/api",
            ),
            (" http://127.0.0.1:8080/ ", "http://127.0.0.1:8080/api"),
            ("HTTP://[::1]:1", "http://[::1]:1/api"),
            ("https://host/ftrack/", "https://host/ftrack/api"),
        ];
        for (text, api) in cases {
            let url = ServerUrl::parse(text).unwrap();
            assert_eq!(url.api().unwrap().as_str(), api);
            assert!(!url.as_str().ends_with('/'), "{text}");
        }
    }

    #[test]
    fn refusals_say_what_to_do() {
        let cases = [
            (
                "",
                "it is missing; write for example https://studio.ftrackapp.com",
            ),
            (
                "studio.ftrackapp.com",
                "it has no scheme; write https://studio.ftrackapp.com",
            ),
            (
                "localhost:8080",
                "it has no scheme; write https://localhost:8080",
            ),
            (
                "ftp://host",
                "ftp:// is neither http:// nor https://; write https://host",
            ),
            (
                "ws://u:secret@host",
                "ws:// is neither http:// nor https://; write https://host",
            ),
            (
                "https://u:secret@host",
                "it must not hold a user or a password",
            ),
            (
                "https://host?a=1",
                "it must not have a query or a fragment, so no ? or #",
            ),
            (
                "https://",
                "it is not a URL; write for example https://studio.ftrackapp.com: empty host",
            ),
            (
                "https://host:99999",
                "it is not a URL; write for example https://studio.ftrackapp.com: invalid port number",
            ),
        ];
        for (text, problem) in cases {
            let error = ServerUrl::parse(text).unwrap_err();
            assert_eq!(
                format!("{error:#}"),
                format!("invalid server_url: {problem}"),
                "{text}"
            );
        }
    }

    #[test]
    fn origins_hold_no_secrets() {
        let url = Url::parse("https://u:p@host:8443/component/get?apiKey=secret#x").unwrap();
        assert_eq!(origin(&url), "https://host:8443");
        assert_eq!(origin(&Url::parse("data:text,secret").unwrap()), "data:");
    }
}
