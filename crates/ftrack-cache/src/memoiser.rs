//! Functions whose results are remembered.

mod in_flight;

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use self::in_flight::{InFlight, Role};
use crate::cache::{Cache, SharedCache};
use crate::key_maker::{KeyMaker, ObjectKeyMaker};
use crate::key_part::KeyPart;
use crate::memory::MemoryCache;

/// Remembers the results of function calls in a cache.
///
/// The key of a call is made from the name of the function and its arguments. Calls with the same
/// key that come while the first is computing wait for its result and compute nothing. Different
/// keys do not wait for each other. Errors are not remembered, and neither is anything if the
/// computation panics: the next caller computes again.
///
/// A cache that fails does not fail the call: the function is computed, and the failure goes to
/// the log.
///
/// Every caller gets a clone of the value, so that nobody changes what is remembered; choose an
/// `Arc` as the value type to share one instead.
///
/// Two computations that need each other's results on different threads wait for each other for
/// ever, as any two locks taken in opposite order do.
///
/// ```
/// use ftrack_cache::{MemoryCache, Memoiser, ObjectKeyMaker};
///
/// let memoiser = Memoiser::new(MemoryCache::new(), ObjectKeyMaker);
/// let mut calls = 0;
/// let mut add = |x: i32, y: i32| memoiser.call("add", (x, y), || {
///     calls += 1;
///     x + y
/// });
/// assert_eq!(add(1, 2), 3);
/// assert_eq!(add(1, 2), 3);
/// assert_eq!(add(1, 3), 4);
/// assert_eq!(calls, 2);
/// ```
pub struct Memoiser<V> {
    cache: SharedCache<String, V>,
    key_maker: Arc<dyn KeyMaker>,
    in_flight: InFlight<V>,
}

impl<V: Clone + Send + Sync + 'static> Memoiser<V> {
    /// Remembers results in `cache`, under keys that `key_maker` makes from the name of the
    /// function and its arguments.
    pub fn new(cache: impl Cache<String, V> + 'static, key_maker: impl KeyMaker + 'static) -> Self {
        Self {
            cache: Arc::new(cache),
            key_maker: Arc::new(key_maker),
            in_flight: InFlight::default(),
        }
    }

    /// Returns the remembered result of `function` for `arguments`, or computes and remembers it.
    ///
    /// `function` names what is computed. In a cache that outlives the program, change the name
    /// when the meaning of the result changes.
    pub fn call(
        &self,
        function: &str,
        arguments: impl Into<KeyPart>,
        compute: impl FnOnce() -> V,
    ) -> V {
        let computed = self.try_call(function, arguments, || Ok::<_, Infallible>(compute()));
        match computed {
            Ok(value) => value,
        }
    }

    /// Like [`call`](Self::call), for a computation that can fail.
    ///
    /// ```
    /// use ftrack_cache::Memoiser;
    ///
    /// let memoiser: Memoiser<u32> = Memoiser::default();
    /// assert!(memoiser.try_call("frames", "x", || "x".parse::<u32>()).is_err());
    /// assert_eq!(memoiser.try_call("frames", "x", || "96".parse::<u32>()), Ok(96));
    /// assert_eq!(memoiser.try_call("frames", "x", || "x".parse::<u32>()), Ok(96));
    /// ```
    ///
    /// # Errors
    ///
    /// What `compute` returns. It is not remembered; callers that were waiting for the result
    /// compute on their own, one after the other until one succeeds.
    pub fn try_call<E>(
        &self,
        function: &str,
        arguments: impl Into<KeyPart>,
        compute: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        let key = self.key_maker.key(&[function.into(), arguments.into()]);
        loop {
            if let Some(value) = self.remembered(&key) {
                return Ok(value);
            }
            match self.in_flight.join(&key) {
                Role::Nested => return compute(),
                Role::Waiter(computation) => {
                    if let Some(value) = computation.wait() {
                        return Ok(value);
                    }
                }
                Role::Leader(leader) => {
                    // The computation before may have ended between looking and joining.
                    if let Some(value) = self.remembered(&key) {
                        leader.finish(value.clone());
                        return Ok(value);
                    }
                    let value = compute()?;
                    self.remember(&key, value.clone());
                    leader.finish(value.clone());
                    return Ok(value);
                }
            }
        }
    }

    /// Where results are remembered, for example to remove or clear some.
    pub fn cache(&self) -> &SharedCache<String, V> {
        &self.cache
    }

    /// The key under which the result of `function` for `arguments` is remembered.
    ///
    /// ```
    /// use ftrack_cache::{Cache, Memoiser};
    ///
    /// let memoiser: Memoiser<u32> = Memoiser::default();
    /// memoiser.call("frames", "shot", || 96);
    /// memoiser.cache().remove(&memoiser.key("frames", "shot"))?;
    /// assert_eq!(memoiser.call("frames", "shot", || 120), 120);
    /// # Ok::<(), ftrack_cache::Error>(())
    /// ```
    pub fn key(&self, function: &str, arguments: impl Into<KeyPart>) -> String {
        self.key_maker.key(&[function.into(), arguments.into()])
    }

    fn remembered(&self, key: &String) -> Option<V> {
        match self.cache.get(key) {
            Ok(remembered) => remembered,
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, key, "a remembered result could not be read");
                None
            }
        }
    }

    fn remember(&self, key: &str, value: V) {
        if let Err(error) = self.cache.set(key.to_owned(), value) {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, key, "a result could not be remembered");
        }
    }
}

/// Remembers in memory, under keys of an [`ObjectKeyMaker`].
impl<V: Clone + Send + Sync + 'static> Default for Memoiser<V> {
    fn default() -> Self {
        Self::new(MemoryCache::new(), ObjectKeyMaker)
    }
}

impl<V> fmt::Debug for Memoiser<V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Memoiser").finish_non_exhaustive()
    }
}

/// Makes a function that remembers its results in memory, for as long as it lives.
///
/// A function of several arguments takes them as a tuple. To choose where and how long results
/// are remembered, use a [`Memoiser`].
///
/// ```
/// use std::cell::Cell;
///
/// let calls = Cell::new(0);
/// let area = ftrack_cache::memoise(|(width, height): (u32, u32)| {
///     calls.set(calls.get() + 1);
///     width * height
/// });
/// assert_eq!(area((1920, 1080)), 2_073_600);
/// assert_eq!(area((1920, 1080)), 2_073_600);
/// assert_eq!(calls.get(), 1);
/// ```
pub fn memoise<A, V>(function: impl Fn(A) -> V) -> impl Fn(A) -> V
where
    A: Clone + Into<KeyPart>,
    V: Clone + Send + Sync + 'static,
{
    let memoiser = Memoiser::default();
    move |arguments: A| memoiser.call("", arguments.clone(), || function(arguments))
}
