//! Caches for any values: memory, layered, proxy, serialised and file caches, key makers and a
//! memoiser.
//!
//! Every cache implements [`Cache`], so caches are put together like building blocks. Here a cache
//! in memory stands in front of a slower one that keeps numbers as text:
//!
//! ```
//! use std::sync::Arc;
//!
//! use ftrack_cache::{Cache, LayeredCache, MemoryCache, SerialisedCache, SharedCache};
//!
//! let slow: SharedCache<String, u32> = Arc::new(SerialisedCache::new(
//!     MemoryCache::<String, String>::new(),
//!     |frames: &u32| Ok::<_, std::fmt::Error>(frames.to_string()),
//!     |text: &String| text.parse::<u32>(),
//! ));
//! let cache = LayeredCache::new([Arc::new(MemoryCache::new()) as _, slow]);
//!
//! cache.set("sq010".into(), 96)?;
//! cache.set("sq020".into(), 120)?;
//! assert_eq!(cache.get(&"sq010".to_owned())?, Some(96));
//!
//! cache.clear(Some("^sq01"))?;
//! assert_eq!(cache.keys()?, ["sq020"]);
//! # Ok::<(), ftrack_cache::Error>(())
//! ```
//!
//! | cache | what for |
//! | --- | --- |
//! | [`MemoryCache`] | values in memory, if asked within a bound |
//! | `FileCache` (feature `file`) | bytes in a folder, which survive the program |
//! | [`SerialisedCache`] | values of any type in a cache of bytes or text |
//! | [`LayeredCache`] | quick caches on top of slow ones |
//! | [`ProxyCache`] | to be selective about what another cache stores |
//!
//! A [`KeyMaker`] makes keys from values, and a [`Memoiser`] remembers the results of functions.
//!
//! A miss is not an error: [`Cache::get`] answers `None`.
//!
//! No lock of a cache is held while a closure of the caller runs, or a key or value of the caller
//! is cloned or dropped: all of them may use the cache.
//!
//! # Features
//!
//! - `file`: the file cache, which stands on the sled database.
//! - `json`: keys made of JSON values.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod cache;
pub mod conformance;
mod error;
#[cfg(feature = "file")]
mod file;
mod key_maker;
mod key_part;
mod layered;
mod memoiser;
mod memory;
mod proxy;
mod serialised;
mod sync;

#[cfg(all(doctest, feature = "file"))]
#[doc = include_str!("../README.md")]
mod readme {}

#[cfg(feature = "file")]
pub use self::file::{FileCache, FileCacheOptions, scoped_folder};
pub use self::{
    cache::{Cache, CacheKey, SharedCache},
    error::{BoxError, Error, Result},
    key_maker::{KeyMaker, ObjectKeyMaker, StringKeyMaker},
    key_part::KeyPart,
    layered::LayeredCache,
    memoiser::{Memoiser, memoise},
    memory::MemoryCache,
    proxy::ProxyCache,
    serialised::SerialisedCache,
};
