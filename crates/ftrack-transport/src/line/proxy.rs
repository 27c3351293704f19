//! Ways through a proxy, which lets the bytes pass as they are.

use std::io;

use hyper_util::client::proxy::matcher::Intercept;

use super::{Connecting, Stream, Target, head, socks};
use crate::Result;

impl Connecting<'_> {
    /// A way through a proxy.
    pub(super) async fn through(
        &self,
        proxy: &Intercept,
        target: &Target,
    ) -> Result<Box<dyn Stream>> {
        let uri = proxy.uri();
        let scheme = uri.scheme_str().unwrap_or("http");
        let usual_port = match scheme {
            "http" => 80,
            "https" => 443,
            _ => 1080,
        };
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let address = Target {
            host: host.to_owned(),
            port: uri.port_u16().unwrap_or(usual_port),
        };
        let mut stream = self.to(&address).await?;
        let opened = match scheme {
            "socks4" | "socks4a" | "socks5" | "socks5h" => {
                socks::open(&mut stream, scheme, proxy.raw_auth(), target).await
            }
            _ => {
                if scheme == "https" {
                    stream = self.secure(stream, address.host).await?;
                }
                tunnel(&mut stream, proxy, target).await
            }
        };
        opened.map_err(|error| self.failed(error))?;
        Ok(stream)
    }
}

/// Asks a proxy for HTTP to let everything through.
async fn tunnel(
    stream: &mut Box<dyn Stream>,
    proxy: &Intercept,
    target: &Target,
) -> io::Result<()> {
    let authorization = proxy.basic_auth().and_then(|value| value.to_str().ok());
    let authorization = authorization.map_or_else(String::new, |value| {
        format!("proxy-authorization: {value}\r\n")
    });
    let request = format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n{authorization}\r\n");
    let status = head::exchange(stream, &request).await?.status();
    if (200..300).contains(&status) {
        return Ok(());
    }
    let problem = format!("the proxy does not let us through (status {status})");
    Err(io::Error::other(problem))
}
