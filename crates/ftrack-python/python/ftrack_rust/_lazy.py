"""The parts of a session that are made when they are first used."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from .session import Session


def _logger(session: Session) -> Any:
    import logging

    return logging.getLogger("ftrack_rust.session." + type(session).__name__)


def _types(session: Session) -> Any:
    from ._types import Types

    return Types(session)


def _recorded_operations(session: Session) -> Any:
    from .operation import SessionOperations

    return SessionOperations(session)


def _cache_key_maker(session: Session) -> Any:
    from .cache import StringKeyMaker

    return StringKeyMaker()


def _cache(session: Session) -> Any:
    from ._caches import EntityMemory
    from .cache import LayeredCache

    return LayeredCache([EntityMemory(session)])


def _lower_cache(session: Session) -> Any:
    from ._caches import LowerCaches

    layered = session.cache
    return LowerCaches(lambda: layered.caches, session.cache_key_maker)


#: What makes each part.
MAKERS: dict[str, Callable[[Session], Any]] = {
    "cache": _cache,
    "cache_key_maker": _cache_key_maker,
    "logger": _logger,
    "recorded_operations": _recorded_operations,
    "types": _types,
    "_lower_cache": _lower_cache,
}
