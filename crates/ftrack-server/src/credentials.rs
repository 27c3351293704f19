//! Who may talk to the server: keys by user, stored as salted hashes only.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::value::Value;

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

/// A key that a user is about to have.
pub(crate) struct NewKey {
    /// The id of the user.
    pub(crate) user: String,
    /// The key itself.
    pub(crate) text: String,
    pub(crate) hashed: HashedKey,
}

impl NewKey {
    /// A key for the user with this id.
    pub(crate) fn new(user: String, text: String) -> Self {
        Self {
            user,
            hashed: HashedKey::new(&text),
            text,
        }
    }
}

/// A user as far as logging in is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) id: Value,
    pub(crate) is_active: bool,
}

/// Who may log in. Kept apart from the store, so that nobody waits for a batch to be told who they are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Credentials {
    /// By user id.
    keys: FxHashMap<String, HashedKey>,
    /// By user name.
    accounts: FxHashMap<String, Account>,
}

impl Credentials {
    /// Sets the key of a user.
    pub(crate) fn set(&mut self, user_id: String, key: HashedKey) {
        self.keys.insert(user_id, key);
    }

    /// The keys of all users by user id.
    pub(crate) fn keys(&self) -> Vec<(String, HashedKey)> {
        let keys = self.keys.iter();
        keys.map(|(user, key)| (user.clone(), key.clone()))
            .collect()
    }

    /// Takes over who the users are.
    pub(crate) fn set_accounts(&mut self, accounts: impl Iterator<Item = (String, Account)>) {
        self.accounts = accounts.collect();
    }

    /// The active user of that name, if the key is theirs. Unknown users take as long as known ones.
    pub(crate) fn find(&self, username: &str, key: &str) -> Option<Value> {
        let account = self.accounts.get(username);
        let known = account.and_then(|account| self.keys.get(&account.id.to_text()));
        let Some((account, known)) = account.zip(known) else {
            let _ = HashedKey::new("").matches(key);
            return None;
        };
        (known.matches(key) && account.is_active).then(|| account.id.clone())
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
    crate::hex::hex(&hasher.finalize())
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
    fn only_active_users_with_a_key_get_in() {
        let account = |id: &str, is_active| Account {
            id: Value::text(id),
            is_active,
        };
        let mut credentials = Credentials::default();
        let accounts = [
            ("ada".to_owned(), account("u", true)),
            ("bob".to_owned(), account("v", true)),
            ("eve".to_owned(), account("w", false)),
        ];
        credentials.set_accounts(accounts.into_iter());
        credentials.set("u".to_owned(), HashedKey::new("secret"));
        credentials.set("w".to_owned(), HashedKey::new("secret"));
        assert_eq!(credentials.find("ada", "secret"), Some(Value::text("u")));
        for (name, key) in [
            ("ada", "x"),
            ("bob", ""),
            ("bob", "secret"),
            ("eve", "secret"),
            ("", ""),
        ] {
            assert_eq!(credentials.find(name, key), None, "{name}");
        }
    }
}
