"""What entities are: identity, primary key, state."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any, Iterable, Optional

from . import symbol

if TYPE_CHECKING:
    from .entity.base import Entity

_STATES = {"created": symbol.CREATED, "modified": symbol.MODIFIED, "deleted": symbol.DELETED, None: symbol.NOT_SET}


def identity(entity: "Entity") -> tuple[str, list[str]]:
    """Return what tells *entity* from all others: its type and the values of its primary key."""
    return (str(entity.entity_type), entity._key())


def primary_key(entity: "Entity") -> "collections.OrderedDict[str, str]":
    """Return the primary key of *entity*: an ordered mapping of names and values."""
    return collections.OrderedDict(entity._primary_key())


def state(entity: "Entity") -> symbol.Symbol:
    """Return what recorded operations make of *entity*.

    One of :attr:`~ftrack_rust.symbol.CREATED`, :attr:`~ftrack_rust.symbol.MODIFIED`,
    :attr:`~ftrack_rust.symbol.DELETED`, and :attr:`~ftrack_rust.symbol.NOT_SET` if there are none.
    """
    return _STATES[entity._state()]


def states(entities: Iterable["Entity"]) -> list[symbol.Symbol]:
    """Return the :func:`state` of each of *entities*, which belong to one session."""
    listed: list[Any] = list(entities)
    if not listed:
        return []
    names: list[Optional[str]] = listed[0].session._states(listed)
    return [_STATES[name] for name in names]
