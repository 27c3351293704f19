//! Who may talk to the server: keys by user, stored as salted hashes only.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A salted hash of an API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HashedKey {
    salt: String,
    hash: String,
}

impl HashedKey {
    /// Hashes a key with a fresh salt.
    pub(crate) fn new(key: &str) -> Self {
        let salt = uuid::Uuid::new_v4().simple().to_string();
        let hash = digest(&salt, key);
        Self { salt, hash }
    }

    /// Whether this is the hash of `key`, in a time that does not tell how much of it is right.
    pub(crate) fn matches(&self, key: &str) -> bool {
        let given = digest(&self.salt, key);
        let difference = self
            .hash
            .bytes()
            .zip(given.bytes())
            .fold(0u8, |difference, (left, right)| difference | (left ^ right));
        difference == 0 && self.hash.len() == given.len()
    }
}

/// Hashed keys by user id.
#[derive(Debug, Default)]
pub(crate) struct Credentials {
    keys: FxHashMap<String, HashedKey>,
}

impl Credentials {
    /// Sets the key of a user.
    pub(crate) fn set(&mut self, user_id: String, key: HashedKey) {
        self.keys.insert(user_id, key);
    }

    /// Whether a user has this key. Unknown users take as long as known ones.
    pub(crate) fn matches(&self, user_id: Option<&str>, key: &str) -> bool {
        if let Some(known) = user_id.and_then(|id| self.keys.get(id)) {
            return known.matches(key);
        }
        let _ = HashedKey::new("").matches(key);
        false
    }
}

/// A new random key.
pub(crate) fn generate_key() -> String {
    let random = format!(
        "{}{}",
        uuid::Uuid::new_v4().simple(),
        uuid::Uuid::new_v4().simple()
    );
    // The form of a real server's keys: base64 text.
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, random)
}

fn digest(salt: &str, key: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(salt.as_bytes());
    hasher.update(b":");
    hasher.update(key.as_bytes());
    crate::files::hex(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_itself_matches() {
        let hashed = HashedKey::new("secret");
        assert!(hashed.matches("secret"));
        assert!(!hashed.matches("Secret"));
        assert!(!hashed.matches(""));
        assert!(!format!("{hashed:?}").contains("secret"));
        assert_ne!(
            HashedKey::new("secret"),
            hashed,
            "each hash has a salt of its own"
        );
    }

    #[test]
    fn unknown_users_have_no_key() {
        let mut credentials = Credentials::default();
        credentials.set("u".to_owned(), HashedKey::new("secret"));
        assert!(credentials.matches(Some("u"), "secret"));
        assert!(!credentials.matches(Some("v"), "secret"));
        assert!(!credentials.matches(None, ""));
    }
}
