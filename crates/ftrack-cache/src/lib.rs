//! Caches for any values: memory, layered, proxy, serialised and file caches, key makers and a memoiser.
