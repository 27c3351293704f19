//! Who may log in, and by which key.

use super::Engine;
use crate::caller::{Caller, Tokens};
use crate::credentials::{Account, Credentials, HashedKey, NewKey};
use crate::error::{Error, Result};
use crate::persist::{KeyFile, Step};
use crate::request_error::{RequestError, RequestErrorKind};
use crate::store::{Change, RowRef, Store};
use crate::value::Value;

/// Whose key is the same after a restart.
pub(super) struct Administrator {
    /// The id of the user.
    id: String,
    username: String,
    pub(super) first_key: String,
    file: KeyFile,
}

impl std::fmt::Debug for Administrator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Administrator")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

impl Administrator {
    /// Writes the key to its file. A failure is only logged: the key is valid until the server stops.
    pub(super) fn keep(&self, key: &str) {
        if let Err(error) = self.file.write(&self.username, key) {
            tracing::error!(%error, "the key of the administrator is not kept for the next start");
        }
    }
}

impl Engine {
    /// Gives a user a key, in place of the one before.
    pub(crate) fn set_key(&self, username: &str, key: &str) -> Result<()> {
        let turn = self.store.turn();
        let store = turn.current();
        let user = find_user(&store, username).ok_or_else(|| Error::Seed {
            reason: format!("there is no user {username}"),
        })?;
        let id = store.id(user).to_text();
        let hashed = HashedKey::new(key);
        if let Some(disk) = &self.disk {
            let keys = [(id.clone(), hashed.clone())];
            let step = Step {
                keys: &keys,
                ..Step::new(&store, &[])
            };
            disk.write(step, || self.credentials.read().keys())?;
        }
        self.credentials.write().set(id, hashed);
        drop(turn);
        Ok(())
    }

    /// Says where the key of the administrator is kept, and which it is.
    pub(crate) fn set_administrator(&self, username: &str, key: &str, file: KeyFile) -> Result<()> {
        let user = find_user(&self.store.current(), username).ok_or_else(|| Error::Seed {
            reason: format!("there is no user {username}"),
        })?;
        let administrator = Administrator {
            id: self.store.current().id(user).to_text(),
            username: username.to_owned(),
            first_key: key.to_owned(),
            file,
        };
        administrator.keep(key);
        // Set once, by the start of the server.
        let _ = self.administrator.set(administrator);
        Ok(())
    }

    /// Keeps the key of the administrator for the next start, if it is among these.
    pub(super) fn keep_keys(&self, keys: &[NewKey]) {
        let Some(administrator) = self.administrator.get() else {
            return;
        };
        let own = keys.iter().rev().find(|key| key.user == administrator.id);
        if let Some(own) = own {
            administrator.keep(&own.text);
        }
    }

    /// Whether this is the key that a user has.
    pub(crate) fn has_key(&self, username: &str, key: &str) -> bool {
        self.credentials.read().find(username, key).is_some()
    }

    /// Who has these credentials.
    ///
    /// # Errors
    /// Refuses wrong ones, and does not tell whether the name or the key is wrong.
    pub(crate) fn authenticate(
        &self,
        username: Option<&str>,
        key: Option<&str>,
    ) -> Result<Caller, RequestError> {
        let username = username.unwrap_or_default();
        let credentials = self.credentials.read();
        let id = credentials.find(username, key.unwrap_or_default());
        // Taken while the credentials cannot change: the grant ends when they do.
        let grant = id.as_ref().map(|id| self.grants.grant(id));
        drop(credentials);
        let id = id.ok_or_else(|| {
            let message = "The supplied API key or user name is not valid";
            RequestError::new(RequestErrorKind::Credentials, message)
        })?;
        Ok(Caller {
            id,
            username: username.to_owned(),
            reached: None,
            grant: grant.unwrap_or_default(),
            tokens: Tokens::default(),
        })
    }

    /// Who may log in after a batch; nothing where it changed nothing of that.
    pub(super) fn credentials_after(
        &self,
        store: &Store,
        changes: &[Change],
        keys: &[(String, HashedKey)],
    ) -> Option<Credentials> {
        let users = store.catalog().find("User").map(|info| info.id);
        let is_user =
            |change: &Change| matches!(change, Change::Row(row) if Some(row.type_id) == users);
        let has_users = changes.iter().any(is_user);
        if !has_users && keys.is_empty() {
            return None;
        }
        let mut credentials = self.credentials.read().clone();
        if has_users {
            credentials.set_accounts(accounts(store));
        }
        for (user, key) in keys {
            credentials.set(user.clone(), key.clone());
        }
        Some(credentials)
    }
}

/// The users that can log in, by name.
pub(super) fn accounts(store: &Store) -> impl Iterator<Item = (String, Account)> + '_ {
    let users = store.catalog().find("User").map(|info| info.id);
    users
        .into_iter()
        .flat_map(|users| store.rows(users))
        .map(|row| {
            let is_active = store.named(row, "is_active").is_true();
            let account = Account {
                id: store.id(row).clone(),
                is_active,
            };
            (store.named(row, "username").to_text(), account)
        })
}

fn find_user(store: &Store, username: &str) -> Option<RowRef> {
    store
        .rows_with("User", "username", &Value::text(username))
        .first()
        .copied()
}
