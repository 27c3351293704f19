"""Files stay where they are."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from .. import _engine
from .base import Structure


class OriginStructure(Structure):
    """Gives files the resource identifier that they have in the location where they come from."""

    _is_native = True

    @property
    def _native(self) -> Any:
        return _engine.NativeStructure.origin()

    def get_resource_identifier(self, entity: Any, context: Optional[Mapping[str, Any]] = None) -> str:
        """Return ``source_resource_identifier`` of *context*. Raises :exc:`ValueError` if it has none."""
        identifier: Optional[str] = (context or {}).get("source_resource_identifier")
        if identifier is None:
            raise ValueError(
                "Could not generate resource identifier as no source resource identifier found in passed context."
            )
        return identifier
