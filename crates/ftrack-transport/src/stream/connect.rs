//! Opening a connection, through a proxy where one is set.

use std::future::{Ready, ready};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV4, SocksV5, Tunnel};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tower_service::Service;
use url::{Host, Url};

use super::Stream;
use crate::error::{Cause, Error, Result, RetryStatistics};
use crate::options::ConnectionOptions;
use crate::proxy::{Proxies, ProxyServer};
use crate::server_url::origin;
use crate::{failure, tls};

/// A connection to the server of these options.
pub(super) async fn open(options: &ConnectionOptions) -> Result<Box<dyn Stream>> {
    let proxies = Proxies::new(&options.proxy, &|name| std::env::var(name).ok())?;
    let url = options.server.url();
    let proxy = proxies.for_url(url);
    let is_secure = |url: &Url| url.scheme() == "https";
    let tls = if is_secure(url) || proxy.is_some_and(|proxy| is_secure(&proxy.url)) {
        Some(tls_config(options).await?)
    } else {
        None
    };
    let connecting = Connecting { url, proxy, tls };
    let stream = connecting.reach().await?;
    if is_secure(url) {
        return connecting.secure(stream, url).await;
    }
    Ok(stream)
}

/// Reads the certificates, where that does not hold up others.
async fn tls_config(options: &ConnectionOptions) -> Result<Arc<ClientConfig>> {
    let bundle = options.ca_bundle.clone();
    let config = tokio::task::spawn_blocking(move || {
        tls::config(bundle.as_deref(), &|name| std::env::var(name).ok(), true)
    });
    let mut config = config.await.map_err(|_| Error::Interrupted)??;
    // What is spoken over the stream is for its owner to agree on.
    config.alpn_protocols.clear();
    Ok(Arc::new(config))
}

/// A connection that is being made.
struct Connecting<'a> {
    url: &'a Url,
    proxy: Option<&'a ProxyServer>,
    tls: Option<Arc<ClientConfig>>,
}

impl Connecting<'_> {
    /// Bytes to the server and back, without its own TLS.
    async fn reach(&self) -> Result<Box<dyn Stream>> {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        let Some(proxy) = self.proxy else {
            let uri = Self::uri(self.url).map_err(|error| self.failed(error))?;
            let stream = connector.call(uri).await;
            let stream = stream.map_err(|error| self.failed(error))?;
            return Ok(Box::new(stream.into_inner()));
        };
        let reached = match proxy.url.scheme() {
            "http" | "https" => self.tunnel(connector, proxy).await,
            _ => self.socks(connector, proxy).await,
        };
        reached.map_err(|error| self.failed(error))
    }

    /// Asks a proxy for HTTP to let everything through.
    async fn tunnel(
        &self,
        mut connector: HttpConnector,
        proxy: &ProxyServer,
    ) -> Result<Box<dyn Stream>, Cause> {
        let (server, address) = (Self::uri(self.url)?, Self::uri(&proxy.url)?);
        if proxy.url.scheme() != "https" {
            let mut tunnel = Tunnel::new(address, connector);
            if let Some(value) = proxy.authorization()? {
                tunnel = tunnel.with_auth(value);
            }
            return Ok(Box::new(tunnel.call(server).await?.into_inner()));
        }
        let plain = connector.call(address.clone()).await?.into_inner();
        let secure = self.secure(Box::new(plain), &proxy.url).await?;
        let mut tunnel = Tunnel::new(address, Opened(Some(secure)));
        if let Some(value) = proxy.authorization()? {
            tunnel = tunnel.with_auth(value);
        }
        Ok(tunnel.call(server).await?.into_inner())
    }

    /// Asks a proxy that speaks SOCKS. With `socks4a` and `socks5h` it looks names up, with
    /// `socks4` and `socks5` that is done here.
    async fn socks(
        &self,
        connector: HttpConnector,
        proxy: &ProxyServer,
    ) -> Result<Box<dyn Stream>, Cause> {
        let address = Self::uri(&proxy.url)?;
        let is_old = proxy.url.scheme().starts_with("socks4");
        let looks_up = matches!(proxy.url.scheme(), "socks4a" | "socks5h");
        let server = if looks_up {
            Self::uri(self.url)?
        } else {
            self.looked_up(is_old).await?
        };
        if is_old {
            let stream = SocksV4::new(address, connector).call(server).await?;
            return Ok(Box::new(stream.into_inner()));
        }
        let mut socks = SocksV5::new(address, connector);
        if let Some((user, password)) = proxy.credentials() {
            socks = socks.with_auth(user, password);
        }
        Ok(Box::new(socks.call(server).await?.into_inner()))
    }

    /// The server's address by number.
    async fn looked_up(&self, is_old: bool) -> Result<Uri, Cause> {
        let port = self.url.port_or_known_default().unwrap_or(443);
        let fits = |address: &IpAddr| !is_old || address.is_ipv4();
        let address = match self.url.host() {
            Some(Host::Domain(name)) => tokio::net::lookup_host((name, port))
                .await?
                .map(|found| found.ip())
                .find(fits),
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)).filter(fits),
            None => None,
        };
        let unknown = "the server has no address that this kind of proxy can reach; use socks5";
        let address = address.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, unknown))?;
        let socket = SocketAddr::new(address, port);
        Ok(format!("http://{socket}").parse()?)
    }

    /// Scheme, host and port, which the connectors want to be told even where it is the usual one.
    fn uri(url: &Url) -> Result<Uri, Cause> {
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or(443);
        Ok(format!("http://{host}:{port}").parse()?)
    }

    async fn secure(&self, stream: Box<dyn Stream>, host: &Url) -> Result<Box<dyn Stream>> {
        let name = match host.host() {
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(host) => host.to_string(),
            None => String::new(),
        };
        let name = ServerName::try_from(name).map_err(|error| self.failed(error))?;
        let config = self.tls.clone().ok_or(Error::Interrupted)?;
        match TlsConnector::from(config).connect(name, stream).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(error) => Err(failure::handshake_error(&error, &origin(host))
                .unwrap_or_else(|| self.failed(error))),
        }
    }

    fn failed(&self, source: impl Into<Cause>) -> Error {
        let source = source.into();
        let origin = origin(self.url);
        match source.downcast::<Error>() {
            Ok(error) => *error,
            Err(source) => match self.proxy {
                Some(proxy) => failure::proxy_error(source, origin, proxy.origin.clone()),
                None => Error::Connect {
                    origin,
                    statistics: RetryStatistics::default(),
                    source,
                },
            },
        }
    }
}

/// A connection that is open already, for the library to ask for.
struct Opened(Option<Box<dyn Stream>>);

impl Service<Uri> for Opened {
    type Response = TokioIo<Box<dyn Stream>>;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _address: Uri) -> Self::Future {
        let stream = self.0.take().map(TokioIo::new);
        ready(stream.ok_or_else(|| io::Error::other("the connection was taken before")))
    }
}
