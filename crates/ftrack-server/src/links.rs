//! Addresses of this server that answers hold.

use std::fmt::Write;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::hex::hex;
use crate::rights::Grant;

/// Makes addresses, and knows those that it made.
///
/// Addresses of files are signed: whoever was told one can use it without credentials, as long as the user who asked
/// for it sees the component, and has the same credentials, in this run of the server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Links {
    url: Arc<str>,
    secret: Arc<str>,
    /// That of the user who is told the addresses.
    grant: Grant,
    /// Whether it can be reached there and nowhere else.
    is_public: bool,
}

impl Links {
    /// Links to a server that can be reached at `url`.
    pub(crate) fn new(url: String) -> Self {
        Self {
            url: url.into(),
            secret: uuid::Uuid::new_v4().simple().to_string().into(),
            grant: Grant::default(),
            is_public: false,
        }
    }

    /// Links to a server that everybody is to reach at `url`, which it may not know by itself.
    pub(crate) fn public(url: String) -> Self {
        Self {
            is_public: true,
            ..Self::new(url)
        }
    }

    /// These, as whoever reached the server at `url` can follow them.
    pub(crate) fn reached_at(self, url: Option<&Arc<str>>) -> Self {
        match url {
            Some(url) if !self.is_public => Self {
                url: Arc::clone(url),
                ..self
            },
            _ => self,
        }
    }

    /// These, for the holder of a grant.
    pub(crate) fn told_to(&self, grant: Grant) -> Self {
        Self {
            grant,
            ..self.clone()
        }
    }

    /// Where the server can be reached, without a slash at the end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The address of the file of a component.
    pub(crate) fn file(&self, component_id: &str) -> String {
        self.component("get", component_id)
    }

    /// The address of the picture of whatever has none of its own.
    pub(crate) fn default_image(&self) -> String {
        format!("{}/img/thumbnail2.png", self.url)
    }

    /// The address of the picture of a component.
    pub(crate) fn thumbnail(&self, component_id: &str) -> String {
        self.component("thumbnail", component_id)
    }

    /// The grant of whoever was told an address that was made here for this component.
    pub(crate) fn grant(&self, component_id: &str, signature: &str) -> Option<Grant> {
        let (grant, _) = signature.split_once('-')?;
        let grant = Grant(grant.parse().ok()?);
        let expected = self.signature(component_id, grant);
        let pairs = expected.bytes().zip(signature.bytes());
        let difference = pairs.fold(0, |difference, (left, right)| difference | (left ^ right));
        (difference == 0 && expected.len() == signature.len()).then_some(grant)
    }

    fn component(&self, what: &str, id: &str) -> String {
        let signature = self.signature(id, self.grant);
        format!(
            "{}/component/{what}?id={}&signature={signature}",
            self.url,
            encoded(id)
        )
    }

    fn signature(&self, component_id: &str, Grant(grant): Grant) -> String {
        let mut hasher = Sha256::new();
        // The secret on both sides: nothing can be appended to what was signed.
        hasher.update(format!("{0}:{grant}:{component_id}:{0}", self.secret));
        format!("{grant}-{}", hex(&hasher.finalize()))
    }
}

/// Text as it can stand in the query of an address.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_signature_of_the_component_itself_is_good() {
        let links = Links::new("http://x".to_owned()).told_to(Grant(7));
        let address = links.file("a b/ü");
        assert!(address.starts_with("http://x/component/get?id=a%20b%2F%C3%BC&signature="));
        let signature = address.rsplit('=').next().unwrap_or_default();
        assert_eq!(links.grant("a b/ü", signature), Some(Grant(7)));
        let others = signature.replacen('7', "8", 1);
        for (id, signature) in [
            ("a", signature),
            ("a b/ü", ""),
            ("a b/ü", "7-"),
            ("a b/ü", &others),
        ] {
            assert_eq!(links.grant(id, signature), None, "{id} {signature}");
        }
        let another = Links::new("http://x".to_owned());
        assert_eq!(another.grant("a b/ü", signature), None);
    }
}
