//! Addresses of this server that answers hold.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::files::hex;

/// Makes addresses, and knows those that it made.
///
/// Addresses of files are signed: whoever was told one can use it without credentials, as long as
/// this run of the server lasts.
#[derive(Debug, Default)]
pub(crate) struct Links {
    url: String,
    secret: String,
}

impl Links {
    /// Links to a server that can be reached at `url`.
    pub(crate) fn new(url: String) -> Self {
        Self {
            url,
            secret: uuid::Uuid::new_v4().simple().to_string(),
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

    /// The address of the picture of a component.
    pub(crate) fn thumbnail(&self, component_id: &str) -> String {
        self.component("thumbnail", component_id)
    }

    /// Whether the signature is that of an address made here for this component.
    pub(crate) fn is_signed(&self, component_id: &str, signature: &str) -> bool {
        let expected = self.signature(component_id);
        let pairs = expected.bytes().zip(signature.bytes());
        let difference = pairs.fold(0, |difference, (left, right)| difference | (left ^ right));
        difference == 0 && expected.len() == signature.len()
    }

    fn component(&self, what: &str, id: &str) -> String {
        let signature = self.signature(id);
        format!(
            "{}/component/{what}?id={}&signature={signature}",
            self.url,
            encoded(id)
        )
    }

    fn signature(&self, component_id: &str) -> String {
        let mut hasher = Sha256::new();
        // The secret on both sides: nothing can be appended to what was signed.
        hasher.update(format!("{0}:{component_id}:{0}", self.secret));
        hex(&hasher.finalize())
    }
}

/// Text as it can stand in the query of an address.
fn encoded(text: &str) -> String {
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
        let links = Links::new("http://x".to_owned());
        let address = links.file("a b/ü");
        assert!(address.starts_with("http://x/component/get?id=a%20b%2F%C3%BC&signature="));
        let signature = address.rsplit('=').next().unwrap_or_default();
        assert!(links.is_signed("a b/ü", signature));
        assert!(!links.is_signed("a", signature));
        assert!(!links.is_signed("a b/ü", ""));
        assert!(!Links::new("http://x".to_owned()).is_signed("a b/ü", signature));
    }
}
