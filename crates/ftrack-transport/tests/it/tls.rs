//! Secure connections, and whom they trust.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use ftrack_transport::{ApiResponse, CallOptions, Error, HttpTransport, Transport};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::server::options;

fn data(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// Answers `[]` over TLS, whatever it is asked.
fn secure_server() -> SocketAddr {
    let certificate = CertificateDer::from_pem_file(data("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(data("server.key.pem")).unwrap();
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
fn an_unknown_authority_is_not() {
    let url = format!("https://{}", secure_server());
    let error = call(options(&url)).unwrap_err();
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
    assert_eq!(error.effort().unwrap().attempts, 1);
    assert!(!error.is_retryable() && !error.is_outcome_unknown());
}

#[test]
fn a_plain_request_to_a_secure_server_says_where_it_failed() {
    let url = format!("http://{}", secure_server());
    let error = call(options(&url)).unwrap_err();
    assert!(error.to_string().contains(&url), "{error}");
}
