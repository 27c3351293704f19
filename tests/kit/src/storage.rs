//! A storage that does what a test tells it.

use std::fmt;
use std::path::PathBuf;

use ftrack_location::accessor::Result;
use ftrack_location::{Accessor, CreateOptions, MemoryAccessor, ResourceReader, Upload};

/// What a storage is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// List a container.
    List,
    /// Say whether something is there.
    Exists,
    /// Say whether it is a file.
    IsFile,
    /// Say whether it is a container.
    IsContainer,
    /// Open a file.
    Open,
    /// Create one.
    Create,
    /// Remove one.
    Remove,
    /// Give a file another name.
    Rename,
    /// Put a file in the place of another.
    Replace,
    /// Make a container.
    MakeContainer,
    /// Name the container of something.
    Container,
    /// Say where a file is on this machine.
    FilesystemPath,
    /// Say where it is on the web.
    Url,
}

/// A storage that asks first, and may read and write in another way than the one below it.
pub struct Odd<A = MemoryAccessor> {
    /// The storage below.
    pub inner: A,
    before: Box<Before>,
    reading: Box<Reading>,
    writing: Box<Writing>,
}

type Before = dyn Fn(Step, &str) -> Result<()> + Send + Sync;
type Reading = dyn Fn(ResourceReader) -> ResourceReader + Send + Sync;
type Writing = dyn Fn(Box<dyn Upload>, &CreateOptions) -> Box<dyn Upload> + Send + Sync;

impl<A> fmt::Debug for Odd<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Odd").finish_non_exhaustive()
    }
}

impl<A: Accessor> Odd<A> {
    /// A storage that does as the one below.
    pub fn new(inner: A) -> Self {
        Self {
            inner,
            before: Box::new(|_, _| Ok(())),
            reading: Box::new(|reader| reader),
            writing: Box::new(|upload, _| upload),
        }
    }

    /// Asks before each step, which fails if the answer is an error.
    #[must_use]
    pub fn before(
        mut self,
        before: impl Fn(Step, &str) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.before = Box::new(before);
        self
    }

    /// What is read, made of what is there.
    #[must_use]
    pub fn reading(
        mut self,
        reading: impl Fn(ResourceReader) -> ResourceReader + Send + Sync + 'static,
    ) -> Self {
        self.reading = Box::new(reading);
        self
    }

    /// What is written to, made of an upload to the storage below.
    #[must_use]
    pub fn writing(
        mut self,
        writing: impl Fn(Box<dyn Upload>, &CreateOptions) -> Box<dyn Upload> + Send + Sync + 'static,
    ) -> Self {
        self.writing = Box::new(writing);
        self
    }
}

impl<A: Accessor> Accessor for Odd<A> {
    fn list(&self, identifier: &str) -> Result<Vec<String>> {
        (self.before)(Step::List, identifier)?;
        self.inner.list(identifier)
    }

    fn exists(&self, identifier: &str) -> Result<bool> {
        (self.before)(Step::Exists, identifier)?;
        self.inner.exists(identifier)
    }

    fn is_file(&self, identifier: &str) -> Result<bool> {
        (self.before)(Step::IsFile, identifier)?;
        self.inner.is_file(identifier)
    }

    fn is_container(&self, identifier: &str) -> Result<bool> {
        (self.before)(Step::IsContainer, identifier)?;
        self.inner.is_container(identifier)
    }

    fn open_at(&self, identifier: &str, offset: u64) -> Result<ResourceReader> {
        (self.before)(Step::Open, identifier)?;
        Ok((self.reading)(self.inner.open_at(identifier, offset)?))
    }

    fn create(&self, identifier: &str, options: &CreateOptions) -> Result<Box<dyn Upload>> {
        (self.before)(Step::Create, identifier)?;
        let upload = self.inner.create(identifier, options)?;
        Ok((self.writing)(upload, options))
    }

    fn remove(&self, identifier: &str) -> Result<()> {
        (self.before)(Step::Remove, identifier)?;
        self.inner.remove(identifier)
    }

    fn rename(&self, identifier: &str, target: &str) -> Result<()> {
        (self.before)(Step::Rename, identifier)?;
        self.inner.rename(identifier, target)
    }

    fn replace(&self, staged: &str, target: &str, backup: &str) -> Result<()> {
        (self.before)(Step::Replace, target)?;
        self.inner.replace(staged, target, backup)
    }

    fn make_container(&self, identifier: &str, recursive: bool) -> Result<()> {
        (self.before)(Step::MakeContainer, identifier)?;
        self.inner.make_container(identifier, recursive)
    }

    fn container(&self, identifier: &str) -> Result<String> {
        (self.before)(Step::Container, identifier)?;
        self.inner.container(identifier)
    }

    fn filesystem_path(&self, identifier: &str) -> Result<PathBuf> {
        (self.before)(Step::FilesystemPath, identifier)?;
        self.inner.filesystem_path(identifier)
    }

    fn url(&self, identifier: &str) -> Result<String> {
        (self.before)(Step::Url, identifier)?;
        self.inner.url(identifier)
    }
}
