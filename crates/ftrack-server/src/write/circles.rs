//! What stands below something cannot stand above it as well.

use rustc_hash::FxHashSet;

use super::Batch;
use crate::catalog::Slot;
use crate::request_error::RequestError;
use crate::store::RowRef;

/// Families with the attribute by which their rows stand below others of them, and how that is said.
const TREES: [(&str, &str, &str); 4] = [
    ("Context", "parent_id", "stand below itself"),
    ("Component", "container_id", "contain itself"),
    ("Group", "parent_id", "contain itself"),
    ("Note", "in_reply_to_id", "be a reply to itself"),
];

impl Batch<'_> {
    /// Refuses rows, new or changed, that stand below themselves.
    ///
    /// # Errors
    /// The first such row, and why.
    pub(super) fn refuse_circles(
        &self,
        inserted: &[RowRef],
        changed: &[(RowRef, Slot)],
    ) -> Result<(), (RowRef, RequestError)> {
        for (family, name, complaint) in TREES {
            // Nothing above these leads round.
            let mut clear: FxHashSet<RowRef> = FxHashSet::default();
            for row in self.concerned(family, &[name], inserted, changed) {
                self.climb(row, family, name, &mut clear).map_err(|()| {
                    let message = format!("{} cannot {complaint}", self.called(row));
                    (row, RequestError::validation(message))
                })?;
            }
        }
        Ok(())
    }

    /// Goes up from a row until nothing is left, or what is above is known to be clear.
    fn climb(
        &self,
        row: RowRef,
        family: &str,
        name: &str,
        clear: &mut FxHashSet<RowRef>,
    ) -> Result<(), ()> {
        let store = self.store();
        let mut line: FxHashSet<RowRef> = FxHashSet::default();
        let mut current = Some(row);
        while let Some(found) = current.filter(|found| !clear.contains(found)) {
            if !line.insert(found) {
                return Err(());
            }
            current = store.find_named(family, store.named(found, name));
        }
        clear.extend(line);
        Ok(())
    }

    /// A row as people would call it.
    fn called(&self, row: RowRef) -> String {
        let name = self.store().named(row, "name").to_text();
        if name.is_empty() {
            format!(
                "{} {}",
                self.type_name(row),
                self.store().key(row).display()
            )
        } else {
            name
        }
    }
}
