//! Connections for what is not a request.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use ftrack_transport::{
    ConnectionOptions, Engine, Error, Proxy, ResponseHead, Result, ServerStream,
};

const REQUEST: &str = "GET /socket HTTP/1.1\r\nupgrade: websocket\r\n\r\n";

/// A server that upgrades whoever asks.
fn upgrading() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut request = [0; REQUEST.len()];
            if stream.read_exact(&mut request).is_ok() {
                let answer = b"HTTP/1.1 101 x\r\nupgrade: websocket\r\n\r\nand more";
                let _ = stream.write_all(answer);
            }
        }
    });
    address
}

fn open(url: String, proxy: String) -> Result<ResponseHead> {
    let options = ConnectionOptions::new(url, "ada", "the-key")?.proxy(Proxy::Url(proxy));
    let engine = Engine::new();
    let head = engine.spawn(async move {
        let mut stream = ServerStream::open(&options).await?;
        stream.send_head(REQUEST).await
    });
    head.wait()
}

/// Whom a proxy was asked for, and by whom.
#[derive(Debug, PartialEq)]
struct Asked {
    version: u8,
    host: String,
    port: u16,
    user: Option<String>,
}

/// A proxy that speaks SOCKS and leads everybody to `server`. It wants this user, if it is given.
fn socks(server: SocketAddr, user: Option<&'static str>) -> (SocketAddr, Receiver<Asked>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, asked) = channel();
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let Ok(question) = listen(&mut stream, user) else {
                continue;
            };
            sender.send(question).unwrap();
            let server = TcpStream::connect(server).unwrap();
            relay(stream.try_clone().unwrap(), server.try_clone().unwrap());
            relay(server, stream);
        }
    });
    (address, asked)
}

fn relay(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || io::copy(&mut from, &mut to));
}

fn listen(stream: &mut TcpStream, user: Option<&str>) -> io::Result<Asked> {
    match byte(stream)? {
        4 => listen_to_old(stream),
        version => {
            let methods = text(stream)?;
            let wanted = if user.is_some() { 2 } else { 0 };
            let chosen = if methods.contains(&wanted) {
                wanted
            } else {
                255
            };
            stream.write_all(&[5, chosen])?;
            let mut given = None;
            if chosen == 2 {
                assert_eq!(byte(stream)?, 1);
                let (name, password) = (text(stream)?, text(stream)?);
                let fits = user.map(str::as_bytes) == Some(&*name) && password == b"pass";
                stream.write_all(&[1, u8::from(!fits)])?;
                given = Some(String::from_utf8(name).unwrap());
            }
            let [_, command, _, kind]: [u8; 4] = read(stream)?;
            assert_eq!(command, 1);
            let host = match kind {
                1 => IpAddr::from(read::<4>(stream)?).to_string(),
                3 => String::from_utf8(text(stream)?).unwrap(),
                _ => IpAddr::from(read::<16>(stream)?).to_string(),
            };
            let port = u16::from_be_bytes(read(stream)?);
            let refuses = u8::from(host == "forbidden.invalid") * 2;
            stream.write_all(&[5, refuses, 0, 3, 2, b'm', b'e', 0, 1])?;
            Ok(Asked {
                version,
                host,
                port,
                user: given,
            })
        }
    }
}

fn listen_to_old(stream: &mut TcpStream) -> io::Result<Asked> {
    assert_eq!(byte(stream)?, 1);
    let port = u16::from_be_bytes(read(stream)?);
    let address: [u8; 4] = read(stream)?;
    let user = until_zero(stream)?;
    let host = match address {
        [0, 0, 0, _] => until_zero(stream)?,
        address => IpAddr::from(address).to_string(),
    };
    stream.write_all(&[0, 90, 0, 0, 0, 0, 0, 0])?;
    Ok(Asked {
        version: 4,
        host,
        port,
        user: Some(user).filter(|user| !user.is_empty()),
    })
}

fn byte(stream: &mut TcpStream) -> io::Result<u8> {
    read::<1>(stream).map(|[byte]| byte)
}

fn read<const LENGTH: usize>(stream: &mut TcpStream) -> io::Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn text(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(byte(stream)?)];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn until_zero(stream: &mut TcpStream) -> io::Result<String> {
    let mut bytes = Vec::new();
    loop {
        match byte(stream)? {
            0 => return Ok(String::from_utf8(bytes).unwrap()),
            byte => bytes.push(byte),
        }
    }
}

