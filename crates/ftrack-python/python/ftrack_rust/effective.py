"""What custom attributes come to in the end: set on an entity itself, inherited from above, or the default.

Beyond the original, where hierarchical attributes have to be looked up one entity above the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Optional, Sequence

from . import _engine

if TYPE_CHECKING:
    from ._session.connection import Connection
    from .entity.base import Entity

#: Where values come from: :attr:`EffectiveAttribute.origin`.
EXPLICIT, INHERITED, DEFAULT = "explicit", "inherited", "default"


class EffectiveAttribute(NamedTuple):
    """The value that counts for one custom attribute of one entity, and where it comes from."""

    #: The entity that it counts for.
    entity: "Entity"
    #: The key of the attribute.
    key: str
    #: The value; of the type that the attribute is configured for.
    value: Any
    #: ``explicit``: set on the entity itself. ``inherited``: set on one above it. ``default``: the default of the
    #: configuration, or what the server computes from its expression.
    origin: str
    #: The entity above that has the value, if it is inherited, else None.
    inherited_from: Optional["Entity"]
    #: The type of the attribute as the server names it, such as ``number``; empty if the server does not tell.
    kind: str
    #: The id of the ``CustomAttributeConfiguration`` that makes the attribute apply.
    configuration_id: str


def of_entities(
    session: "Connection", entities: Sequence["Entity"], keys: Optional[Sequence[str]]
) -> list[dict[str, EffectiveAttribute]]:
    """Return for each of *entities* a mapping of keys and values; see
    :meth:`Session.effective_custom_attributes <ftrack_rust.session.Session.effective_custom_attributes>`."""
    if keys is not None and not keys:
        return [{} for _ in entities]
    rows = _engine.effective_custom_attributes(session, list(entities), list(keys or ()))
    return [
        {row[0]: EffectiveAttribute(entity, *row) for row in of_entity} for entity, of_entity in zip(entities, rows)
    ]
