//! Everything that shapes a connection.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::api_key::ApiKey;
use crate::error::{Error, Result};
use crate::retry::RetryPolicy;
use crate::server_url::ServerUrl;

/// What a connection to a server is made with.
///
/// The three things that it cannot do without are arguments of [`new`](Self::new); everything else
/// has a default and a method of its own.
///
/// ```
/// use std::time::Duration;
/// use ftrack_transport::{ConnectionOptions, RetryPolicy};
///
/// let options = ConnectionOptions::new("https://studio.ftrackapp.com/", "ada", "the-key")?
///     .timeout(Duration::from_secs(20))
///     .cookie("affinity", "blue")
///     .retry(RetryPolicy::none());
/// assert_eq!(options.server_url(), "https://studio.ftrackapp.com");
///
/// let error = ConnectionOptions::new("studio.ftrackapp.com", "ada", "the-key").unwrap_err();
/// let advice = "invalid server_url: it has no scheme; write https://studio.ftrackapp.com";
/// assert_eq!(error.to_string(), advice);
/// # Ok::<(), ftrack_transport::Error>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct ConnectionOptions {
    pub(crate) server: ServerUrl,
    api_user: String,
    api_key: ApiKey,
    /// How long nothing may move before a request is given up. Defaults to 60 s.
    pub timeout: Duration,
    /// How long a call may take altogether. Defaults to 10 minutes.
    pub deadline: Duration,
    /// Headers sent with every request to the server, by name and value.
    pub headers: Vec<(String, String)>,
    /// Cookies sent with every request to the server, by name and value.
    pub cookies: Vec<(String, String)>,
    /// The way to the network.
    pub proxy: Proxy,
    /// A file of PEM certificates, or a folder of such files, trusted instead of the system's.
    pub ca_bundle: Option<PathBuf>,
    /// Repeated by the server in the events that tell of this client's changes.
    pub client_token: Option<String>,
    /// Repeated by the server in the events that tell of this client's changes.
    pub push_token: Option<String>,
    /// Whether the server is to give its errors an HTTP error status as well.
    pub strict_api: bool,
    /// When and how requests are tried again.
    pub retry: RetryPolicy,
    /// The `user-agent` header. Defaults to the name and version of this library.
    pub user_agent: String,
    /// The largest answer to a call, in bytes. Defaults to 1 GiB.
    pub largest_answer: u64,
}

/// How requests get out to the network.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Proxy {
    /// As the environment says: `http_proxy`, `https_proxy` and `all_proxy` name a proxy, and
    /// `no_proxy` lists the hosts that are reached without: `*` for all, names (with what ends in
    /// them after a dot), addresses, networks (`10.0.0.0/8`), each with or without a port.
    #[default]
    Environment,
    /// Directly, whatever the environment says.
    Direct,
    /// Through the proxy at this URL, for every host. It may be `http`, `https`, `socks5` or
    /// `socks5h`, and may hold a user and a password.
    Url(String),
}

impl ConnectionOptions {
    /// Options for a server, a user and a key.
    ///
    /// # Errors
    /// [`Error::InvalidOptions`] names the argument that is missing or malformed and says what to
    /// write instead.
    pub fn new(
        server_url: impl AsRef<str>,
        api_user: impl Into<String>,
        api_key: impl Into<ApiKey>,
    ) -> Result<Self> {
        let server = ServerUrl::parse(server_url.as_ref())?;
        let api_user = api_user.into();
        let api_key = api_key.into();
        for (option, missing) in [
            ("api_user", api_user.is_empty()),
            ("api_key", api_key.is_empty()),
        ] {
            if missing {
                return Err(Error::invalid_option(option, "it is missing"));
            }
        }
        Ok(Self {
            server,
            api_user,
            api_key,
            timeout: Duration::from_secs(60),
            deadline: Duration::from_secs(600),
            headers: Vec::new(),
            cookies: Vec::new(),
            proxy: Proxy::default(),
            ca_bundle: None,
            client_token: None,
            push_token: None,
            strict_api: false,
            retry: RetryPolicy::default(),
            user_agent: concat!("ftrack-rust/", env!("CARGO_PKG_VERSION")).to_owned(),
            largest_answer: 1 << 30,
        })
    }

    /// The server's address without a trailing `/`.
    pub fn server_url(&self) -> &str {
        self.server.as_str()
    }

