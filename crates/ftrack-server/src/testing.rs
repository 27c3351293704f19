//! What only servers for tests do: fail on request.

mod cut_handle;
mod fault;
mod order;

pub(crate) use self::cut_handle::CutHandle;
pub use self::fault::Fault;
pub(crate) use self::fault::FaultKind;
pub(crate) use self::order::Order;

use parking_lot::Mutex;

/// The failures to come, and the connections that can be cut.
#[derive(Debug, Default)]
pub(crate) struct Switches {
    faults: Mutex<Vec<Fault>>,
    websockets: Mutex<Vec<CutHandle>>,
}

impl Switches {
    /// Lets requests to come fail.
    pub(crate) fn arm(&self, fault: Fault) {
        if fault.count > 0 {
            self.faults.lock().push(fault);
        }
    }

    /// Lets everything succeed again.
    pub(crate) fn clear(&self) {
        self.faults.lock().clear();
    }

    /// How many requests are still to fail.
    pub(crate) fn left(&self) -> u32 {
        let faults = self.faults.lock();
        faults.iter().map(|fault| fault.count).sum()
    }

    /// Whether it matters what the body of a request asks for.
    pub(crate) fn wants_actions(&self) -> bool {
        self.faults
            .lock()
            .iter()
            .any(|fault| fault.action.is_some())
    }

    /// How a request has to fail, if it has to; the oldest fault that matches is used up by one.
    pub(crate) fn take(&self, path: &str, actions: &[String]) -> Option<FaultKind> {
        let mut faults = self.faults.lock();
        let position = faults
            .iter()
            .position(|fault| fault.matches(path, actions))?;
        let fault = faults.get_mut(position)?;
        let kind = fault.kind;
        fault.count -= 1;
        if fault.count == 0 {
            faults.remove(position);
        }
        Some(kind)
    }

    /// Remembers a connection that has become a websocket.
    pub(crate) fn add_websocket(&self, cut_handle: CutHandle) {
        let mut websockets = self.websockets.lock();
        websockets.retain(CutHandle::is_open);
        websockets.push(cut_handle);
    }

    /// Cuts all websockets that are open.
    pub(crate) fn drop_websockets(&self) {
        for cut_handle in self.websockets.lock().drain(..) {
            cut_handle.cut();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_oldest_fault_that_matches_is_used_up() {
        let switches = Switches::default();
        switches.arm(Fault::status(503).action("create").times(2));
        switches.arm(Fault::garbage().path("/component/"));
        switches.arm(Fault::delay(Duration::from_secs(1)).times(0));
        switches.arm(Fault::disconnect());
        let create = ["query".to_owned(), "create".to_owned()];
        assert_eq!(switches.left(), 4);
        assert!(switches.wants_actions());
        for (path, actions, expected) in [
            ("/component/get", &create[..0], Some(FaultKind::Garbage)),
            ("/api", &create, Some(FaultKind::Status(503))),
            ("/api", &create[..1], Some(FaultKind::Disconnect)),
            ("/component/get", &[], None),
            ("/api", &create, Some(FaultKind::Status(503))),
            ("/api", &create, None),
        ] {
            assert_eq!(switches.take(path, actions), expected, "{path}");
        }
        switches.arm(Fault::garbage());
        switches.clear();
        assert_eq!(switches.take("/api", &create), None);
    }
}
