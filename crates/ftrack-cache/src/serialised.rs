//! Values kept in serialised form.

use std::fmt;
use std::sync::Arc;

use crate::cache::{Cache, CacheKey, SharedCache};
use crate::error::BoxError;
use crate::error::{Error, Result};

type Encode<V, S> = Box<dyn Fn(&V) -> Result<S, BoxError> + Send + Sync>;
type Decode<S, V> = Box<dyn Fn(&S) -> Result<V, BoxError> + Send + Sync>;

/// Keeps values of one type in a cache of another, such as a file cache, which stores bytes.
///
/// `V` is what users of the cache see, `S` what is stored.
///
/// ```
/// use ftrack_cache::{BoxError, Cache, Error, MemoryCache, SerialisedCache};
///
/// let cache: SerialisedCache<String, u32> = SerialisedCache::new(
///     MemoryCache::new(),
///     |frames: &u32| -> Result<_, BoxError> { Ok(frames.to_string().into_bytes()) },
///     |bytes: &Vec<u8>| -> Result<_, BoxError> { Ok(str::from_utf8(bytes)?.parse()?) },
/// );
/// cache.set("shot".into(), 96)?;
/// assert_eq!(cache.get(&"shot".to_owned())?, Some(96));
///
/// // An entry that cannot be decoded is an error that names the key.
/// cache.proxied().set("odd".into(), b"ninety".to_vec())?;
/// let error = cache.get(&"odd".to_owned()).unwrap_err();
/// assert!(matches!(error, Error::Decode { key, .. } if key == "odd"));
/// # Ok::<(), Error>(())
/// ```
pub struct SerialisedCache<K, V, S = Vec<u8>> {
    proxied: SharedCache<K, S>,
    encode: Encode<V, S>,
    decode: Decode<S, V>,
}

impl<K: CacheKey, V, S> SerialisedCache<K, V, S> {
    /// A cache that stores in `proxied` what `encode` makes of a value, and returns what `decode`
    /// makes of it again. No lock is held while they run.
    pub fn new<EncodeError, DecodeError>(
        proxied: impl Cache<K, S> + 'static,
        encode: impl Fn(&V) -> Result<S, EncodeError> + Send + Sync + 'static,
        decode: impl Fn(&S) -> Result<V, DecodeError> + Send + Sync + 'static,
    ) -> Self
    where
        EncodeError: Into<BoxError>,
        DecodeError: Into<BoxError>,
    {
        Self {
            proxied: Arc::new(proxied),
            encode: Box::new(move |value| encode(value).map_err(Into::into)),
            decode: Box::new(move |stored| decode(stored).map_err(Into::into)),
        }
    }

    /// The cache that holds the serialised values.
    pub fn proxied(&self) -> &SharedCache<K, S> {
        &self.proxied
    }

    fn encoded(&self, key: &K, value: &V) -> Result<S> {
        (self.encode)(value).map_err(|source| Error::Encode {
            key: key.to_string(),
            source,
        })
    }
}

impl<K: CacheKey, V, S> Cache<K, V> for SerialisedCache<K, V, S> {
    fn get(&self, key: &K) -> Result<Option<V>> {
        let Some(stored) = self.proxied.get(key)? else {
            return Ok(None);
        };
        let decoded = (self.decode)(&stored).map_err(|source| Error::Decode {
            key: key.to_string(),
            source,
        });
        decoded.map(Some)
    }

    fn set(&self, key: K, value: V) -> Result<()> {
        let stored = self.encoded(&key, &value)?;
        self.proxied.set(key, stored)
    }

    fn remove(&self, key: &K) -> Result<()> {
        self.proxied.remove(key)
    }

    fn keys(&self) -> Result<Vec<K>> {
        self.proxied.keys()
    }

    fn set_if_absent(&self, key: K, value: V) -> Result<()> {
        let stored = self.encoded(&key, &value)?;
        self.proxied.set_if_absent(key, stored)
    }

    fn fill(&self, key: K, value: V, is_current: &dyn Fn() -> bool) -> Result<()> {
        let stored = self.encoded(&key, &value)?;
        self.proxied.fill(key, stored, is_current)
    }

    fn clear(&self, pattern: Option<&str>) -> Result<()> {
        self.proxied.clear(pattern)
    }

    fn len(&self) -> Result<usize> {
        self.proxied.len()
    }
}

impl<K, V, S> fmt::Debug for SerialisedCache<K, V, S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SerialisedCache")
            .finish_non_exhaustive()
    }
}
