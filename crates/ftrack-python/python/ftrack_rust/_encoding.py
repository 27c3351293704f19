"""Entities and other objects as JSON."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any

from . import symbol
from .collection import Collection, MappedCollectionProxy
from .entity.base import Entity

if TYPE_CHECKING:
    from ._session.server import Actions as Session


class OperationPayload(collections.UserDict):  # type: ignore[type-arg]
    """An action of a batch, for :meth:`Session.call`: entities in its ``entity_data`` are sent as references."""

    def __str__(self) -> str:
        return "<{0} {1}>".format(type(self).__name__, self.data)


def encoded(session: "Session", item: Any, strategy: str) -> Any:
    """Return what :mod:`json` is to make of *item*, which it does not know."""
    if isinstance(item, Entity):
        return _entity(session, item, strategy)
    if isinstance(item, MappedCollectionProxy):
        item = item.collection
    if isinstance(item, Collection):
        return [session.entity_reference(member) for member in item]
    if isinstance(item, OperationPayload):
        return {
            name: {key: _referenced(session, value) for key, value in part.items()} if name == "entity_data" else part
            for name, part in item.items()
        }
    if hasattr(item, "isoformat"):
        return {"__type__": "datetime", "value": item.isoformat()}
    raise TypeError("{0!r} is not JSON serializable".format(item))


def _referenced(session: "Session", value: Any) -> Any:
    return session.entity_reference(value) if isinstance(value, Entity) else value


def _entity(session: "Session", entity: Entity, strategy: str) -> dict[str, Any]:
    data: dict[str, Any] = dict(session.entity_reference(entity))
    for attribute in entity.attributes:
        name = attribute.name
        value: Any = symbol.NOT_SET
        if strategy == "all":
            with session.auto_populating(True):
                value = entity[name]
        elif strategy == "set_only":
            if attribute.is_set(entity):
                value = attribute.get_local_value(entity)
                if value is symbol.NOT_SET:
                    value = attribute.get_remote_value(entity)
        elif strategy == "modified_only":
            if attribute.is_modified(entity):
                value = attribute.get_local_value(entity)
        elif not attribute.computed:
            value = attribute.get_remote_value(entity)
        if value is symbol.NOT_SET:
            continue
        if isinstance(value, list) and value and all(isinstance(member, Entity) for member in value):
            value = [session.entity_reference(member) for member in value]
        data[name] = _referenced(session, value)
    return data
