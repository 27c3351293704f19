//! The server that a hub belongs to.

use std::fmt;
use std::sync::Arc;

use ftrack_transport::{ConnectionOptions, Engine, Transport};
use url::Url;

use crate::error::{Error, Result};

/// How the event server is reached. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Server(Arc<Inner>);

struct Inner {
    transport: Arc<dyn Transport>,
    engine: Engine,
    options: ConnectionOptions,
    url: Url,
}

impl Server {
    pub(crate) fn new(
        transport: Arc<dyn Transport>,
        engine: Engine,
        options: ConnectionOptions,
    ) -> Result<Self> {
        let invalid = |option, problem: &str| Error::InvalidOptions {
            option,
            problem: problem.to_owned(),
            source: None,
        };
        let url = Url::parse(options.server_url()).map_err(|error| Error::InvalidOptions {
            option: "server_url",
            problem: "it is not a URL".to_owned(),
            source: Some(error.into()),
        })?;
        let pairs = options.headers.iter().chain(&options.cookies);
        if pairs
            .into_iter()
            .any(|(name, value)| is_unfit(name) || is_unfit(value))
        {
            return Err(invalid("headers", "one of them holds control characters"));
        }
        if is_unfit(&options.user_agent) {
            return Err(invalid("user_agent", "it holds control characters"));
        }
        Ok(Self(Arc::new(Inner {
            transport,
            engine,
            options,
            url,
        })))
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(super) fn transport(&self) -> &dyn Transport {
        &*self.0.transport
    }

    pub(super) fn options(&self) -> &ConnectionOptions {
        &self.0.options
    }

    pub(crate) fn url(&self) -> &str {
        self.0.options.server_url()
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.0.url.scheme() == "https"
    }

    /// Scheme, host and port, as they may appear in errors and logs.
    pub(super) fn origin(&self) -> String {
        self.0.url.origin().ascii_serialization()
    }

    /// The host and the port as they are written in requests.
    pub(super) fn authority(&self) -> String {
        let host = self.0.url.host_str().unwrap_or_default();
        match self.0.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }
}

fn is_unfit(text: &str) -> bool {
    text.chars().any(char::is_control)
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("Server")
            .field(&self.origin())
            .finish()
    }
}
