"""Python objects as plain JSON, for what the engine takes as such."""

from __future__ import annotations

import json
from typing import Any, Mapping

from .symbol import Symbol


def encode(value: Any) -> str:
    """Return *value* as JSON: times in the server's form, mappings of any kind, entities by their reference."""
    return json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    from .entity.base import Entity

    if isinstance(value, Entity):
        return value.session.entity_reference(value)
    if hasattr(value, "isoformat"):
        return {"__type__": "datetime", "value": value.isoformat()}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Symbol):
        return None
    if hasattr(value, "__iter__") and not isinstance(value, (set, frozenset)):
        return list(value)
    raise TypeError("{0!r} is not JSON serializable".format(value))
