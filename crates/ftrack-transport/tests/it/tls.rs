//! Secure connections, and whom they trust.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use ftrack_transport::{
    ApiResponse, CallOptions, Engine, Error, HttpTransport, ServerStream, Transport,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::server::options;

type Change = fn(&mut CertificateParams);

fn data(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// Answers `[]` over TLS, whatever it is asked.
fn secure_server() -> SocketAddr {
    let certificate = CertificateDer::from_pem_file(data("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(data("server.key.pem")).unwrap();
    serve(certificate, key)
}

/// The same with a certificate of its own, as `openssl req -x509` makes them: it says that it is an
/// authority. The certificate is written to a file.
fn self_signed_server(
    folder: &Path,
    change: impl FnOnce(&mut CertificateParams),
) -> (SocketAddr, PathBuf) {
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let mut parameters = CertificateParams::new(names).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    change(&mut parameters);
    let certificate = parameters.self_signed(&key).unwrap();
    let bundle = folder.join("studio.pem");
    std::fs::write(&bundle, certificate.pem()).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    (serve(certificate.der().clone(), key), bundle)
}

fn serve(certificate: CertificateDer<'static>, key: PrivateKeyDer<'static>) -> SocketAddr {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, stream.unwrap());
            let mut head = [0; 4096];
            if stream.read(&mut head).is_ok() {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]");
            }
        }
    });
    address
}

fn call(options: ftrack_transport::ConnectionOptions) -> Result<ApiResponse, Error> {
    let transport = HttpTransport::new(options)?;
    transport.call(b"[]".to_vec(), CallOptions::new()).wait()
}

#[test]
fn a_bundle_is_trusted() {
    let address = secure_server();
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(data("authority.pem"), folder.path().join("authority.pem")).unwrap();
    for bundle in [data("authority.pem"), folder.path().to_owned()] {
        for host in ["127.0.0.1", "localhost"] {
            let url = format!("https://{host}:{}", address.port());
            let answer = call(options(&url).ca_bundle(&bundle)).unwrap();
            assert_eq!(answer.body, b"[]");
        }
    }
}

#[test]
fn a_self_signed_certificate_in_the_bundle_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let plain: Change = |parameters| parameters.is_ca = IsCa::NoCa;
    for change in [|_: &mut CertificateParams| (), plain] {
        let (address, bundle) = self_signed_server(folder.path(), change);
        for host in ["127.0.0.1", "localhost"] {
            let url = format!("https://{host}:{}", address.port());
            let answer = call(options(&url).ca_bundle(&bundle)).unwrap();
            assert_eq!(answer.body, b"[]");
            let options = options(&url).ca_bundle(&bundle);
            let engine = Engine::new();
            let stream = engine.spawn(async move { ServerStream::open(&options).await });
            assert!(stream.wait().is_ok(), "{url}");
        }
    }
}

/// A certificate is not trusted beyond its dates and its names, although it is in the bundle.
#[test]
fn a_self_signed_certificate_counts_for_its_time_and_its_names() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(Change, &str); 3] = [
        (
            |parameters| parameters.not_after = date_time_ymd(2020, 1, 1),
            "expired",
        ),
        (
            |parameters| parameters.not_before = date_time_ymd(2100, 1, 1),
            "not valid yet",
        ),
        (
            |parameters| parameters.subject_alt_names.clear(),
            "not valid for",
        ),
    ];
    for (change, expected) in cases {
        for is_authority in [true, false] {
            let (address, bundle) = self_signed_server(folder.path(), |parameters| {
                change(parameters);
                if !is_authority {
                    parameters.is_ca = IsCa::NoCa;
                }
            });
            let error =
                call(options(&format!("https://{address}")).ca_bundle(&bundle)).unwrap_err();
            assert!(matches!(error, Error::Tls { .. }), "{error:?}");
            assert!(format!("{error:#}").contains(expected), "{error:#}");
        }
    }
}

#[test]
fn another_self_signed_certificate_is_not_trusted() {
    let (own, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (_, bundle) = self_signed_server(own.path(), |_| ());
    let (address, _) = self_signed_server(other.path(), |_| ());
    let error = call(options(&format!("https://{address}")).ca_bundle(&bundle)).unwrap_err();
    let text = format!("{error:#}");
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
    for name in [
        "ca_bundle",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "SSL_CERT_FILE",
    ] {
        assert!(text.contains(name), "{name}: {text}");
    }
    let source = std::error::Error::source(&error).unwrap();
    let cause = source.source().unwrap();
    assert!(cause.downcast_ref::<rustls::Error>().is_some(), "{cause:?}");
}

#[test]
fn an_option_that_cannot_be_used_keeps_its_cause() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("ca.pem");
    let error = call(options("https://studio.invalid").ca_bundle(&missing)).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("could not read") && text.contains("ca.pem"),
        "{text}"
    );
    let source = std::error::Error::source(&error).unwrap();
    let cause = source.downcast_ref::<std::io::Error>().unwrap();
    assert_eq!(cause.kind(), std::io::ErrorKind::NotFound);

    let error =
        ftrack_transport::ConnectionOptions::new("https://host:99999", "ada", "key").unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    assert!(
        source.downcast_ref::<url::ParseError>().is_some(),
        "{source:?}"
    );
}

#[test]
fn an_unknown_authority_is_not() {
    let url = format!("https://{}", secure_server());
    let error = call(options(&url)).unwrap_err();
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
    assert_eq!(error.retry_statistics().unwrap().attempts, 1);
    assert!(!error.is_retryable() && !error.is_outcome_unknown());
}

#[test]
fn a_plain_request_to_a_secure_server_says_where_it_failed() {
    let url = format!("http://{}", secure_server());
    let error = call(options(&url)).unwrap_err();
    assert!(error.to_string().contains(&url), "{error}");
}
