//! Which servers are trusted.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

use crate::{Error, Result};

/// The configuration of TLS: the system's trust, or only that of a bundle.
pub(super) fn config(
    bundle: Option<&Path>,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| invalid(error.to_string()))?;
    let from_environment = || {
        let path = variable("REQUESTS_CA_BUNDLE").filter(|path| !path.is_empty());
        path.map(PathBuf::from)
    };
    let mut config = match bundle.map(Path::to_owned).or_else(from_environment) {
        Some(path) => builder.with_root_certificates(roots(&path)?),
        None => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(SystemTrust::new(provider))),
    }
    .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn roots(path: &Path) -> Result<RootCertStore> {
    let explain = |error: io::Error| invalid(format!("{}: {error}", path.display()));
    let mut roots = RootCertStore::empty();
    for file in bundle_files(path).map_err(explain)? {
        let pem =
            fs::read(&file).map_err(|error| invalid(format!("{}: {error}", file.display())))?;
        let certificates = CertificateDer::pem_slice_iter(&pem).filter_map(std::result::Result::ok);
        // As everywhere, a certificate that cannot be used as a root is left out of the bundle.
        roots.add_parsable_certificates(certificates);
    }
    if roots.is_empty() {
        return Err(invalid(format!(
            "{} holds no usable certificate",
            path.display()
        )));
    }
    Ok(roots)
}

/// The file itself, or those in the folder.
fn bundle_files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path)? {
        let file = entry?.path();
        if file.is_file() {
            files.push(file);
        }
    }
    Ok(files)
}

fn invalid(problem: String) -> Error {
    Error::InvalidOptions {
        option: "ca_bundle",
        problem,
    }
}

/// The system's own judgement, loaded with the first certificate to judge: a plain connection
/// should neither pay for it nor fail on a system that has none.
struct SystemTrust {
    provider: Arc<CryptoProvider>,
    verifier: OnceLock<Result<Verifier, rustls::Error>>,
}

impl SystemTrust {
    fn new(provider: Arc<CryptoProvider>) -> Self {
        Self {
            provider,
            verifier: OnceLock::new(),
        }
    }

    fn verifier(&self) -> Result<&Verifier, rustls::Error> {
        let load = || Verifier::new(Arc::clone(&self.provider));
        self.verifier
            .get_or_init(load)
            .as_ref()
            .map_err(Clone::clone)
    }
}

impl ServerCertVerifier for SystemTrust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verifier = self.verifier()?;
        verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier()?
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier()?
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

impl fmt::Debug for SystemTrust {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SystemTrust")
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unusable_bundle_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing.pem");
        let empty = folder.path().join("empty.pem");
        fs::write(&empty, "not a certificate").unwrap();
        for path in [&missing, &empty, &folder.path().to_owned()] {
            let error = config(Some(path), &|_| None).unwrap_err().to_string();
            assert!(error.starts_with("invalid ca_bundle: "), "{error}");
            assert!(error.contains(&path.display().to_string()), "{error}");
        }
    }

    #[test]
    fn the_environment_may_name_a_bundle() {
        let environment = |name: &str| (name == "REQUESTS_CA_BUNDLE").then(|| "/nowhere".into());
        assert!(
            config(None, &environment)
                .unwrap_err()
                .to_string()
                .contains("/nowhere")
        );
        assert!(config(None, &|_| Some(String::new())).is_ok());
    }

    #[test]
    fn the_system_is_asked_only_when_needed() {
        let trust = SystemTrust::new(Arc::new(rustls::crypto::ring::default_provider()));
        assert!(!trust.supported_verify_schemes().is_empty());
        assert!(trust.verifier.get().is_none());
    }
}
