//! The cookies of the server's own origin.

use std::collections::BTreeMap;
use std::time::SystemTime;

use cookie::Cookie;
use parking_lot::Mutex;
use reqwest::header::{GetAll, HeaderValue};

use crate::error::{Error, Result};
use crate::options::ConnectionOptions;

/// The cookies given by the user and those set by the server since.
///
/// They belong to one origin, so there are no domains in it, and a path is not looked at: what it
/// keeps is for load balancers and logins, which concern the whole server.
pub(super) struct Cookies {
    values: Mutex<BTreeMap<String, String>>,
}

impl Cookies {
    pub(super) fn new(options: &ConnectionOptions) -> Result<Self> {
        let mut values = BTreeMap::new();
        for (name, value) in &options.cookies {
            if name.trim().is_empty() || name.contains('=') || unfit(name) || unfit(value) {
                let problem = format!("{name:?} has a name or a value that a cookie cannot have");
                return Err(Error::invalid_option("cookies", problem));
            }
            values.insert(name.clone(), value.clone());
        }
        Ok(Self {
            values: Mutex::new(values),
        })
    }

    /// The header that brings them to the server.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let values = self.values.lock();
        let pairs: Vec<_> = values
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        drop(values);
        if pairs.is_empty() {
            return None;
        }
        let mut header = HeaderValue::from_bytes(pairs.join("; ").as_bytes()).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// Follows what an answer sets and removes.
    pub(super) fn follow(&self, headers: &GetAll<'_, HeaderValue>) {
        for header in headers {
            let Ok(text) = std::str::from_utf8(header.as_bytes()) else {
                continue;
            };
            let Ok(cookie) = Cookie::parse(text) else {
                continue;
            };
            let (name, value) = (cookie.name(), cookie.value());
            if unfit(name) || unfit(value) {
                continue;
            }
            if is_over(&cookie) {
                self.values.lock().remove(name);
            } else {
                self.values.lock().insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn unfit(text: &str) -> bool {
    text.chars()
        .any(|character| character.is_control() || character == ';')
}

/// Whether a cookie is set only to be removed. `Max-Age` decides before `Expires`.
fn is_over(cookie: &Cookie<'_>) -> bool {
    match (cookie.max_age(), cookie.expires_datetime()) {
        (Some(age), _) => !age.is_positive(),
        (None, Some(date)) => SystemTime::from(date) <= SystemTime::now(),
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, SET_COOKIE};

    use super::*;

    fn options() -> ConnectionOptions {
        ConnectionOptions::new("https://host", "ada", "key").unwrap()
    }

    #[test]
    fn what_the_server_sets_is_followed() {
        let cases = [
            ("b=2; Path=/; HttpOnly", Some("a=1; b=2")),
            ("a = x=y ", Some("a=x=y")),
            ("a=; Max-Age=0", None),
            (
                "a=3; max-age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
                Some("a=3"),
            ),
            ("a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", None),
            ("nonsense", Some("a=1")),
            ("=4", Some("a=1")),
        ];
        for (set, expected) in cases {
            let cookies = Cookies::new(&options().cookie("a", "1")).unwrap();
            let mut headers = HeaderMap::new();
            headers.insert(SET_COOKIE, HeaderValue::from_static(set));
            cookies.follow(&headers.get_all(SET_COOKIE));
            let header = cookies.header();
            let text = header.as_ref().map(|header| header.to_str().unwrap());
            assert_eq!(text, expected, "{set}");
            assert!(header.is_none_or(|header| header.is_sensitive()));
        }
    }

    #[test]
    fn what_cannot_be_a_cookie_is_refused() {
        for (name, value) in [
            ("", "x"),
            ("a=b", "x"),
            ("a", "x; Domain=y"),
            ("a", "x\r\n"),
        ] {
            assert!(
                Cookies::new(&options().cookie(name, value)).is_err(),
                "{name}={value}"
            );
        }
    }
}
