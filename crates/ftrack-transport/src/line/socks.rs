//! Proxies that speak SOCKS (RFC 1928, RFC 1929, and the older version 4 with its extension 4a).

use std::io;
use std::net::{IpAddr, Ipv4Addr};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::lookup_host;

use super::Target;

const CONNECT: u8 = 1;
const NO_AUTHENTICATION: u8 = 0;
const USER_AND_PASSWORD: u8 = 2;

/// Where to, as the proxy is told.
enum Place {
    Address(IpAddr),
    /// The proxy is to look the name up.
    Name(String),
}

/// Asks the proxy at the other end for a connection to `target`. With `socks4a` and `socks5h` the
/// proxy looks names up, with `socks4` and `socks5` that is done here.
pub(super) async fn open<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    scheme: &str,
    credentials: Option<(&str, &str)>,
    target: &Target,
) -> io::Result<()> {
    let is_old = scheme.starts_with("socks4");
    let place = place(target, matches!(scheme, "socks4a" | "socks5h"), is_old).await?;
    if is_old {
        return open_old(stream, credentials, &place, target.port).await;
    }
    authenticate(stream, credentials).await?;
    let mut request = vec![5, CONNECT, 0];
    match &place {
        Place::Address(IpAddr::V4(address)) => {
            request.push(1);
            request.extend(address.octets());
        }
        Place::Name(name) => {
            request.push(3);
            push_text(&mut request, name)?;
        }
        Place::Address(IpAddr::V6(address)) => {
            request.push(4);
            request.extend(address.octets());
        }
    }
    request.extend(target.port.to_be_bytes());
    send(stream, &request).await?;
    let [version, answer, _, kind] = read(stream).await?;
    if (version, answer) != (5, 0) {
        return Err(refused(reason(answer)));
    }
    // Where the proxy connects from, which nobody needs to know.
    let length = match kind {
        1 => 4,
        3 => usize::from(stream.read_u8().await?),
        4 => 16,
        _ => return Err(refused("it gives an answer of an unknown form")),
    };
    let mut rest = vec![0; length + 2];
    stream.read_exact(&mut rest).await.map(drop)
}

async fn authenticate<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    credentials: Option<(&str, &str)>,
) -> io::Result<()> {
    let method = match credentials {
        Some(_) => USER_AND_PASSWORD,
        None => NO_AUTHENTICATION,
    };
    send(stream, &[5, 1, method]).await?;
    let [version, chosen] = read(stream).await?;
    if version != 5 || chosen != method {
        return Err(refused("it wants another kind of credentials"));
    }
    let Some((user, password)) = credentials else {
        return Ok(());
    };
    let mut request = vec![1];
    push_text(&mut request, user)?;
    push_text(&mut request, password)?;
    send(stream, &request).await?;
    let [_, status] = read(stream).await?;
    match status {
        0 => Ok(()),
        _ => Err(refused("it does not accept user and password")),
    }
}

/// Version 4, which knows no passwords.
async fn open_old<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    credentials: Option<(&str, &str)>,
    place: &Place,
    port: u16,
) -> io::Result<()> {
    let mut request = vec![4, CONNECT];
    request.extend(port.to_be_bytes());
    match place {
        Place::Address(IpAddr::V4(address)) => request.extend(address.octets()),
        // An address that cannot be says that a name follows.
        _ => request.extend(Ipv4Addr::new(0, 0, 0, 1).octets()),
    }
    request.extend(credentials.map_or("", |(user, _)| user).bytes());
    request.push(0);
    if let Place::Name(name) = place {
        request.extend(name.bytes());
        request.push(0);
    }
    send(stream, &request).await?;
    let answer: [u8; 8] = read(stream).await?;
    match answer[1] {
        90 => Ok(()),
        _ => Err(refused("it refuses the connection")),
    }
}

async fn place(target: &Target, by_proxy: bool, is_old: bool) -> io::Result<Place> {
    if let Ok(address) = target.host.parse() {
        if is_old && matches!(address, IpAddr::V6(_)) {
            return Err(refused("this kind knows no IPv6; use socks5"));
        }
        return Ok(Place::Address(address));
    }
    if by_proxy {
        return Ok(Place::Name(target.host.clone()));
    }
    let mut found = lookup_host((target.host.as_str(), target.port)).await?;
    let fits = |address: &IpAddr| !is_old || address.is_ipv4();
    let address = found.find_map(|found| Some(found.ip()).filter(fits));
    let nowhere = || io::Error::new(io::ErrorKind::NotFound, "the server has no such address");
    address.map(Place::Address).ok_or_else(nowhere)
}

/// Adds a text after its length.
fn push_text(request: &mut Vec<u8>, text: &str) -> io::Result<()> {
    let length = u8::try_from(text.len()).map_err(|_| refused("a name or password is too long"))?;
    request.push(length);
    request.extend(text.bytes());
    Ok(())
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), request: &[u8]) -> io::Result<()> {
    stream.write_all(request).await?;
    stream.flush().await
}

async fn read<const LENGTH: usize>(
    stream: &mut (impl AsyncRead + Unpin),
) -> io::Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

fn refused(reason: &str) -> io::Error {
    io::Error::other(format!("the socks proxy does not let us through: {reason}"))
}

fn reason(answer: u8) -> &'static str {
    match answer {
        2 => "its rules forbid it",
        3 => "it cannot reach the network",
        4 => "it cannot reach the server",
        5 => "the server refuses connections",
        6 => "the server does not answer",
        8 => "it knows no such kind of address",
        _ => "it says no",
    }
}
