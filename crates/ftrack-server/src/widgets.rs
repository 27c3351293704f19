//! Pages of the web interface that a program shows inside its own window.
//!
//! An address carries a token that is good for some minutes and for what was asked for. The page is made when somebody
//! opens it, with what whoever asked for the address may see then.

use parking_lot::Mutex;

use crate::caller::Caller;

/// The names of the pages.
pub(crate) const WIDGETS: [&str; 3] = ["info", "tasks", "tasks_browser"];

/// How long a token is good for, in seconds.
const LIFETIME: i64 = 6 * 60;

/// The pages that can be opened, by their tokens.
#[derive(Debug, Default)]
pub(crate) struct Widgets {
    open: Mutex<Vec<(String, i64, Widget)>>,
}

/// A page that somebody asked for.
#[derive(Debug, Clone)]
pub(crate) struct Widget {
    pub(crate) name: String,
    pub(crate) is_light: bool,
    /// The type and the key of the entity that it is about.
    pub(crate) entity: Option<(String, String)>,
    pub(crate) caller: Caller,
}

impl Widgets {
    /// Lets a page be opened; gives the token.
    pub(crate) fn announce(&self, widget: Widget) -> String {
        let now = chrono::Utc::now().timestamp();
        let token = uuid::Uuid::new_v4().simple().to_string();
        let mut open = self.open.lock();
        open.retain(|(_, expires, _)| *expires > now);
        open.push((token.clone(), now + LIFETIME, widget));
        token
    }

    /// The page of a token, while it is good.
    pub(crate) fn find(&self, token: &str) -> Option<Widget> {
        let now = chrono::Utc::now().timestamp();
        let open = self.open.lock();
        let found = open
            .iter()
            .find(|(known, expires, _)| known == token && *expires > now)?;
        Some(found.2.clone())
    }

    /// Forgets all of them.
    pub(crate) fn clear(&self) {
        self.open.lock().clear();
    }
}
