//! The hosts that are reached without a proxy, as `NO_PROXY` lists them.

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

/// The entries of a list, which commas or white space keep apart.
#[derive(Clone, Default)]
pub(super) struct Exempt(Vec<Entry>);

#[derive(Clone)]
struct Entry {
    hosts: Hosts,
    /// The one port that is meant, or all.
    port: Option<u16>,
}

#[derive(Clone)]
enum Hosts {
    /// `*`
    All,
    /// One address, or those of a network such as `10.0.0.0/8`.
    Network(IpNet),
    /// This name, and whatever ends with it after a dot.
    Domain(String),
}

impl Exempt {
    pub(super) fn parse(list: &str) -> Self {
        let separates = |character: char| character == ',' || character.is_whitespace();
        Self(list.split(separates).filter_map(Entry::parse).collect())
    }

    /// Whether this server is reached without a proxy.
    pub(super) fn contains(&self, server: &Url) -> bool {
        let Some(host) = server.host() else {
            return false;
        };
        let port = server.port_or_known_default();
        self.0
            .iter()
            .any(|entry| entry.port.is_none_or(|own| port == Some(own)) && entry.hosts.fit(&host))
    }
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let (host, port) = match split_port(text) {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        };
        let hosts = Hosts::parse(host)?;
        Some(Self { hosts, port })
    }
}

impl Hosts {
    fn parse(text: &str) -> Option<Self> {
        let bare = text.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Some(Self::Network(address.into()));
        }
        if let Ok(network) = text.parse() {
            return Some(Self::Network(network));
        }
        if matches!(text, "*" | "") {
            return Some(Self::All);
        }
        let name = text.strip_prefix('*').unwrap_or(text);
        let name = name.trim_matches('.').to_lowercase();
        (!name.is_empty()).then_some(Self::Domain(name))
    }

    fn fit(&self, host: &Host<&str>) -> bool {
        match (self, host) {
            (Self::All, _) => true,
            (Self::Network(network), Host::Ipv4(address)) => {
                network.contains(&IpAddr::V4(*address))
            }
            (Self::Network(network), Host::Ipv6(address)) => {
                network.contains(&address.to_canonical()) || network.contains(&IpAddr::V6(*address))
            }
            (Self::Domain(domain), Host::Domain(name)) => {
                let name = name.trim_end_matches('.').to_lowercase();
                let before = name.strip_suffix(domain.as_str());
                before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
            }
            _ => false,
        }
    }
}

/// `host:port` or `[address]:port`. An IPv6 address without brackets has no port.
fn split_port(text: &str) -> Option<(&str, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let is_address = host.contains(':') && !host.ends_with(']');
    if is_address {
        return None;
    }
    Some((host, port.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_ports_addresses_and_networks_are_exempt() {
        let cases = [
            ("*", "http://anything:1", true),
            ("other, *", "http://[::1]", true),
            ("", "http://studio", false),
            (" , ", "http://studio", false),
            ("studio", "http://studio", true),
            ("STUDIO", "http://studio.", true),
            ("studio", "http://a.studio", true),
            ("studio", "http://mystudio", false),
            (".studio.example", "http://studio.example", true),
            (".studio.example", "http://a.b.studio.example", true),
            ("*.studio.example", "http://a.studio.example", true),
            ("studio.example.", "http://studio.example", true),
            ("a b,c", "http://b", true),
            ("studio:8080", "http://studio:8080", true),
            ("studio:8080", "http://a.studio:8080", true),
            ("studio:8080", "http://studio:8081", false),
            ("studio:80", "http://studio", true),
            ("studio:443", "https://studio", true),
            (":8080", "http://anything:8080", true),
            (":8080", "http://anything", false),
            ("10.1.2.3", "http://10.1.2.3:99", true),
            ("10.1.2.3:99", "http://10.1.2.3:99", true),
            ("10.1.2.3:99", "http://10.1.2.3", false),
            ("10.1.2.3", "http://10.1.2.30", false),
            ("10.0.0.0/8", "http://10.200.2.3", true),
            ("10.0.0.0/8", "http://11.0.0.1", false),
            ("10.0.0.0/8", "http://10.example", false),
            ("fd00::/8", "http://[fd12::1]:8080", true),
            ("::1", "http://[::1]", true),
            ("[::1]", "http://[::1]:8080", true),
            ("[::1]:8080", "http://[::1]:8080", true),
            ("[::1]:8080", "http://[::1]", false),
            ("127.0.0.1", "http://[::ffff:127.0.0.1]", true),
            ("localhost", "http://127.0.0.1", false),
        ];
        for (list, server, expected) in cases {
            let exempt = Exempt::parse(list).contains(&server.parse().unwrap());
            assert_eq!(exempt, expected, "{list:?} {server}");
        }
    }
}
