//! Grants: what was given to users on the strength of their credentials ends with these.

use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use crate::value::Value;

/// The number of a grant. Addresses of files, uploads and event connections carry that of their user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub(crate) struct Grant(pub(crate) u64);

/// The grants that are good. A user has one at a time.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    last: u64,
    by_user: FxHashMap<Value, Grant>,
    holders: FxHashMap<Grant, Value>,
}

impl Grants {
    /// The grant of a user whose credentials are good.
    pub(crate) fn grant(&self, user: &Value) -> Grant {
        let mut state = self.state.lock();
        if let Some(grant) = state.by_user.get(user) {
            return *grant;
        }
        state.last += 1;
        let grant = Grant(state.last);
        state.by_user.insert(user.clone(), grant);
        state.holders.insert(grant, user.clone());
        grant
    }

    /// Whose grant this is; nothing for one that has ended.
    pub(crate) fn holder(&self, grant: Grant) -> Option<Value> {
        self.state.lock().holders.get(&grant).cloned()
    }

    /// Ends the grant of a user.
    pub(crate) fn end(&self, user: &Value) {
        let mut state = self.state.lock();
        if let Some(grant) = state.by_user.remove(user) {
            state.holders.remove(&grant);
        }
    }

    /// Ends all grants.
    pub(crate) fn end_all(&self) {
        let mut state = self.state.lock();
        state.by_user.clear();
        state.holders.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_that_ended_is_not_given_again() {
        let grants = Grants::default();
        let (ada, bob) = (Value::text("ada"), Value::text("bob"));
        let first = grants.grant(&ada);
        assert_eq!(grants.grant(&ada), first);
        assert_ne!(grants.grant(&bob), first);
        grants.end(&ada);
        assert_eq!(grants.holder(first), None);
        let second = grants.grant(&ada);
        assert_ne!(second, first);
        assert_eq!(grants.holder(second), Some(ada));
        grants.end_all();
        assert_eq!(grants.holder(second), None);
        assert_eq!(grants.holder(Grant::default()), None);
    }
}
