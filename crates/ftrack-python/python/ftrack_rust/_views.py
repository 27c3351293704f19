"""Makes the views that the engine hands out for collection attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import attribute as attributes
from .collection import (
    Collection,
    CustomAttributeCollectionProxy,
    KeyValueMappedCollectionProxy,
)

if TYPE_CHECKING:
    from .entity.base import Entity


def make(entity: "Entity", name: str) -> Any:
    """Return the view of the collection *name* of *entity*."""
    attribute: Any = type(entity).attributes.get(name)
    if attribute is None:
        # The class of the entity type does without it, the engine knows it all the same.
        attribute = attributes.CollectionAttribute(name)
    collection = Collection._view(entity, attribute)
    if isinstance(attribute, attributes.KeyValueMappedCollectionAttribute):
        return KeyValueMappedCollectionProxy(
            collection, attribute.creator, attribute.key_attribute, attribute.value_attribute
        )
    if isinstance(attribute, attributes.CustomAttributeCollectionAttribute):
        return CustomAttributeCollectionProxy(collection)
    return collection
