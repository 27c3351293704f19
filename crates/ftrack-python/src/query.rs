//! Results of queries.

use std::sync::{Condvar, Mutex, PoisonError};

use ftrack::query::Split;
use ftrack::{Entities, Entity};
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PySlice};

use crate::handle::SessionCore;
use crate::interrupt::wait;

/// A query, and as many of its results as were fetched.
#[pyclass(
    name = "QueryCore",
    module = "ftrack_rust._engine",
    subclass,
    weakref,
    frozen
)]
pub struct QueryCore {
    session: Py<SessionCore>,
    text: String,
    page_size: u64,
    pages: Mutex<Pages>,
    /// Told when a thread is done with a page.
    fetched: Condvar,
    results: Mutex<Results>,
}

/// What is still to come.
#[derive(Default)]
enum Pages {
    #[default]
    NotAsked,
    Waiting(Entities),
    /// A thread fetches a page. It has the rest with it, so that no lock is held while it waits for the server and
    /// while caches of Python are called.
    Fetching,
}

#[derive(Default)]
struct Results {
    objects: Vec<Py<PyAny>>,
    is_complete: bool,
}

#[pymethods]
impl QueryCore {
    #[new]
    #[pyo3(signature = (session, expression, page_size=500))]
    fn new(session: Bound<'_, SessionCore>, expression: String, page_size: u64) -> Self {
        Self {
            session: session.unbind(),
            text: expression,
            page_size: page_size.max(1),
            pages: Mutex::default(),
            fetched: Condvar::new(),
            results: Mutex::default(),
        }
    }

    #[getter]
    fn _session(&self, py: Python<'_>) -> Py<SessionCore> {
        self.session.clone_ref(py)
    }

    /// The query, without its limit and offset.
    #[getter]
    fn _expression(&self) -> String {
        Split::new(&self.text).text().trim().to_owned()
    }

    #[getter]
    fn _limit(&self) -> Option<u64> {
        Split::new(&self.text).limit()
    }

    #[getter]
    fn _offset(&self) -> Option<u64> {
        Split::new(&self.text).offset()
    }

    #[getter]
    fn _page_size(&self) -> u64 {
        self._limit()
            .map_or(self.page_size, |limit| limit.min(self.page_size))
    }

    /// Whether there may be more than was fetched.
    fn _can_fetch_more(&self) -> bool {
        !self.results().is_complete
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.fetch(py, usize::MAX)
    }

    fn __getitem__<'py>(
        &self,
        py: Python<'py>,
        index: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if let Ok(slice) = index.cast::<PySlice>() {
            let count = self.fetch(py, usize::MAX)?;
            let all = self.objects(py, 0, count)?;
            return all.as_any().get_item(slice);
        }
        let index: isize = index.extract()?;
        let index = match usize::try_from(index) {
            Ok(index) => {
                self.fetch(py, index.saturating_add(1))?;
                index
            }
            Err(_) => {
                let count = self.fetch(py, usize::MAX)?;
                let from_end = count.checked_sub(index.unsigned_abs());
                from_end.ok_or_else(|| PyIndexError::new_err("list index out of range"))?
            }
        };
        let results = self.results();
        let object = results.objects.get(index);
        let object = object.map(|object| object.clone_ref(py).into_bound(py));
        object.ok_or_else(|| PyIndexError::new_err("list index out of range"))
    }

    fn __iter__(slf: &Bound<'_, Self>) -> ResultIterator {
        ResultIterator {
            query: slf.clone().unbind(),
            chunk: Mutex::default(),
        }
    }

    /// All results, in a list.
    fn all<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let count = self.fetch(py, usize::MAX)?;
        self.objects(py, 0, count)
    }

    /// The only result.
    fn one<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if self._limit().is_some() {
            return Err(PyValueError::new_err(
                "Expression already contains a limit clause.",
            ));
        }
        if self._offset().is_some() {
            return Err(PyValueError::new_err(
                "Expression contains an offset clause which does not make sense when selecting a single item.",
            ));
        }
        let query = self.query(py)?;
        let entity = wait(py, move || query.one())?;
        crate::handle::object(self.session.bind(py), entity)
    }

    /// The first result, or nothing.
    fn first<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        if self._limit().is_some() {
            return Err(PyValueError::new_err(
                "Expression already contains a limit clause.",
            ));
        }
        let query = self.query(py)?;
        let entity = wait(py, move || query.first())?;
        entity
            .map(|entity| crate::handle::object(self.session.bind(py), entity))
            .transpose()
    }

    /// The rows as they are in the answer, as mappings; no entities are made.
    fn records<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        crate::records::rows(py, self.query(py)?)
    }

    /// The rows as lists of values by column.
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        crate::records::columns(py, self.query(py)?)
    }

    fn __traverse__(&self, visit: pyo3::PyVisit<'_>) -> Result<(), pyo3::PyTraverseError> {
        visit.call(&self.session)
    }
}

