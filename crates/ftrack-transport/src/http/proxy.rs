//! Which proxies requests go through.

use reqwest::NoProxy;

use crate::{Error, Proxy, Result};

/// The proxies to use, in the order in which they are asked.
pub(super) fn proxies(
    choice: &Proxy,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<reqwest::Proxy>> {
    match choice {
        Proxy::Direct => Ok(Vec::new()),
        Proxy::Url(url) => Ok(vec![proxy("proxy", url, reqwest::Proxy::all)?]),
        Proxy::Environment => from_environment(variable),
    }
}

fn from_environment(variable: &dyn Fn(&str) -> Option<String>) -> Result<Vec<reqwest::Proxy>> {
    let lookup = |names: &[&'static str]| {
        let values = names
            .iter()
            .filter_map(|name| Some((*name, variable(name)?)));
        values
            .into_iter()
            .find(|(_, value)| !value.trim().is_empty())
    };
    let exempt =
        lookup(&["no_proxy", "NO_PROXY"]).and_then(|(_, list)| NoProxy::from_string(&list));
    let mut proxies = Vec::new();
    // A web server hands a request's `Proxy:` header to the programs that it runs as HTTP_PROXY,
    // so that name is not to be trusted.
    if let Some((name, url)) = lookup(&["http_proxy"]) {
        proxies.push(proxy(name, &url, reqwest::Proxy::http)?);
    }
    if let Some((name, url)) = lookup(&["https_proxy", "HTTPS_PROXY"]) {
        proxies.push(proxy(name, &url, reqwest::Proxy::https)?);
    }
    if let Some((name, url)) = lookup(&["all_proxy", "ALL_PROXY"]) {
        proxies.push(proxy(name, &url, reqwest::Proxy::all)?);
    }
    Ok(proxies
        .into_iter()
        .map(|proxy| proxy.no_proxy(exempt.clone()))
        .collect())
}

fn proxy(
    option: &'static str,
    url: &str,
    make: fn(String) -> reqwest::Result<reqwest::Proxy>,
) -> Result<reqwest::Proxy> {
    let url = url.trim();
    let scheme = url.split_once("://").map_or("http", |(scheme, _)| scheme);
    let known = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
    if !known.iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Err(Error::InvalidOptions {
            option,
            problem: format!("{scheme}:// is no kind of proxy; write for example http://host:3128"),
        });
    }
    // The URL may hold a password, so neither it nor the parser's opinion of it is shown.
    make(url.to_owned()).map_err(|_| Error::InvalidOptions {
        option,
        problem: "it is not a URL; write for example http://host:3128".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(environment: &[(&str, &str)]) -> Result<usize> {
        let variable = |name: &str| {
            let found = environment.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        proxies(&Proxy::Environment, &variable).map(|proxies| proxies.len())
    }

    #[test]
    fn the_environment_is_read_as_documented() {
        let cases: &[(&[(&str, &str)], usize)] = &[
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
            assert_eq!(count(environment).unwrap(), *expected, "{environment:?}");
        }
    }

    #[test]
    fn an_unusable_proxy_is_named_without_its_password() {
        for url in ["gopher://user:secret@proxy", "http://user:secret@:x:y"] {
            let error = count(&[("https_proxy", url)]).unwrap_err().to_string();
            assert!(error.starts_with("invalid https_proxy: "), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
