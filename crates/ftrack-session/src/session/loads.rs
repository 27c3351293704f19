//! Loads that are under way.

use rustc_hash::FxHashMap;

use crate::sync::{Condvar, Mutex, ThreadId, current_thread};

/// An attribute of a group of records: those of one answer, or a single one.
type Group = (usize, usize);

/// What is being loaded at the moment, and by which thread, so that threads that want the same wait for it instead of
/// asking again.
#[derive(Debug, Default)]
pub(crate) struct Loads {
    under_way: Mutex<FxHashMap<Group, ThreadId>>,
    finished: Condvar,
}

/// The loading of one attribute for one group of records; the next may begin when this is dropped.
#[derive(Debug)]
pub(crate) struct Load<'a> {
    loads: &'a Loads,
    group: Group,
}

impl Loads {
    /// Begins a load, after any that is under way for the same group. `None` if that is one of this very thread: what
    /// runs within a request, such as a subscriber of logs, may read what is being loaded, and would wait for itself.
    pub(crate) fn begin(&self, group: Group) -> Option<Load<'_>> {
        let thread = current_thread();
        let mut under_way = self.under_way.lock();
        loop {
            match under_way.get(&group) {
                None => break,
                Some(owner) if *owner == thread => return None,
                Some(_) => self.finished.wait(&mut under_way),
            }
        }
        under_way.insert(group, thread);
        Some(Load { loads: self, group })
    }
}

impl Drop for Load<'_> {
    fn drop(&mut self) {
        self.loads.under_way.lock().remove(&self.group);
        self.loads.finished.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::sync::{model, spawn};

    #[test]
    fn a_load_waits_for_another_thread_and_never_for_itself() {
        model(|| {
            let loads = Arc::new(Loads::default());
            let under_way = Arc::new(AtomicUsize::new(0));
            let load = |loads: &Loads, under_way: &AtomicUsize| {
                let load = loads.begin((1, 2));
                assert!(load.is_some());
                assert_eq!(under_way.fetch_add(1, Ordering::SeqCst), 0, "one at a time");
                assert!(loads.begin((1, 2)).is_none(), "it is this thread's own");
                assert!(loads.begin((1, 3)).is_some(), "it is something else");
                under_way.fetch_sub(1, Ordering::SeqCst);
            };
            let (other_loads, other_under_way) = (Arc::clone(&loads), Arc::clone(&under_way));
            let other = spawn(move || load(&other_loads, &other_under_way));
            load(&loads, &under_way);
            other.join().unwrap();
            assert!(loads.under_way.lock().is_empty());
        });
    }
}