impl QueryCore {
    fn query(&self, py: Python<'_>) -> PyResult<ftrack::QueryResult> {
        let session = self.session.bind(py).get().session()?;
        Ok(session.query(self.text.as_str()).page_size(self.page_size))
    }

    /// Fetches pages until there are `count` results or no more: how many there are.
    fn fetch(&self, py: Python<'_>, count: usize) -> PyResult<usize> {
        loop {
            let known = {
                let results = self.results();
                if results.is_complete || results.objects.len() >= count {
                    return Ok(results.objects.len());
                }
                results.objects.len()
            };
            self.fetch_page(py, known)?;
        }
    }

    /// Fetches the page after the first `known` results, unless another thread did.
    fn fetch_page(&self, py: Python<'_>, known: usize) -> PyResult<()> {
        let query = self.query(py)?;
        let session = self.session.bind(py);
        let page = usize::try_from(self.page_size).unwrap_or(usize::MAX);
        let fetched = wait(py, || {
            let Some(mut turn) = self.begin(known) else {
                return Ok(None);
            };
            let mut rest = turn.rest.take().unwrap_or_else(|| query.into_iter());
            let page: ftrack::Result<Vec<Entity>> = rest.by_ref().take(page).collect();
            // What failed can be tried again, from the start.
            turn.rest = page.is_ok().then_some(rest);
            page.map(|page| Some((page, turn)))
        })?;
        let Some((entities, turn)) = fetched else {
            return Ok(());
        };
        let is_last = entities.len() < page;
        let mut objects = Vec::with_capacity(entities.len());
        for entity in entities {
            objects.push(crate::handle::object(session, entity)?.unbind());
        }
        {
            let mut results = self.results();
            results.objects.append(&mut objects);
            results.is_complete |= is_last;
        }
        drop(turn);
        Ok(())
    }

    /// Takes the turn to fetch the page after `known`; `None` if another thread has fetched it meanwhile. Others wait
    /// until the turn is over, when the page is among the results.
    fn begin(&self, known: usize) -> Option<Turn<'_>> {
        let mut pages = self.pages();
        while matches!(*pages, Pages::Fetching) {
            pages = self
                .fetched
                .wait(pages)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if self.results().objects.len() != known || self.results().is_complete {
            return None;
        }
        let rest = match std::mem::replace(&mut *pages, Pages::Fetching) {
            Pages::Waiting(rest) => Some(rest),
            Pages::NotAsked | Pages::Fetching => None,
        };
        Some(Turn { query: self, rest })
    }

    fn pages(&self) -> std::sync::MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A list of the results in a range.
    fn objects<'py>(
        &self,
        py: Python<'py>,
        from: usize,
        to: usize,
    ) -> PyResult<Bound<'py, PyList>> {
        let objects: Vec<Py<PyAny>> = {
            let results = self.results();
            let range = results.objects.get(from..to).unwrap_or_default();
            range.iter().map(|object| object.clone_ref(py)).collect()
        };
        PyList::new(py, objects)
    }

    fn results(&self) -> std::sync::MutexGuard<'_, Results> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One thread at a time fetches a page. It has the rest of the results with it.
struct Turn<'a> {
    query: &'a QueryCore,
    rest: Option<Entities>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let rest = self.rest.take();
        *self.query.pages() = rest.map_or(Pages::NotAsked, Pages::Waiting);
        self.query.fetched.notify_all();
    }
}

/// The results one by one; pages are fetched when they are needed.
#[pyclass(module = "ftrack_rust._engine", frozen)]
pub struct ResultIterator {
    query: Py<QueryCore>,
    chunk: Mutex<usize>,
}

#[pymethods]
impl ResultIterator {
    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let index = *self.chunk.lock().unwrap_or_else(PoisonError::into_inner);
        let query = self.query.bind(py).get();
        query.fetch(py, index.saturating_add(1))?;
        let object = query
            .results()
            .objects
            .get(index)
            .map(|object| object.clone_ref(py));
        if object.is_some() {
            *self.chunk.lock().unwrap_or_else(PoisonError::into_inner) = index + 1;
        }
        Ok(object.map(|object| object.into_bound(py)))
    }
}
