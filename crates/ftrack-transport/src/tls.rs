//! Which servers are trusted.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

use crate::{Error, Result};

/// The configuration of TLS: the system's trust, or only that of a bundle.
///
/// What a bundle holds is read here, so that one that cannot be used is found at once; its hundred certificates are
/// parsed when there is one to judge by them.
pub(crate) fn config(
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
    let source = match bundle.map(Path::to_owned).or_else(from_environment) {
        Some(path) => Source::Bundle(Mutex::new(read_bundle(&path)?)),
        None => Source::System,
    };
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Trust::new(provider, source)))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The texts of a bundle, in which there is at least one certificate that can be used.
fn read_bundle(path: &Path) -> Result<Vec<Vec<u8>>> {
    let explain = |error: io::Error| invalid(format!("{}: {error}", path.display()));
    let mut texts = Vec::new();
    for file in bundle_files(path).map_err(explain)? {
        let text =
            fs::read(&file).map_err(|error| invalid(format!("{}: {error}", file.display())))?;
        texts.push(text);
    }
    let is_root = |certificate| RootCertStore::empty().add(certificate).is_ok();
    if !texts
        .iter()
        .flat_map(|text| certificates(text))
        .any(is_root)
    {
        return Err(invalid(format!(
            "{} holds no usable certificate",
            path.display()
        )));
    }
    Ok(texts)
}

fn certificates(pem: &[u8]) -> impl Iterator<Item = CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem).filter_map(std::result::Result::ok)
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

/// Who judges, loaded with the first certificate to judge: a plain connection should neither pay for it nor fail on
/// a system that trusts nobody.
struct Trust {
    provider: Arc<CryptoProvider>,
    source: Source,
    verifier: OnceLock<Result<Arc<dyn ServerCertVerifier>, rustls::Error>>,
}

/// Where the certificates are that are trusted.
enum Source {
    System,
    /// In these texts, which are gone once they are parsed.
    Bundle(Mutex<Vec<Vec<u8>>>),
}

impl Trust {
    fn new(provider: Arc<CryptoProvider>, source: Source) -> Self {
        Self {
            provider,
            source,
            verifier: OnceLock::new(),
        }
    }

    fn verifier(&self) -> Result<&dyn ServerCertVerifier, rustls::Error> {
        let verifier = self.verifier.get_or_init(|| self.load());
        verifier.as_deref().map_err(Clone::clone)
    }

    fn load(&self) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
        let provider = Arc::clone(&self.provider);
        let texts = match &self.source {
            Source::System => return Ok(Arc::new(Verifier::new(provider)?)),
            Source::Bundle(texts) => std::mem::take(&mut *texts.lock()),
        };
        let mut roots = RootCertStore::empty();
        // As everywhere, a certificate that cannot be used as a root is left out of the bundle.
        roots.add_parsable_certificates(texts.iter().flat_map(|text| certificates(text)));
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map(|verifier| verifier as Arc<dyn ServerCertVerifier>)
            .map_err(|error| rustls::Error::General(error.to_string()))
    }
}

impl ServerCertVerifier for Trust {
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

impl fmt::Debug for Trust {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Trust").finish_non_exhaustive()
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
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let trust = Trust::new(provider, Source::System);
        assert!(!trust.supported_verify_schemes().is_empty());
        assert!(trust.verifier.get().is_none());
    }
}
