//! Which proxies lead to a server.

mod exempt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::header::InvalidHeaderValue;
use url::Url;

use self::exempt::Exempt;
use crate::error::{Error, Result};
use crate::options::Proxy;
use crate::server_url::origin;

/// The proxies by what they are for, checked.
#[derive(Clone, Default)]
pub(crate) struct Proxies {
    http: Option<ProxyServer>,
    https: Option<ProxyServer>,
    all: Option<ProxyServer>,
    /// The hosts that are reached without, as the environment lists them.
    exempt: Exempt,
}

/// A proxy. Its URL may hold a user and a password, so that is not for messages.
#[derive(Clone)]
pub(crate) struct ProxyServer {
    pub(crate) url: Url,
    /// Scheme, host and port.
    pub(crate) origin: String,
}

impl Proxies {
    pub(crate) fn new(choice: &Proxy, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        match choice {
            Proxy::Direct => Ok(Self::default()),
            Proxy::Url(url) => Ok(Self {
                all: Some(ProxyServer::parse("proxy", url)?),
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
                .map(|(name, url)| ProxyServer::parse(name, &url))
                .transpose()
        };
        let exempt = find(&["no_proxy", "NO_PROXY"]);
        Ok(Self {
            // A web server hands a request's `Proxy:` header to the programs that it runs as
            // HTTP_PROXY, so that name is not to be trusted.
            http: proxy(&["http_proxy"])?,
            https: proxy(&["https_proxy", "HTTPS_PROXY"])?,
            all: proxy(&["all_proxy", "ALL_PROXY"])?,
            exempt: exempt.map_or_else(Exempt::default, |(_, list)| Exempt::parse(&list)),
        })
    }

    /// The proxy that leads to a server, if one does.
    pub(crate) fn for_url(&self, server: &Url) -> Option<&ProxyServer> {
        let special = match server.scheme() {
            "http" => &self.http,
            "https" => &self.https,
            _ => &None,
        };
        let proxy = special.as_ref().or(self.all.as_ref())?;
        (!self.exempt.contains(server)).then_some(proxy)
    }

    /// The same rules for the HTTP client.
    pub(crate) fn for_requests(&self) -> reqwest::Proxy {
        let proxies = self.clone();
        reqwest::Proxy::custom(move |url| proxies.for_url(url).map(|proxy| proxy.url.clone()))
    }
}

impl ProxyServer {
    fn parse(option: &'static str, text: &str) -> Result<Self> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let known = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
        if !known.iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            let problem =
                format!("{scheme}:// is not a kind of proxy; write for example http://host:3128");
            return Err(Error::invalid_option(option, problem));
        }
        if cfg!(not(feature = "socks")) && scheme.to_ascii_lowercase().starts_with("socks") {
            let problem = "this program was built without the feature `socks`";
            return Err(Error::invalid_option(option, problem));
        }
        // The URL may hold a password, so it is not shown. The parser's opinion does not repeat it.
        let no_url = |source: url::ParseError| {
            let problem = "it is not a URL; write for example http://host:3128";
            Error::invalid_option_because(option, problem, source)
        };
        let mut url = Url::parse(&format!("{scheme}://{rest}")).map_err(no_url)?;
        if url.host_str().is_none_or(str::is_empty) {
            return Err(no_url(url::ParseError::EmptyHost));
        }
        if url.port().is_none() && scheme.to_ascii_lowercase().starts_with("socks") {
            let _ = url.set_port(Some(1080));
        }
        let has_user = !url.username().is_empty() || url.password().is_some();
        if has_user && url.scheme().starts_with("socks4") {
            let problem =
                "users of socks4 proxies cannot be told; use socks5, or leave the user out";
            return Err(Error::invalid_option(option, problem));
        }
        Ok(Self {
            origin: origin(&url),
            url,
        })
    }

    /// The header by which a proxy for HTTP knows the user.
    pub(crate) fn authorization(&self) -> Result<Option<HeaderValue>, InvalidHeaderValue> {
        let Some((user, password)) = self.credentials() else {
            return Ok(None);
        };
        let encoded = STANDARD.encode(format!("{user}:{password}"));
        let mut value = HeaderValue::from_str(&format!("Basic {encoded}"))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }

    /// User and password, decoded.
    pub(crate) fn credentials(&self) -> Option<(String, String)> {
        let decode = |text: &str| {
            percent_encoding::percent_decode_str(text)
                .decode_utf8_lossy()
                .into_owned()
        };
        let password = self.url.password().unwrap_or_default();
        let has_any = !self.url.username().is_empty() || !password.is_empty();
        has_any.then(|| (decode(self.url.username()), decode(password)))
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

    fn found(proxies: &Proxies, server: &str) -> Option<String> {
        let proxy = proxies.for_url(&server.parse().unwrap());
        proxy.map(|proxy| proxy.origin.clone())
    }

    #[test]
    fn the_environment_is_read_as_documented() {
        let cases: &[(&str, Variables, Option<&str>)] = &[
            ("http://studio", &[], None),
            (
                "http://studio",
                &[("http_proxy", "proxy:3128")],
                Some("http://proxy:3128"),
            ),
            ("http://studio", &[("HTTP_PROXY", "http://evil:1")], None),
            ("https://studio", &[("http_proxy", "proxy:3128")], None),
            (
                "https://studio",
                &[("ALL_PROXY", "socks5h://user:pass@all")],
                Some("socks5h://all:1080"),
            ),
            (
                "https://studio",
                &[("https_proxy", ""), ("HTTPS_PROXY", "http://a:1")],
                Some("http://a:1"),
            ),
            (
                "http://10.1.2.3",
                &[("http_proxy", "p:1"), ("no_proxy", "10.0.0.0/8")],
                None,
            ),
            (
                "http://a.studio",
                &[("http_proxy", "p:1"), ("NO_PROXY", ".studio")],
                None,
            ),
        ];
        for (server, environment, expected) in cases {
            let proxies = proxies(&Proxy::Environment, environment).unwrap();
            let found = found(&proxies, server);
            assert_eq!(found.as_deref(), *expected, "{server} {environment:?}");
        }
    }

    #[test]
    fn a_choice_of_ones_own_comes_first() {
        let environment: Variables = &[("http_proxy", "http://environment:1"), ("no_proxy", "*")];
        let own = proxies(
            &Proxy::Url("http://us%65r:sec%40ret@own:1".to_owned()),
            environment,
        )
        .unwrap();
        assert_eq!(found(&own, "http://studio").unwrap(), "http://own:1");
        let server = own.for_url(&"http://studio".parse().unwrap()).unwrap();
        assert_eq!(
            server.credentials(),
            Some(("user".to_owned(), "sec@ret".to_owned()))
        );
        let direct = proxies(&Proxy::Direct, environment).unwrap();
        assert!(found(&direct, "http://studio").is_none());
    }

    #[test]
    fn an_unusable_proxy_is_named_without_its_password() {
        let cases: [Variables; 5] = [
            &[("https_proxy", "socks4://ada:secret@proxy")],
            &[("https_proxy", "socks4a://secret@proxy:1")],
            &[("https_proxy", "gopher://user:secret@proxy")],
            &[("https_proxy", "http://user:secret@:x:y")],
            &[("https_proxy", "socks5://user:secret@")],
        ];
        for environment in cases {
            let error = proxies(&Proxy::Environment, environment).err().unwrap();
            let error = format!("{error:#} {error:?}");
            assert!(error.starts_with("invalid https_proxy: "), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
