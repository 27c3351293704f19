"""Where in a location files go."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MODULES = ("base", "entity_id", "id", "origin", "standard")


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return __import__(__name__ + "." + name, fromlist=[name])
    raise AttributeError("module {0!r} has no attribute {1!r}".format(__name__, name))
