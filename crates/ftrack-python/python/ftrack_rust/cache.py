"""Caches, keys, and memoisation."""

from __future__ import annotations

import abc
import collections.abc
import contextlib
import functools
from typing import Any, Callable, Iterator, Optional


class Cache(abc.ABC):
    """Keeps values by keys."""

    @abc.abstractmethod
    def get(self, key: Any) -> Any:
        """Return the value of *key*. Raise :exc:`KeyError` if there is none."""

    @abc.abstractmethod
    def set(self, key: Any, value: Any) -> None:
        """Make *value* that of *key*."""

    @abc.abstractmethod
    def remove(self, key: Any) -> None:
        """Take *key* out. Raise :exc:`KeyError` if it is not there."""

    def keys(self) -> list[Any]:
        """Return all keys, in a list; others may change them at any time."""
        raise NotImplementedError()

    def values(self) -> list[Any]:
        """Return all values, in a list."""
        values = []
        for key in self.keys():
            with contextlib.suppress(KeyError):
                values.append(self.get(key))
        return values

    def clear(self, pattern: Optional[str] = None) -> None:
        """Take all keys out, or those in which the regular expression *pattern* is found."""
        import re

        expression = re.compile(pattern) if pattern is not None else None
        for key in self.keys():
            if expression is None or expression.search(key):
                with contextlib.suppress(KeyError):
                    self.remove(key)


class ProxyCache(Cache):
    """Does what another cache does; to derive from."""

    def __init__(self, proxied: Cache) -> None:
        """Stand before *proxied*."""
        self.proxied = proxied

    def get(self, key: Any) -> Any:
        """Return the value of *key*. Raise :exc:`KeyError` if there is none."""
        return self.proxied.get(key)

    def set(self, key: Any, value: Any) -> None:
        """Make *value* that of *key*."""
        self.proxied.set(key, value)

    def remove(self, key: Any) -> None:
        """Take *key* out. Raise :exc:`KeyError` if it is not there."""
        self.proxied.remove(key)

    def keys(self) -> list[Any]:
        """Return all keys."""
        return list(self.proxied.keys())


class LayeredCache(Cache):
    """Several caches, one below the other."""

    def __init__(self, caches: list[Cache]) -> None:
        """Ask *caches* in turn."""
        self.caches = caches

    def get(self, key: Any) -> Any:
        """Return the value of *key* from the first cache that has it, and keep it in those above.

        Raise :exc:`KeyError` if none has it.
        """
        above = []
        for cache in self.caches:
            try:
                value = cache.get(key)
            except KeyError:
                above.append(cache)
                continue
            for upper in above:
                upper.set(key, value)
            return value
        raise KeyError(key)

    def set(self, key: Any, value: Any) -> None:
        """Make *value* that of *key* in all caches."""
        for cache in self.caches:
            cache.set(key, value)

    def remove(self, key: Any) -> None:
        """Take *key* out of all caches. Raise :exc:`KeyError` if none has it."""
        found = False
        for cache in self.caches:
            with contextlib.suppress(KeyError):
                cache.remove(key)
                found = True
        if not found:
            raise KeyError(key)

    def keys(self) -> list[Any]:
        """Return the keys of all caches, each once."""
        return list(dict.fromkeys(key for cache in self.caches for key in cache.keys()))


class MemoryCache(Cache):
    """Keeps values in memory."""

    def __init__(self) -> None:
        """Make an empty cache."""
        self._cache: dict[Any, Any] = {}

    def get(self, key: Any) -> Any:
        """Return the value of *key*. Raise :exc:`KeyError` if there is none."""
        return self._cache[key]

    def set(self, key: Any, value: Any) -> None:
        """Make *value* that of *key*."""
        self._cache[key] = value

    def remove(self, key: Any) -> None:
        """Take *key* out. Raise :exc:`KeyError` if it is not there."""
        del self._cache[key]

    def keys(self) -> list[Any]:
        """Return all keys."""
        return list(self._cache)


class FileCache(Cache):
    """Keeps text in a file of the module :mod:`dbm`. Nothing keeps two programs from using it at once."""

    def __init__(self, path: str) -> None:
        """Use the file at *path*, which is made if it is not there."""
        import dbm

        self.path = path
        dbm.open(self.path, "c").close()

    @contextlib.contextmanager
    def _database(self) -> Iterator[Any]:
        import dbm

        database = dbm.open(self.path, "w")
        try:
            yield database
        finally:
            database.close()

    def get(self, key: str) -> str:
        """Return the text of *key*. Raise :exc:`KeyError` if there is none."""
        with self._database() as database:
            text: str = database[key.encode("utf-8")].decode("utf-8")
            return text

    def set(self, key: str, value: str) -> None:
        """Make *value* the text of *key*."""
        with self._database() as database:
            database[key.encode("utf-8")] = value

    def remove(self, key: str) -> None:
        """Take *key* out. Raise :exc:`KeyError` if it is not there."""
        with self._database() as database:
            del database[key.encode("utf-8")]

    def keys(self) -> list[str]:
        """Return all keys."""
        with self._database() as database:
            return [key.decode("utf-8") for key in database.keys()]


