"""The caches of a session."""

from __future__ import annotations

import ast
import weakref
from typing import TYPE_CHECKING, Any, Callable

from .cache import Cache, KeyMaker, StringKeyMaker

if TYPE_CHECKING:
    from .session import Session


class EntityMemory(Cache):
    """The entities that a session has in memory, by their keys."""

    def __init__(self, session: "Session") -> None:
        """Show the entities of *session*, which is held weakly."""
        self._held = weakref.ref(session)

    def _session(self) -> "Session":
        session = self._held()
        if session is None:
            raise KeyError("the session is gone")
        return session

    def get(self, key: Any) -> Any:
        """Return the entity of *key*. Raise :exc:`KeyError` if there is none."""
        session = self._session()
        found = session._memory_get(session._engine_key(key))
        if found is None:
            raise KeyError(key)
        return found

    def set(self, key: Any, value: Any) -> None:
        """Take over what *value*, an entity, knows."""
        self._session()._merge(value)

    def remove(self, key: Any) -> None:
        """Forget the entity of *key*. Raise :exc:`KeyError` if there is none."""
        session = self._session()
        if not session._memory_remove(session._engine_key(key)):
            raise KeyError(key)

    def keys(self) -> list[Any]:
        """Return the keys of all entities."""
        session = self._session()
        return [session._cache_key(key) for key in session._memory_keys()]


class LowerCaches:
    """The caches below memory, as the engine uses them: by its keys."""

    def __init__(self, caches: Callable[[], list[Cache]], key_maker: KeyMaker) -> None:
        """Use all but the first of *caches*, by keys of *key_maker*."""
        self._caches = caches
        self._key_maker = key_maker

    def _key(self, key: str) -> Any:
        return key_of(key, self._key_maker)

    def get(self, key: str) -> Any:
        """Return the entity of *key*."""
        made = self._key(key)
        for cache in self._caches()[1:]:
            try:
                return cache.get(made)
            except KeyError:
                continue
        raise KeyError(key)

    def set(self, key: str, value: Any) -> None:
        """Keep the entity *value*."""
        for cache in self._caches()[1:]:
            cache.set(self._key(key), value)

    def remove(self, key: str) -> None:
        """Forget the entity of *key*."""
        for cache in self._caches()[1:]:
            try:
                cache.remove(self._key(key))
            except KeyError:
                continue

    def keys(self) -> list[str]:
        """Return the keys, as far as they are the engine's."""
        return [str(key) for cache in self._caches()[1:] for key in cache.keys()]


def key_of(key: str, key_maker: KeyMaker) -> Any:
    """Return what *key_maker* makes of the entity that the engine calls *key*."""
    if type(key_maker) is StringKeyMaker:
        return key
    return key_maker.key(ast.literal_eval(key))
