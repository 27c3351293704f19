"""Files are named by the ids of their components."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from .. import _engine
from .base import Structure


class EntityIdStructure(Structure):
    """Gives files the id of their component."""

    _is_native = True

    @property
    def _native(self) -> Any:
        return _engine.NativeStructure.entity_id()

    def get_resource_identifier(self, entity: Any, context: Optional[Mapping[str, Any]] = None) -> str:
        """Return the id of *entity*."""
        return str(entity["id"])
