//! The headers of requests, checked and made once.

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};

use crate::error::{Error, Result};
use crate::options::ConnectionOptions;

/// Headers that describe the message itself; wrong ones would make it unreadable.
const OF_THE_MESSAGE: [&str; 5] = [
    "connection",
    "content-length",
    "host",
    "transfer-encoding",
    "upgrade",
];

/// The headers of every request, by where it goes.
pub(super) struct Headers {
    /// For any host.
    pub(super) anywhere: HeaderMap,
    /// For the server's own origin: credentials and what the user added.
    pub(super) server: HeaderMap,
    /// For calls to `/api`.
    pub(super) api: HeaderMap,
}

impl Headers {
    pub(super) fn new(options: &ConnectionOptions) -> Result<Self> {
        let mut anywhere = HeaderMap::new();
        anywhere.insert(USER_AGENT, value("user_agent", &options.user_agent)?);

        let mut server = anywhere.clone();
        add(&mut server, &options.headers)
            .map_err(|problem| Error::invalid_option("headers", problem))?;
        server.insert("ftrack-user", secret("api_user", options.api_user())?);
        server.insert(
            "ftrack-api-key",
            secret("api_key", options.api_key().expose())?,
        );

        let mut api = server.clone();
        let json = HeaderValue::from_static("application/json");
        api.insert(CONTENT_TYPE, json.clone());
        api.insert(ACCEPT, json);
        let strict = if options.strict_api { "true" } else { "false" };
        api.insert("ftrack-strict-api", HeaderValue::from_static(strict));
        if let Some(token) = &options.client_token {
            api.insert("ftrack-clienttoken", secret("client_token", token)?);
        }
        if let Some(token) = &options.push_token {
            api.insert("ftrack-pushtoken", secret("push_token", token)?);
        }
        Ok(Self {
            anywhere,
            server,
            api,
        })
    }
}

/// Adds what a user gave, replacing what is there under the same name.
pub(super) fn add(headers: &mut HeaderMap, added: &[(String, String)]) -> Result<(), String> {
    for (name, value) in added {
        let known = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("{name:?} is not the name of a header"))?;
        if OF_THE_MESSAGE.contains(&known.as_str()) {
            return Err(format!(
                "{name:?} cannot be set, it follows from the message"
            ));
        }
        let mut value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| format!("the value of {name:?} holds control characters"))?;
        value.set_sensitive(true);
        headers.insert(known, value);
    }
    Ok(())
}

fn value(option: &'static str, text: &str) -> Result<HeaderValue> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|source| {
        let problem = "it holds control characters, perhaps the end of a line";
        Error::invalid_option_because(option, problem, source)
    })
}

fn secret(option: &'static str, text: &str) -> Result<HeaderValue> {
    let mut value = value(option, text)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> ConnectionOptions {
        ConnectionOptions::new("https://host", "ada", "key").unwrap()
    }

    #[test]
    fn secrets_are_marked_as_such() {
        let headers = Headers::new(&options().header("x-studio", "hidden").push_token("hidden"));
        let text = format!("{:?}", headers.unwrap().api);
        assert!(
            !text.contains("hidden") && !text.contains("\"key\""),
            "{text}"
        );
        assert!(
            text.contains("x-studio") && text.contains("ftrack-api-key"),
            "{text}"
        );
    }

    #[test]
    fn credentials_cannot_be_replaced() {
        let headers = Headers::new(&options().header("Ftrack-User", "eve")).unwrap();
        assert_eq!(headers.api.get("ftrack-user").unwrap(), "ada");
    }

    #[test]
    fn what_cannot_be_sent_is_named_and_not_shown() {
        let cases = [
            (
                options().header("a b", "x"),
                "invalid headers: \"a b\" is not the name of a header",
            ),
            (
                options().header("x-a", "secret\r\nx: y"),
                "invalid headers: the value of \"x-a\" holds control characters",
            ),
            (
                options().header("Content-Length", "1"),
                "invalid headers: \"Content-Length\" cannot be set, it follows from the message",
            ),
        ];
        for (options, expected) in cases {
            let error = Headers::new(&options).err().unwrap();
            assert_eq!(error.to_string(), expected);
        }
        let newline = ConnectionOptions::new("https://host", "ada", "secret\n").unwrap();
        let error = Headers::new(&newline).err().unwrap().to_string();
        assert!(
            error.starts_with("invalid api_key: ") && !error.contains("secret"),
            "{error}"
        );
    }
}
