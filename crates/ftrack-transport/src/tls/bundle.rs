//! Files of certificates that are trusted instead of the system's.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::error::{Error, Result};

/// The variables that name a file or a folder for Python's requests, in their order.
const OF_REQUESTS: [&str; 2] = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

/// The variables of OpenSSL: a file, and folders.
const FILE_OF_OPENSSL: &str = "SSL_CERT_FILE";
const FOLDERS_OF_OPENSSL: &str = "SSL_CERT_DIR";

/// Where a bundle is, and what says so.
pub(super) struct Place {
    option: &'static str,
    paths: Vec<PathBuf>,
    /// Paths that are passed over where they are not folders.
    folders: Vec<PathBuf>,
}

impl Place {
    /// The place of the bundle that the options name, or else the environment; `None` if neither does.
    pub(super) fn find(
        option: Option<&Path>,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Option<Self> {
        let only = |option, path: PathBuf| Self {
            option,
            paths: vec![path],
            folders: Vec::new(),
        };
        if let Some(path) = option {
            return Some(only("ca_bundle", path.to_owned()));
        }
        let value = |name| variable(name).filter(|path| !path.is_empty());
        for name in OF_REQUESTS {
            if let Some(path) = value(name) {
                return Some(only(name, path.into()));
            }
        }
        let file = value(FILE_OF_OPENSSL).map(PathBuf::from);
        let folders = value(FOLDERS_OF_OPENSSL);
        let option = match (&file, &folders) {
            (Some(_), _) => FILE_OF_OPENSSL,
            (None, Some(_)) => FOLDERS_OF_OPENSSL,
            (None, None) => return None,
        };
        let folders = folders.iter().flat_map(std::env::split_paths);
        Some(Self {
            option,
            paths: file.into_iter().collect(),
            folders: folders.collect(),
        })
    }
}

/// The texts of PEM files, in which there is at least one certificate that can be used.
#[derive(Default)]
pub(super) struct Bundle(Vec<Vec<u8>>);

impl Bundle {
    /// Reads files, and the files in folders.
    ///
    /// # Errors
    /// [`Error::InvalidOptions`] for what cannot be read, and if there is no certificate in it that can be used.
    pub(super) fn read(place: &Place) -> Result<Self> {
        let option = place.option;
        // OpenSSL passes over folders that are not there.
        let folders = place.folders.iter().filter(|folder| folder.is_dir());
        let paths: Vec<&PathBuf> = place.paths.iter().chain(folders).collect();
        let explain = |path: &Path, error: io::Error| {
            let problem = format!("could not read {}", path.display());
            Error::invalid_option_because(option, problem, error)
        };
        let mut texts = Vec::new();
        for path in &paths {
            for file in files(path).map_err(|error| explain(path, error))? {
                texts.push(fs::read(&file).map_err(|error| explain(&file, error))?);
            }
        }
        let bundle = Self(texts);
        let is_usable = |certificate| RootCertStore::empty().add(certificate).is_ok();
        if bundle.certificates().any(is_usable) {
            return Ok(bundle);
        }
        let names: Vec<_> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let names = match names.as_slice() {
            [] => "none of its folders is there".to_owned(),
            names => format!("{} holds no usable certificate", names.join(" and ")),
        };
        Err(Error::invalid_option(option, names))
    }

    /// The certificates in it.
    pub(super) fn certificates(&self) -> impl Iterator<Item = CertificateDer<'static>> {
        let texts = self.0.iter();
        texts
            .flat_map(|pem| CertificateDer::pem_slice_iter(pem).filter_map(std::result::Result::ok))
    }
}

/// The file itself, or those in the folder.
fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path)? {
        let file = entry?.path();
        // Folders for OpenSSL hold lists of revoked certificates as well.
        let extension = file.extension().and_then(OsStr::to_str);
        let number = extension.and_then(|extension| extension.strip_prefix('r'));
        let is_list = number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
        if file.is_file() && !is_list {
            files.push(file);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/authority.pem")
    }

    fn found(variables: &[(&str, &Path)]) -> Result<usize> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.display().to_string())
        };
        let bundle = Place::find(None, &variable)
            .map(|place| Bundle::read(&place))
            .transpose()?;
        Ok(bundle.map_or(0, |bundle| bundle.certificates().count()))
    }

    #[test]
    fn an_unusable_bundle_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing.pem");
        let empty = folder.path().join("empty.pem");
        fs::write(&empty, "not a certificate").unwrap();
        for path in [&missing, &empty, &folder.path().to_owned()] {
            let place = Place::find(Some(path), &|_| None).unwrap();
            let error = Bundle::read(&place).err().unwrap().to_string();
            assert!(error.starts_with("invalid ca_bundle: "), "{error}");
            assert!(error.contains(&path.display().to_string()), "{error}");
        }
    }

    #[test]
    fn the_variables_of_requests_and_openssl_count_in_their_order() {
        let nowhere = Path::new("/nowhere");
        let good = certificate();
        let folder = tempfile::tempdir().unwrap();
        fs::copy(&good, folder.path().join("studio.pem")).unwrap();
        for name in ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"] {
            let error = found(&[(name, nowhere)]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("invalid {name}: ")), "{error}");
            assert_eq!(found(&[(name, &good)]).unwrap(), 1, "{name}");
        }
        let first = [("REQUESTS_CA_BUNDLE", &*good), ("CURL_CA_BUNDLE", nowhere)];
        assert_eq!(found(&first).unwrap(), 1);
        let both = [("SSL_CERT_FILE", &*good), ("SSL_CERT_DIR", folder.path())];
        assert_eq!(found(&both).unwrap(), 2);
        let folders = std::env::join_paths([nowhere, folder.path()]).unwrap();
        assert_eq!(found(&[("SSL_CERT_DIR", Path::new(&folders))]).unwrap(), 1);
        let error = found(&[("SSL_CERT_DIR", nowhere)]).unwrap_err().to_string();
        assert!(error.starts_with("invalid SSL_CERT_DIR: "), "{error}");
        assert_eq!(found(&[]).unwrap(), 0);
        assert_eq!(found(&[("SSL_CERT_FILE", Path::new(""))]).unwrap(), 0);
    }
}
