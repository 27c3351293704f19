//! Switches of a session on one thread.

use std::cell::RefCell;
use std::collections::HashMap;
use std::mem::ManuallyDrop;

use ftrack::ThreadSetting;

/// A session, and one of its switches.
type Switch = (u64, &'static str);

/// A setting that lasts until it is taken back. It is not dropped at the end of its thread: what it would take back is
/// of the thread as well, and may be gone first.
type Lasting = ManuallyDrop<ThreadSetting>;

thread_local! {
    /// The settings that this thread made.
    static SETTINGS: RefCell<HashMap<Switch, (bool, Lasting)>> = RefCell::new(HashMap::new());
    /// The same for fetch policies.
    static POLICIES: RefCell<HashMap<u64, Lasting>> = RefCell::new(HashMap::new());
}

/// Sets a switch of the session of this number, in the place of what it was.
pub(super) fn switch(
    session: u64,
    name: &'static str,
    on: bool,
    setting: impl FnOnce() -> ThreadSetting,
) {
    let key = (session, name);
    // The setting before goes first, so that it cannot be the one that counts.
    SETTINGS.with_borrow_mut(|settings| {
        let before = settings.remove(&key);
        drop(before.map(|(_, before)| ManuallyDrop::into_inner(before)));
        settings.insert(key, (on, ManuallyDrop::new(setting())));
    });
}

/// What a switch was set to.
pub(super) fn switched(session: u64, name: &'static str) -> Option<bool> {
    SETTINGS.with_borrow(|settings| settings.get(&(session, name)).map(|(on, _)| *on))
}

/// Sets the fetch policy of the session of this number, or takes the setting back.
pub(super) fn set_policy(session: u64, setting: Option<ThreadSetting>) {
    POLICIES.with_borrow_mut(|policies| {
        drop(policies.remove(&session).map(ManuallyDrop::into_inner));
        if let Some(setting) = setting {
            policies.insert(session, ManuallyDrop::new(setting));
        }
    });
}

/// Takes back everything that was set for the session of this number.
pub(super) fn forget(session: u64) {
    SETTINGS.with_borrow_mut(|settings| {
        for name in ["populate", "record"] {
            let setting = settings.remove(&(session, name));
            drop(setting.map(|(_, setting)| ManuallyDrop::into_inner(setting)));
        }
    });
    set_policy(session, None);
}
