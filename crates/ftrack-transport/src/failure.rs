//! From the errors of the libraries below to ours.

use std::error::Error as StdError;
use std::io;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use tower_service::Service;

use crate::error::{Cause, Error, RetryStatistics};
use crate::tls::{UnknownIssuer, lacks_only_a_chain};

type TunnelError = <Tunnel<HttpConnector> as Service<Uri>>::Error;
type SocksError = <SocksV5<HttpConnector> as Service<Uri>>::Error;

/// The error for a failed TLS handshake, if that is what this one is about.
pub(crate) fn handshake_error(error: &(dyn StdError + 'static), origin: &str) -> Option<Error> {
    let tls = find::<rustls::Error>(error)?.clone();
    let source: Cause = match tls {
        rustls::Error::InvalidMessage(_) => NoTls(tls).into(),
        _ if lacks_only_a_chain(&tls) => UnknownIssuer(tls).into(),
        _ => tls.into(),
    };
    Some(Error::Tls {
        origin: origin.to_owned(),
        statistics: RetryStatistics::default(),
        source,
    })
}

/// The error for a connection that did not come about through a proxy.
pub(crate) fn proxy_error(source: Cause, origin: String, proxy: String) -> Error {
    let credentials_rejected = rejects_credentials(&*source);
    let source = if credentials_rejected {
        CredentialsRejected(Some(source)).into()
    } else {
        source
    };
    Error::Proxy {
        origin,
        proxy,
        credentials_rejected,
        statistics: RetryStatistics::default(),
        source,
    }
}

/// The error for an answer by which a proxy wants another user and password.
pub(crate) fn proxy_status_error(origin: String, proxy: String) -> Error {
    Error::Proxy {
        origin,
        proxy,
        credentials_rejected: true,
        statistics: RetryStatistics::default(),
        source: CredentialsRejected(None).into(),
    }
}

fn rejects_credentials(error: &(dyn StdError + 'static)) -> bool {
    if let Some(error) = find::<TunnelError>(error) {
        return matches!(error, TunnelError::ProxyAuthRequired);
    }
    match find::<SocksError>(error) {
        // What exactly is wrong is told by words alone.
        Some(SocksError::V5(error)) => {
            let text = error.to_string();
            text.contains("credentials") || text.contains("auth")
        }
        _ => false,
    }
}

/// A proxy does not know the user or the password.
#[derive(Debug, thiserror::Error)]
#[error(
    "the proxy wants a user and a password that it knows; write them into the proxy's URL, as in \
     http://user:password@host:3128"
)]
struct CredentialsRejected(#[source] Option<Cause>);

/// What a TLS library calls a corrupt message is most often no message of TLS at all.
#[derive(Debug, thiserror::Error)]
#[error("the server does not seem to speak TLS, so its address may begin with http://")]
struct NoTls(#[source] rustls::Error);

/// The texts of an error and its causes in one line.
pub(crate) fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

/// The first `T` among the causes, also inside I/O errors.
pub(crate) fn find<'a, T: StdError + 'static>(
    error: &'a (dyn StdError + 'static),
) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(found) = cause.downcast_ref::<T>() {
            return Some(found);
        }
        next = match cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    None
}