class SerialisedCache(ProxyCache):
    """Encodes values for another cache, and decodes them."""

    def __init__(
        self,
        proxied: Cache,
        encode: Optional[Callable[[Any], Any]] = None,
        decode: Optional[Callable[[Any], Any]] = None,
    ) -> None:
        """Keep in *proxied* what *encode* makes of values, and return what *decode* makes of that."""
        self.encode = encode
        self.decode = decode
        super().__init__(proxied)

    def get(self, key: Any) -> Any:
        """Return the value of *key*. Raise :exc:`KeyError` if there is none."""
        value = super().get(key)
        return self.decode(value) if self.decode else value

    def set(self, key: Any, value: Any) -> None:
        """Make *value* that of *key*."""
        super().set(key, self.encode(value) if self.encode else value)


class KeyMaker(abc.ABC):
    """Makes keys of objects."""

    def __init__(self) -> None:
        """Make a key maker."""
        self.item_separator: Any = ""

    def key(self, *items: Any) -> Any:
        """Return the key of *items*."""
        return self.item_separator.join([self._key(item) for item in items])

    @abc.abstractmethod
    def _key(self, obj: Any) -> Any:
        """Return the key of *obj*."""


class StringKeyMaker(KeyMaker):
    """Makes keys of what objects look like as text."""

    def _key(self, obj: Any) -> str:
        return str(obj)


class ObjectKeyMaker(KeyMaker):
    """Makes keys of what objects consist of, so that equal ones have equal keys. Keys are bytes."""

    def __init__(self) -> None:
        """Make a key maker."""
        super().__init__()
        self.item_separator = b"\0"
        self.mapping_identifier = b"\1"
        self.mapping_pair_separator = b"\2"
        self.iterable_identifier = b"\3"
        self.name_identifier = b"\4"

    def _key(self, item: Any) -> bytes:
        import inspect
        import pickle

        if isinstance(item, str):
            return pickle.dumps(item, 2)
        if isinstance(item, collections.abc.Mapping):
            pairs = [
                self._key(name) + self.mapping_pair_separator + self._key(value)
                for name, value in sorted(item.items())
            ]
            return self._enclosed(self.mapping_identifier, pairs)
        if isinstance(item, collections.abc.Iterable):
            return self._enclosed(self.iterable_identifier, [self._key(part) for part in item])
        if inspect.ismethod(item):
            return self._named(item.__name__, type(item.__self__).__name__, item.__module__)
        if inspect.isfunction(item) or inspect.isclass(item):
            return self._named(item.__name__, item.__module__)
        if inspect.isbuiltin(item):
            return self._named(item.__name__)
        return pickle.dumps(item, 2)

    def _enclosed(self, mark: bytes, parts: list[bytes]) -> bytes:
        content: bytes = self.item_separator.join(parts)
        return mark + content + mark

    def _named(self, *names: str) -> bytes:
        joined: bytes = self.item_separator.join([name.encode() for name in names])
        return self.name_identifier + joined


class Memoiser:
    """Calls functions once for the same arguments."""

    def __init__(
        self, cache: Optional[Cache] = None, key_maker: Optional[KeyMaker] = None, return_copies: bool = True
    ) -> None:
        """Keep results in *cache*, by default in memory, by keys of *key_maker*, by default an
        :class:`ObjectKeyMaker`. With *return_copies*, callers cannot change what is kept."""
        self.cache = MemoryCache() if cache is None else cache
        self.key_maker = ObjectKeyMaker() if key_maker is None else key_maker
        self.return_copies = return_copies

    def call(self, function: Callable[..., Any], args: Any = None, kw: Any = None) -> Any:
        """Return what *function* returns for *args* and *kw*; it is called only if that is not known."""
        import copy
        import inspect

        args, kw = args or (), kw or {}
        key = self.key_maker.key(function, inspect.getcallargs(function, *args, **kw))
        try:
            value = self.cache.get(key)
        except KeyError:
            value = function(*args, **kw)
            self.cache.set(key, value)
        return copy.deepcopy(value) if self.return_copies else value


def memoise_decorator(memoiser: Memoiser) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator for functions that *memoiser* calls."""

    def outer(function: Callable[..., Any]) -> Callable[..., Any]:
        """Return *function* as the memoiser calls it."""

        @functools.wraps(function)
        def inner(*args: Any, **kw: Any) -> Any:
            return memoiser.call(function, args, kw)

        return inner

    return outer


#: The default memoiser.
memoiser = Memoiser()

#: The decorator for functions that the default memoiser calls.
memoise = memoise_decorator(memoiser)