#[test]
fn every_kind_of_socks_proxy_leads_to_the_server() {
    let server = upgrading();
    let cases: [(&str, &str, u8, &str, Option<&str>); 6] = [
        ("socks5h://", "studio.invalid", 5, "studio.invalid", None),
        (
            "socks5h://ada:pass@",
            "studio.invalid",
            5,
            "studio.invalid",
            Some("ada"),
        ),
        ("socks5://", "127.0.0.1", 5, "127.0.0.1", None),
        ("socks5://", "[::1]", 5, "::1", None),
        ("socks4a://", "studio.invalid", 4, "studio.invalid", None),
        ("socks4://", "127.0.0.1", 4, "127.0.0.1", None),
    ];
    for (scheme, host, version, expected, user) in cases {
        let (proxy, asked) = socks(server, user);
        let head = open(format!("http://{host}:8080"), format!("{scheme}{proxy}")).unwrap();
        assert_eq!(
            (head.status(), head.header("upgrade")),
            (101, Some("websocket"))
        );
        let expected = Asked {
            version,
            host: expected.to_owned(),
            port: 8080,
            user: user.map(str::to_owned),
        };
        assert_eq!(asked.recv().unwrap(), expected, "{scheme} {host}");
    }
}

#[test]
fn names_are_looked_up_here_unless_the_proxy_is_to() {
    let (proxy, asked) = socks(upgrading(), None);
    open(
        "http://localhost:8080".to_owned(),
        format!("socks4://{proxy}"),
    )
    .unwrap();
    assert_eq!(asked.recv().unwrap().host, "127.0.0.1");
    let error = open("http://[::1]:8080".to_owned(), format!("socks4://{proxy}")).unwrap_err();
    let reason = std::error::Error::source(&error).unwrap().to_string();
    assert!(reason.contains("socks5"), "{reason}");
}

#[test]
fn a_proxy_that_rejects_is_named_and_says_why() {
    let cases = [
        ("socks5h://", "forbidden.invalid", None, false),
        ("socks5h://eve:pass@", "studio.invalid", Some("ada"), true),
    ];
    for (scheme, host, user, credentials) in cases {
        let (address, _asked) = socks(upgrading(), user);
        let error = open(format!("http://{host}:8080"), format!("{scheme}{address}")).unwrap_err();
        let Error::Proxy {
            proxy,
            credentials_rejected,
            ..
        } = &error
        else {
            panic!("{error:?}");
        };
        assert_eq!(*proxy, format!("socks5h://{address}"));
        assert_eq!(*credentials_rejected, credentials, "{error:#}");
        assert_eq!(error.is_retryable(), !credentials);
        let text = format!("{error:#}");
        assert!(text.contains(proxy) && !text.contains("eve"), "{text}");
    }
}

#[test]
fn a_tunnel_leads_to_the_server_for_a_user_that_the_proxy_knows() {
    let server = upgrading();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(byte(&mut stream).unwrap());
            }
            let head = String::from_utf8(head).unwrap();
            assert!(head.starts_with("CONNECT studio.invalid:8080 HTTP/1.1\r\n"));
            if head.contains("Proxy-Authorization: Basic YWRhOnBAc3M=\r\n") {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
                let server = TcpStream::connect(server).unwrap();
                relay(stream.try_clone().unwrap(), server.try_clone().unwrap());
                relay(server, stream);
            } else {
                let answer = b"HTTP/1.1 407 who\r\ncontent-length: 0\r\n\r\n";
                stream.write_all(answer).unwrap();
            }
        }
    });
    let url = "http://studio.invalid:8080".to_owned();
    let head = open(url.clone(), format!("http://ada:p%40ss@{address}")).unwrap();
    assert_eq!(head.status(), 101);
    let error = open(url, format!("http://eve:pass@{address}")).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Proxy {
                credentials_rejected: true,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn a_proxy_that_is_not_there_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    for scheme in ["http", "https", "socks4a", "socks5h"] {
        let error = open(
            "http://studio.invalid:8080".to_owned(),
            format!("{scheme}://{address}"),
        )
        .unwrap_err();
        let expected = format!(
            "could not connect to http://studio.invalid:8080 through the proxy {scheme}://{address}"
        );
        assert_eq!(error.to_string(), expected);
        assert!(error.is_retryable());
    }
}

#[test]
fn what_answers_without_http_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"SSH-2.0-x\r\n\r\n").unwrap();
    });
    let options = ConnectionOptions::new(url, "ada", "the-key").unwrap();
    let options = options.proxy(Proxy::Direct);
    let engine = Engine::new();
    let head = engine.spawn(async move {
        let mut stream = ServerStream::open(&options).await?;
        stream.send_head(REQUEST).await
    });
    assert!(matches!(head.wait(), Err(Error::ConnectionLost { .. })));
}
