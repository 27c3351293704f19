//! Which proxy leads to the event server, if any.

use ftrack_transport::Proxy;
use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use crate::{Error, Result};

/// The proxy for a server, chosen by the same rules as for requests.
pub(super) fn choose(
    choice: &Proxy,
    server: &Uri,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<Intercept>> {
    let first = |names: &[&str]| {
        let values = names.iter().filter_map(|name| variable(name));
        let mut values = values.filter(|value| !value.trim().is_empty());
        values.next().unwrap_or_default()
    };
    let matcher = match choice {
        Proxy::Url(url) => Matcher::builder().all(url.clone()).build(),
        // HTTP_PROXY in capitals is not trusted: a web server lets its clients set it.
        Proxy::Environment => Matcher::builder()
            .http(first(&["http_proxy"]))
            .https(first(&["https_proxy", "HTTPS_PROXY"]))
            .all(first(&["all_proxy", "ALL_PROXY"]))
            .no(first(&["no_proxy", "NO_PROXY"]))
            .build(),
        _ => return Ok(None),
    };
    let proxy = matcher.intercept(server);
    let scheme = proxy.as_ref().and_then(|proxy| proxy.uri().scheme_str());
    match scheme {
        None | Some("http" | "https") => Ok(proxy),
        Some(scheme) => Err(Error::InvalidOptions {
            option: "proxy",
            problem: format!(
                "events cannot go through a {scheme} proxy; use one of the kind http://host:3128"
            ),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Variables = &'static [(&'static str, &'static str)];

    fn chosen(
        choice: &Proxy,
        server: &'static str,
        variables: Variables,
    ) -> Result<Option<String>> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let proxy = choose(choice, &Uri::from_static(server), variable)?;
        Ok(proxy.map(|proxy| proxy.uri().to_string()))
    }

    #[test]
    fn the_environment_is_read_as_for_requests() {
        let cases: &[(&'static str, Variables, Option<&str>)] = &[
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
                &[("ALL_PROXY", "http://all:1")],
                Some("http://all:1/"),
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
        for (server, variables, expected) in cases {
            let proxy = chosen(&Proxy::Environment, server, variables).unwrap();
            assert_eq!(proxy.as_deref(), *expected, "{server} {variables:?}");
        }
    }

    #[test]
    fn a_choice_of_ones_own_comes_first() {
        let variables: Variables = &[("http_proxy", "http://environment:1")];
        let own = Proxy::Url("http://user:secret@own:1".to_owned());
        let proxy = chosen(&own, "http://studio", variables).unwrap();
        assert_eq!(proxy.as_deref(), Some("http://own:1/"));
        assert_eq!(
            chosen(&Proxy::Direct, "http://studio", variables).unwrap(),
            None
        );
    }

    #[test]
    fn what_cannot_be_used_is_told() {
        let socks = Proxy::Url("socks5://user:secret@own:1".to_owned());
        let error = chosen(&socks, "http://studio", &[])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("socks5") && !error.contains("secret"),
            "{error}"
        );
    }
}
