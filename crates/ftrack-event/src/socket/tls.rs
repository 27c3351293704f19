//! Secure connections, and whom they trust: the same as requests do.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::{Cause, Error, Result};

/// The configuration: the system's trust, or only that of a bundle of certificates.
///
/// It reads files, so it belongs on a thread that may be held up.
pub(super) fn config(
    bundle: Option<&Path>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Arc<ClientConfig>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(invalid)?;
    let from_environment = || {
        let path = variable("REQUESTS_CA_BUNDLE").filter(|path| !path.is_empty());
        path.map(PathBuf::from)
    };
    let builder = match bundle.map(Path::to_owned).or_else(from_environment) {
        Some(path) => builder.with_root_certificates(roots(&path)?),
        None => builder.with_platform_verifier().map_err(invalid)?,
    };
    // No protocol is named: a websocket begins with HTTP/1.1, which needs no agreement.
    Ok(Arc::new(builder.with_no_client_auth()))
}

/// The certificates in a file, or in the files of a folder.
fn roots(path: &Path) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for file in files(path).map_err(invalid)? {
        let pem = fs::read(&file).map_err(invalid)?;
        let certificates = CertificateDer::pem_slice_iter(&pem).filter_map(std::result::Result::ok);
        roots.add_parsable_certificates(certificates);
    }
    if roots.is_empty() {
        return Err(invalid("it holds no usable certificate"));
    }
    Ok(roots)
}

fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries: io::Result<Vec<_>> = fs::read_dir(path)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect();
    Ok(entries?.into_iter().filter(|path| path.is_file()).collect())
}

fn invalid(problem: impl Into<Cause>) -> Error {
    Error::InvalidOptions {
        option: "ca_bundle",
        problem: problem.into().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_has_to_hold_certificates() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("empty.pem"), "nothing").unwrap();
        let missing = folder.path().join("missing.pem");
        for path in [folder.path(), &missing] {
            let error = config(Some(path), |_| None).unwrap_err().to_string();
            assert!(error.starts_with("invalid ca_bundle: "), "{error}");
        }
        let named = |name: &str| (name == "REQUESTS_CA_BUNDLE").then(|| "/nowhere".to_owned());
        assert!(config(None, named).is_err());
    }
}
