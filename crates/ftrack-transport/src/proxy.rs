//! Which proxies lead to a server.

use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use reqwest::NoProxy;
use url::Url;

use crate::{Error, Proxy, Result};

/// The proxies by what they are for, checked.
#[derive(Default)]
pub(crate) struct Proxies {
    http: Option<String>,
    https: Option<String>,
    all: Option<String>,
    /// The hosts that are reached without, as the environment lists them.
    exempt: Option<String>,
}

impl Proxies {
    pub(crate) fn new(choice: &Proxy, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        match choice {
            Proxy::Direct => Ok(Self::default()),
            Proxy::Url(url) => Ok(Self {
                all: Some(checked("proxy", url)?),
                ..Self::default()
            }),
            Proxy::Environment => Self::from_environment(variable),
        }
    }

    fn from_environment(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let find = |names: &[&'static str]| {
            let values = names
                .iter()
                .filter_map(|name| Some((*name, variable(name)?)));
            values
                .into_iter()
                .find(|(_, value)| !value.trim().is_empty())
        };
        let proxy = |names: &[&'static str]| {
            find(names)
                .map(|(name, url)| checked(name, &url))
                .transpose()
        };
        Ok(Self {
            // A web server hands a request's `Proxy:` header to the programs that it runs as
            // HTTP_PROXY, so that name is not to be trusted.
            http: proxy(&["http_proxy"])?,
            https: proxy(&["https_proxy", "HTTPS_PROXY"])?,
            all: proxy(&["all_proxy", "ALL_PROXY"])?,
            exempt: find(&["no_proxy", "NO_PROXY"]).map(|(_, list)| list),
        })
    }

    /// As the HTTP client wants them, in the order in which they are asked.
    pub(crate) fn for_requests(&self) -> Result<Vec<reqwest::Proxy>> {
        let exempt = self.exempt.as_deref().and_then(NoProxy::from_string);
        let chosen = [
            self.http.as_deref().map(reqwest::Proxy::http),
            self.https.as_deref().map(reqwest::Proxy::https),
            self.all.as_deref().map(reqwest::Proxy::all),
        ];
        chosen
            .into_iter()
            .flatten()
            .map(|proxy| Ok(proxy.map_err(|_| no_url("proxy"))?.no_proxy(exempt.clone())))
            .collect()
    }

    /// The one that leads to a server, by the same rules.
    pub(crate) fn for_line(&self, server: &Url) -> Option<Intercept> {
        let text = |proxy: &Option<String>| proxy.clone().unwrap_or_default();
        let matcher = Matcher::builder()
            .http(text(&self.http))
            .https(text(&self.https))
            .all(text(&self.all))
            .no(text(&self.exempt))
            .build();
        matcher.intercept(&server.as_str().parse().ok()?)
    }
}

fn checked(option: &'static str, url: &str) -> Result<String> {
    let url = url.trim();
    let scheme = url.split_once("://").map_or("http", |(scheme, _)| scheme);
    let known = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
    if !known.iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Err(Error::InvalidOptions {
            option,
            problem: format!("{scheme}:// is no kind of proxy; write for example http://host:3128"),
        });
    }
    match reqwest::Proxy::all(url) {
        Ok(_) => Ok(url.to_owned()),
        Err(_) => Err(no_url(option)),
    }
}

/// The URL may hold a password, so neither it nor the parser's opinion of it is shown.
fn no_url(option: &'static str) -> Error {
    Error::InvalidOptions {
        option,
        problem: "it is not a URL; write for example http://host:3128".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Variables = &'static [(&'static str, &'static str)];

    fn proxies(choice: &Proxy, environment: Variables) -> Result<Proxies> {
        Proxies::new(choice, &|name| {
            let found = environment.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_environment_is_read_as_documented() {
        let cases: &[(Variables, usize)] = &[
            (&[], 0),
            (&[("http_proxy", "http://proxy:3128")], 1),
            (
                &[
                    ("http_proxy", "proxy:3128"),
                    ("https_proxy", "http://proxy:3128"),
                ],
                2,
            ),
            (
                &[("https_proxy", ""), ("HTTPS_PROXY", "http://proxy:3128")],
                1,
            ),
            (&[("HTTP_PROXY", "http://evil:3128")], 0),
            (
                &[
                    ("ALL_PROXY", "socks5://proxy:1080"),
                    ("no_proxy", "localhost"),
                ],
                1,
            ),
        ];
        for (environment, expected) in cases {
            let proxies = proxies(&Proxy::Environment, environment).unwrap();
            let count = proxies.for_requests().unwrap().len();
            assert_eq!(count, *expected, "{environment:?}");
        }
    }

    #[test]
    fn lines_go_the_way_of_requests() {
        let cases: &[(&str, Variables, Option<&str>)] = &[
            ("http://studio", &[], None),
            (
                "http://studio",
                &[("http_proxy", "proxy:3128")],
                Some("http://proxy:3128/"),
            ),
            ("http://studio", &[("HTTP_PROXY", "http://evil:1")], None),
            ("https://studio", &[("http_proxy", "proxy:3128")], None),
            (
                "https://studio",
                &[("ALL_PROXY", "socks5h://user:pass@all:1")],
                Some("socks5h://all:1/"),
            ),
            (
                "https://studio",
                &[("https_proxy", ""), ("HTTPS_PROXY", "http://a:1")],
                Some("http://a:1/"),
            ),
            (
                "http://10.1.2.3",
                &[("http_proxy", "p:1"), ("no_proxy", "10.0.0.0/8")],
                None,
            ),
            (
                "http://a.studio",
                &[("http_proxy", "p:1"), ("no_proxy", ".studio")],
                None,
            ),
        ];
        for (server, environment, expected) in cases {
            let proxies = proxies(&Proxy::Environment, environment).unwrap();
            let found = proxies.for_line(&server.parse().unwrap());
            let found = found.map(|proxy| proxy.uri().to_string());
            assert_eq!(found.as_deref(), *expected, "{server} {environment:?}");
        }
    }

    #[test]
    fn a_choice_of_ones_own_comes_first() {
        let environment: Variables = &[("http_proxy", "http://environment:1"), ("no_proxy", "*")];
        let server = "http://studio".parse().unwrap();
        let own = Proxy::Url("http://user:secret@own:1".to_owned());
        let found = proxies(&own, environment).unwrap().for_line(&server);
        assert_eq!(found.unwrap().uri().to_string(), "http://own:1/");
        let found = proxies(&Proxy::Direct, environment)
            .unwrap()
            .for_line(&server);
        assert!(found.is_none());
    }

    #[test]
    fn an_unusable_proxy_is_named_without_its_password() {
        let cases: [Variables; 2] = [
            &[("https_proxy", "gopher://user:secret@proxy")],
            &[("https_proxy", "http://user:secret@:x:y")],
        ];
        for environment in cases {
            let error = proxies(&Proxy::Environment, environment).err().unwrap();
            let error = error.to_string();
            assert!(error.starts_with("invalid https_proxy: "), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
