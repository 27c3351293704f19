//! Beginning units of work.

use std::sync::Arc;

use crate::session::{Session, Unit};

impl Session {
    /// A session of its own for one thread or task: it shares connection and schema, but has entities and an
    /// operation log of its own, so that no commit sends what another thread has only half done.
    ///
    /// Entities belong to the session that they come from; [`attach`](Self::attach) brings one over.
    ///
    /// ```
    /// # fn example(session: &ftrack_session::Session, task: &ftrack_session::Entity) -> ftrack_session::Result<()> {
    /// let unit = session.begin();
    /// unit.attach(task)?.set("description", "changed on its own")?;
    /// unit.commit()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn begin(&self) -> Self {
        let unit = Unit::new(
            Arc::clone(&self.unit.connection),
            self.fetch_policy(),
            self.records().retention(),
        );
        let begun = Self {
            unit: Arc::new(unit).into(),
        };
        let lower = self.layers().layers().into_iter().skip(1);
        begun
            .layers()
            .set_layers(begun.layers().layers().into_iter().chain(lower));
        begun.know_builtin_locations();
        begun
    }
}
