//! Which servers are trusted.

mod bundle;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore,
    SignatureScheme,
};
use rustls_platform_verifier::Verifier;

use self::bundle::{Bundle, Place};
use crate::error::{Error, Result};

/// The configuration of TLS: the system's trust, or only that of a bundle.
///
/// What a bundle holds is read here, so that one that cannot be used is found at once; its hundred
/// certificates are parsed when there is one to verify by them. One of the environment is not even
/// read for a server that speaks without TLS: it may be there for other programs.
pub(crate) fn config(
    bundle: Option<&Path>,
    variable: &dyn Fn(&str) -> Option<String>,
    is_encrypted: bool,
) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| {
            let problem = "no version of TLS can be spoken";
            Error::invalid_option_because("connection", problem, error)
        })?;
    let source = match Place::find(bundle, variable) {
        Some(place) if is_encrypted || bundle.is_some() => Source::Bundle(Bundle::read(&place)?),
        Some(place) => Source::Unread(place),
        None => Source::System,
    };
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Trust::new(provider, source)))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The certificate of a server is not signed by an authority that is trusted, and what to do.
#[derive(Debug, thiserror::Error)]
#[error(
    "the server's certificate is not signed by a trusted authority; if it is the studio's own, \
     name a file that holds it by the option ca_bundle or by one of the environment variables \
     REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE and SSL_CERT_FILE"
)]
pub(crate) struct UnknownIssuer(#[source] pub(crate) rustls::Error);

/// The verifier, loaded with the first certificate to verify: a plain connection should neither pay
/// for it nor fail on a system that trusts nobody.
struct Trust {
    provider: Arc<CryptoProvider>,
    /// Whoever loads the verifier holds it.
    source: Mutex<Source>,
    verifier: OnceLock<ChainVerifier>,
}

/// Where the certificates are that are trusted.
enum Source {
    System,
    /// In these texts, which are gone once they are parsed.
    Bundle(Bundle),
    /// In what is there.
    Unread(Place),
}

struct ChainVerifier {
    verifier: Arc<dyn ServerCertVerifier>,
    /// The certificates of the bundle, which are trusted as they are: also those that are not
    /// authorities, or are presented by a server although they are.
    own: Vec<CertificateDer<'static>>,
}

impl Trust {
    fn new(provider: Arc<CryptoProvider>, source: Source) -> Self {
        Self {
            provider,
            source: Mutex::new(source),
            verifier: OnceLock::new(),
        }
    }

    /// What verifies. What could not be loaded is tried again by the next connection.
    fn verifier(&self) -> Result<&ChainVerifier, rustls::Error> {
        if let Some(known) = self.verifier.get() {
            return Ok(known);
        }
        let mut source = self.source.lock();
        if let Some(known) = self.verifier.get() {
            return Ok(known);
        }
        let loaded = self.load(&source)?;
        if let Source::Bundle(texts) = &mut *source {
            *texts = Bundle::default();
        }
        Ok(self.verifier.get_or_init(|| loaded))
    }

    fn load(&self, source: &Source) -> Result<ChainVerifier, rustls::Error> {
        let provider = Arc::clone(&self.provider);
        let own: Vec<_> = match source {
            Source::System => {
                return Ok(ChainVerifier {
                    verifier: Arc::new(Verifier::new(provider)?),
                    own: Vec::new(),
                });
            }
            Source::Bundle(bundle) => bundle.certificates().collect(),
            Source::Unread(place) => {
                let bundle = Bundle::read(place);
                // This kind of error has no cause of its own.
                let bundle =
                    bundle.map_err(|error| rustls::Error::General(format!("{error:#}")))?;
                bundle.certificates().collect()
            }
        };
        let mut roots = RootCertStore::empty();
        // As everywhere, a certificate that cannot be used as a root is left out.
        roots.add_parsable_certificates(own.iter().cloned());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|error| rustls::Error::General(error.to_string()))?;
        Ok(ChainVerifier { verifier, own })
    }
}

impl ChainVerifier {
    fn verifies(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.verifier.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match verified {
            Err(error) if self.own.contains(end_entity) && lacks_only_a_chain(&error) => {
                let parsed = ParsedCertificate::try_from(end_entity)?;
                verify_server_name(&parsed, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }
}

/// Whether nothing is wrong with a certificate except that no authority vouches for it, or that it
/// is one itself. Its dates are checked before either is found, as the tests make sure.
pub(crate) fn lacks_only_a_chain(error: &rustls::Error) -> bool {
    let rustls::Error::InvalidCertificate(problem) = error else {
        return false;
    };
    match problem {
        CertificateError::UnknownIssuer => true,
        CertificateError::Other(OtherError(other)) => {
            matches!(other.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
        }
        _ => false,
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
        self.verifier()?
            .verifies(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let verifier = &self.verifier()?.verifier;
        verifier.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let verifier = &self.verifier()?.verifier;
        verifier.verify_tls13_signature(message, certificate, signature)
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
    fn the_system_is_asked_only_when_needed() {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let trust = Trust::new(provider, Source::System);
        assert!(!trust.supported_verify_schemes().is_empty());
        assert!(trust.verifier.get().is_none());
    }
    #[test]
    fn a_bundle_of_the_environment_is_read_when_there_is_something_to_verify() {
        let variable = |name: &str| (name == "SSL_CERT_FILE").then(|| "/nowhere/ca.pem".to_owned());
        assert!(config(None, &variable, false).is_ok());
        let given = config(Some(Path::new("/nowhere/own.pem")), &variable, false);
        assert!(given.unwrap_err().to_string().contains("own.pem"));
        let at_once = config(None, &variable, true).unwrap_err().to_string();
        let place = Place::find(None, &variable);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let trust = Trust::new(provider, Source::Unread(place.unwrap()));
        let later = trust.verifier().err().unwrap().to_string();
        assert!(later.contains(&at_once), "{later}");
        assert!(later.contains("SSL_CERT_FILE"), "{later}");
        let cause = std::io::Error::from(std::io::ErrorKind::NotFound).to_string();
        assert!(
            later.to_lowercase().contains(&cause) || later.contains("os error 2"),
            "{later}"
        );
    }

    #[test]
    fn a_bundle_that_could_not_be_read_is_read_by_the_next_connection() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let named = path.display().to_string();
        let variable = |name: &str| (name == "SSL_CERT_FILE").then(|| named.clone());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let place = Place::find(None, &variable).unwrap();
        let trust = Trust::new(provider, Source::Unread(place));
        assert!(trust.verifier().is_err());
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/authority.pem");
        std::fs::copy(own, &path).unwrap();
        assert_eq!(trust.verifier().unwrap().own.len(), 1);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(trust.verifier().unwrap().own.len(), 1);
    }
}
