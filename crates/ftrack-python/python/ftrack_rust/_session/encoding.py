"""Entities and other objects as JSON."""

from __future__ import annotations

from .connection import Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..entity.base import Entity

_STRATEGIES = ("all", "set_only", "modified_only", "persisted_only")


class Encoding(Connection):
    """The part of a session that turns objects into JSON and back."""

    def encode(self, data: Any, entity_attribute_strategy: str = "set_only") -> str:
        """Return *data* as JSON.

        *entity_attribute_strategy* says which attributes of entities are in it: ``all``, which loads them,
        ``set_only``, those that are known, ``modified_only``, those that were set, or ``persisted_only``, what the
        server sent. Raises :exc:`ValueError` for any other, and :exc:`TypeError` for objects that JSON cannot have.
        """
        if entity_attribute_strategy not in _STRATEGIES:
            raise ValueError(
                'Unsupported entity_attribute_strategy "{0}". Must be one of {1}'.format(
                    entity_attribute_strategy, ", ".join(_STRATEGIES)
                )
            )
        import json

        from .._encoding import encoded

        return json.dumps(
            data, sort_keys=True, default=lambda item: encoded(self, item, entity_attribute_strategy)
        )

    def entity_reference(self, entity: Entity) -> dict[str, str]:
        """Return what tells *entity* from all others: its type, as ``__entity_type__``, and its primary key."""
        return {"__entity_type__": entity.entity_type, **entity._primary_key()}

    def decode(self, string: str) -> Any:
        """Return what the JSON *string* says: times are ``arrow`` objects, entities are objects apart from those of
        the session, to which :meth:`merge` takes them over. Raises :exc:`ValueError` if it is not JSON."""
        import json

        return json.loads(string, object_hook=self._decode_object)

    def _decode_object(self, item: dict[str, Any]) -> Any:
        if "__type__" in item and item["__type__"] in ("datetime", "date"):
            import arrow

            return arrow.get(item["value"])
        if "__entity_type__" in item:
            return self._decode(self.encode(item, "persisted_only"))
        return item