    /// The user's name.
    pub fn api_user(&self) -> &str {
        &self.api_user
    }

    /// The user's key.
    pub fn api_key(&self) -> &ApiKey {
        &self.api_key
    }

    /// Sets how long nothing may move before a request is given up.
    ///
    /// It limits the time to connect and then every pause, not the whole of a long transfer. A file
    /// of which less than 1 KiB arrives in this time counts as one that does not move.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets how long a call may take altogether, repetitions and the delays between them included.
    ///
    /// It does not concern files, which take as long as they take while something moves; see
    /// [`Request::deadline`](crate::Request::deadline).
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Adds a header that every request to the server carries.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a cookie that every request to the server carries.
    pub fn cookie(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.cookies.push((name.into(), value.into()));
        self
    }

    /// Sets the way to the network.
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = proxy;
        self
    }

    /// Trusts the certificates in this PEM file, or in the files of this folder, instead of the
    /// system's. A server whose own certificate is among them is trusted as well, so a self-signed
    /// one needs no authority.
    ///
    /// Without it the environment variables count: `REQUESTS_CA_BUNDLE` or else `CURL_CA_BUNDLE`,
    /// each a file or a folder, or else `SSL_CERT_FILE` and the folders of `SSL_CERT_DIR`.
    pub fn ca_bundle(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_bundle = Some(path.into());
        self
    }

    /// Sets the token by which this client recognises events that it caused.
    pub fn client_token(mut self, token: impl Into<String>) -> Self {
        self.client_token = Some(token.into());
        self
    }

    /// Sets the push token that the server repeats in events.
    pub fn push_token(mut self, token: impl Into<String>) -> Self {
        self.push_token = Some(token.into());
        self
    }

    /// Sets whether the server is to give its errors an HTTP error status as well.
    pub fn strict_api(mut self, strict: bool) -> Self {
        self.strict_api = strict;
        self
    }

    /// Sets when and how requests are tried again.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Sets the `user-agent` header.
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = name.into();
        self
    }

    /// Sets the largest answer to a call, in bytes.
    pub fn largest_answer(mut self, bytes: u64) -> Self {
        self.largest_answer = bytes;
        self
    }
}

impl fmt::Debug for ConnectionOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ConnectionOptions")
            .field("server", &self.server.as_str())
            .field("api_user", &self.api_user)
            .field("api_key", &self.api_key)
            .field("timeout", &self.timeout)
            .field("deadline", &self.deadline)
            .field("headers", &names(&self.headers))
            .field("cookies", &names(&self.cookies))
            .field("proxy", &self.proxy)
            .field("ca_bundle", &self.ca_bundle)
            .field("client_token", &self.client_token.as_ref().map(|_| "***"))
            .field("push_token", &self.push_token.as_ref().map(|_| "***"))
            .field("strict_api", &self.strict_api)
            .field("retry", &self.retry)
            .field("user_agent", &self.user_agent)
            .field("largest_answer", &self.largest_answer)
            .finish()
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => formatter.write_str("Environment"),
            Self::Direct => formatter.write_str("Direct"),
            Self::Url(url) => {
                // What precedes the `@` is a user and a password.
                let host = url.rsplit('@').next().unwrap_or_default();
                formatter.debug_tuple("Url").field(&host).finish()
            }
        }
    }
}

/// The names alone: values may be secrets.
pub(crate) fn names(pairs: &[(String, String)]) -> Vec<&str> {
    pairs.iter().map(|(name, _)| name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let options = ConnectionOptions::new("https://host", "ada", "secret-1")
            .unwrap()
            .header("authorization", "secret-2")
            .cookie("session", "secret-3")
            .proxy(Proxy::Url("http://user:secret-4@proxy:3128".to_owned()))
            .client_token("secret-5")
            .push_token("secret-6");
        let text = format!("{options:?}");
        assert!(!text.contains("secret"), "{text}");
        for shown in ["ada", "authorization", "session", "proxy:3128"] {
            assert!(text.contains(shown), "{shown} is not in {text}");
        }
    }

    #[test]
    fn a_missing_user_or_key_is_named() {
        for (user, key, option) in [("", "key", "api_user"), ("ada", "", "api_key")] {
            let error = ConnectionOptions::new("https://host", user, key).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("invalid {option}: it is missing")
            );
        }
    }
}
