//! Registering components whose data has arrived.

use std::cell::{Cell, RefCell};

use rustc_hash::FxHashSet;

use super::addition::{Addition, Entry};
use super::data::Data;
use super::transfer::kept;
use crate::error::Error;
use crate::error::ErrorKind;
use crate::error::Result;
use crate::server_accessor::UploadCall;
use crate::session::Purpose;
use crate::values;
use ftrack_entity::{Identity, Value};

impl Addition<'_> {
    /// Registers all components, or none; then their data is removed again.
    #[track_caller]
    pub(super) fn register(
        &self,
        entries: &[Entry],
        data: Data,
        upload: Option<&UploadCall>,
    ) -> Result<()> {
        let identifiers: Result<Vec<(String, String)>> = entries
            .iter()
            .map(|entry| {
                let stored = self.location.encoded(&entry.component, &entry.identifier)?;
                Ok((entry.component.id(), stored))
            })
            .collect();
        let identifiers = match identifiers {
            Ok(identifiers) => identifiers,
            Err(error) => return Err(self.not_registered(error, data, entries, upload)),
        };
        if self.kind.is_in_memory() {
            let session = self.session();
            let registry = session.location_registry();
            registry.register(&self.location.id(), identifiers, session.unit_number());
            data.complete();
            return Ok(());
        }
        self.register_on_server(entries, identifiers, data, upload)
    }

    /// Records the registrations and commits them with whatever else is recorded. If that fails they are taken back
    /// before another thread can commit them: their data is about to go.
    #[track_caller]
    fn register_on_server(
        &self,
        entries: &[Entry],
        identifiers: Vec<(String, String)>,
        data: Data,
        upload: Option<&UploadCall>,
    ) -> Result<()> {
        let session = self.session();
        if let Some(upload) = upload {
            upload.registering();
        }
        let links = RefCell::new(FxHashSet::default());
        let record = || {
            for (entry, (_, stored)) in entries.iter().zip(identifiers) {
                let Some(registration) = &entry.registration else {
                    let link = session.create("ComponentLocation", self.link(entry, stored))?;
                    links.borrow_mut().insert(link.identity().clone());
                    continue;
                };
                if let Some(link) = registration.link.as_deref()
                    && registration.stored != stored
                {
                    let link = Identity::new("ComponentLocation", link);
                    session.entity(&link)?.set("resource_identifier", stored)?;
                }
            }
            Ok(())
        };
        let is_unknown = Cell::new(false);
        let mend = |error| {
            is_unknown.set(Self::may_be_registered(&error));
            if !is_unknown.get() {
                session.withdraw(|identity| links.borrow().contains(identity));
            }
            error
        };
        let Err(error) = session.commit_after(Purpose::write("commit"), record, mend) else {
            data.complete();
            if let Some(upload) = upload {
                upload.forget();
            }
            return Ok(());
        };
        if !is_unknown.get() {
            return Err(self.not_registered(error, data, entries, upload));
        }
        let message = format!(
            "the answer to the registration in {:?} was lost, so the components may be registered or not",
            self.location
        );
        Err(Error::new(ErrorKind::CommitOutcomeUnknown, message)
            .with_detail("location", self.location.id())
            .with_detail("transferred", data.list())
            .with_detail("replaced", data.kept())
            .with_source(error))
    }

    /// The values that register a component.
    fn link(&self, entry: &Entry, stored: String) -> [(&'static str, Value); 3] {
        values! {
            "component": &entry.component,
            "location": &self.location,
            "resource_identifier": stored,
        }
    }

    /// Whether the server may have carried out the commit that failed with `error`.
    fn may_be_registered(error: &Error) -> bool {
        matches!(
            error.kind(),
            ErrorKind::CommitOutcomeUnknown | ErrorKind::ConnectionClosed | ErrorKind::Cancelled
        )
    }

    /// The error of a registration that failed. Data is removed again, unless it was uploaded and the server may take
    /// the registration later.
    #[track_caller]
    fn not_registered(
        &self,
        error: Error,
        data: Data,
        entries: &[Entry],
        upload: Option<&UploadCall>,
    ) -> Error {
        let message = format!("the components cannot be registered in {:?}", self.location);
        if error.is_retryable() && upload.is_some_and(UploadCall::has_progress) {
            let failure = self.failure(message, Vec::new());
            let failure = failure.with_detail("step", "register");
            return kept(failure, &data).with_source(error);
        }
        if let Some(upload) = upload {
            upload.forget();
        }
        let left = self.clean_up(data, entries);
        self.failure(message, left)
            .with_detail("step", "register")
            .with_source(error)
    }
}
