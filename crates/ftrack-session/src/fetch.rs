//! What happens when an attribute is read that is not loaded, and whether changes are recorded.

use std::cell::RefCell;
use std::marker::PhantomData;

/// What happens when an attribute is read whose value is not known.
///
/// See the product documentation, "Understanding sessions", Auto-population.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum FetchPolicy {
    /// The value is fetched for the entity and for all that arrived in the same answer and lack it too. Collections
    /// are fetched for the one entity only.
    #[default]
    Siblings,
    /// The value is fetched for the one entity.
    Single,
    /// Nothing is fetched; the value is [`Value::NotSet`](ftrack_entity::Value::NotSet).
    Off,
    /// Nothing is fetched; reading is an error that names the attribute and the projection to add.
    Deny,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Setting {
    Fetch(FetchPolicy),
    Recording(bool),
}

thread_local! {
    /// The settings in force on this thread, by session, the latest last.
    static SETTINGS: RefCell<Vec<(u64, u64, Setting)>> = const { RefCell::new(Vec::new()) };
}

/// A setting of a session for the current thread, in force until this is dropped.
///
/// It cannot leave its thread.
#[must_use = "the setting ends when this is dropped"]
#[derive(Debug)]
pub struct ThreadSetting {
    number: u64,
    thread_bound: PhantomData<*const ()>,
}

impl ThreadSetting {
    pub(crate) fn fetch(session: u64, policy: FetchPolicy) -> Self {
        Self::push(session, Setting::Fetch(policy))
    }

    pub(crate) fn recording(session: u64, recording: bool) -> Self {
        Self::push(session, Setting::Recording(recording))
    }

    fn push(session: u64, setting: Setting) -> Self {
        SETTINGS.with_borrow_mut(|settings| {
            let number = settings.last().map_or(0, |(number, ..)| number + 1);
            settings.push((number, session, setting));
            Self {
                number,
                thread_bound: PhantomData,
            }
        })
    }
}

impl Drop for ThreadSetting {
    fn drop(&mut self) {
        SETTINGS.with_borrow_mut(|settings| settings.retain(|(number, ..)| *number != self.number));
    }
}

/// The fetch policy of the session on this thread, if one was set.
pub(crate) fn thread_fetch_policy(session: u64) -> Option<FetchPolicy> {
    find(session, |setting| match setting {
        Setting::Fetch(policy) => Some(policy),
        Setting::Recording(_) => None,
    })
}

/// Whether the session records operations on this thread, if that was set.
pub(crate) fn thread_recording(session: u64) -> Option<bool> {
    find(session, |setting| match setting {
        Setting::Recording(recording) => Some(recording),
        Setting::Fetch(_) => None,
    })
}

fn find<T>(session: u64, read: impl Fn(Setting) -> Option<T>) -> Option<T> {
    SETTINGS.with_borrow(|settings| {
        settings
            .iter()
            .rev()
            .filter(|(_, owner, _)| *owner == session)
            .find_map(|(.., setting)| read(*setting))
    })
}
