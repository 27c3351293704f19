"""Attributes of entity types."""

from __future__ import annotations

from . import exception, symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Iterator, Optional

    from .entity.base import Entity


class Attributes:
    """Attributes by name."""

    def __init__(self, attributes: Optional[Iterable["Attribute"]] = None) -> None:
        """Make a collection of *attributes*."""
        self._data: dict[str, Attribute] = {}
        for attribute in attributes or ():
            self.add(attribute)

    def add(self, attribute: "Attribute") -> None:
        """Add *attribute*. Raises :exc:`~ftrack_rust.exception.NotUniqueError` if there is one of its name."""
        existing = self._data.get(attribute.name)
        if existing is not None:
            raise exception.NotUniqueError(
                "Attribute with name {0} already added as {1}".format(attribute.name, existing)
            )
        self._data[attribute.name] = attribute

    def remove(self, attribute: "Attribute") -> None:
        """Take *attribute* out."""
        self._data.pop(attribute.name)

    def get(self, name: str) -> Optional["Attribute"]:
        """Return the attribute of this *name*, or None."""
        return self._data.get(name)

    def keys(self) -> list[str]:
        """Return the names of all attributes."""
        return list(self._data)

    def __contains__(self, item: Any) -> bool:
        return isinstance(item, Attribute) and item.name in self._data

    def __iter__(self) -> Iterator["Attribute"]:
        return iter(self._data.values())

    def __len__(self) -> int:
        return len(self._data)


class Attribute:
    """A named value that entities of a type have."""

    def __init__(
        self, name: str, default_value: Any = symbol.NOT_SET, mutable: bool = True, computed: bool = False
    ) -> None:
        """Make an attribute with *name*.

        *default_value* is what a new entity gets where no value is given: a value, or a function of the entity.
        An attribute that is not *mutable* cannot be changed once it has a value. One that is *computed* by the server
        should not be kept for long.
        """
        self._name = name
        self._mutable = mutable
        self._computed = computed
        self.default_value = default_value

    def __repr__(self) -> str:
        kind = type(self)
        return "<{0}.{1}({2}) object at {3}>".format(kind.__module__, kind.__name__, self.name, id(self))

    @property
    def name(self) -> str:
        """The name."""
        return self._name

    @property
    def mutable(self) -> bool:
        """Whether it can be changed."""
        return self._mutable

    @property
    def computed(self) -> bool:
        """Whether the server computes it."""
        return self._computed

    def get_value(self, entity: "Entity") -> Any:
        """Return the value on *entity*: what was set, else what the server sent, else it is loaded if that is on."""
        return entity._native_get(self.name)

    def get_local_value(self, entity: "Entity") -> Any:
        """Return what was set on *entity* and not committed, or :attr:`~ftrack_rust.symbol.NOT_SET`."""
        return entity._local(self.name)

    def get_remote_value(self, entity: "Entity") -> Any:
        """Return what the server sent for *entity*, or :attr:`~ftrack_rust.symbol.NOT_SET`; nothing is loaded."""
        return entity._remote(self.name)

    def set_local_value(self, entity: "Entity", value: Any) -> None:
        """Set *value* on *entity* and record it; :attr:`~ftrack_rust.symbol.NOT_SET` takes back what was set."""
        entity._native_set(self.name, value)

    def set_remote_value(self, entity: "Entity", value: Any) -> None:
        """Take *value* for what the server has sent for *entity*."""
        data = dict(entity.session.entity_reference(entity))
        data[self.name] = value
        entity.session._reconstruct(entity.session.encode(data))

    def populate_remote_value(self, entity: "Entity") -> None:
        """Load the value for *entity*."""
        entity.session.populate([entity], self.name)

    def is_modified(self, entity: "Entity") -> bool:
        """Return whether a value was set on *entity* that is another than the server's, as far as that is known."""
        return entity._is_modified(self.name)

    def is_set(self, entity: "Entity") -> bool:
        """Return whether a value is known on *entity*."""
        return entity._is_set(self.name)


class ScalarAttribute(Attribute):
    """An attribute with a plain value."""

    def __init__(self, name: str, data_type: str, **options: Any) -> None:
        """Make an attribute with values of *data_type*, such as ``string`` or ``datetime``."""
        super().__init__(name, **options)
        self.data_type = data_type


class ReferenceAttribute(Attribute):
    """An attribute that is another entity."""

    def __init__(self, name: str, entity_type: str, **options: Any) -> None:
        """Make an attribute that is an entity of *entity_type*."""
        super().__init__(name, **options)
        self.entity_type = entity_type

    def populate_remote_value(self, entity: "Entity") -> None:
        """Load the entity, with the default projections of its type."""
        projections = entity.session.types[self.entity_type].default_projections
        paths = ["{0}.{1}".format(self.name, projection) for projection in projections or ()]
        entity.session.populate([entity], ", ".join(paths) or self.name)


class AbstractCollectionAttribute(Attribute):
    """An attribute that is several entities."""

    #: The class of the values.
    collection_class: Any = None


class CollectionAttribute(AbstractCollectionAttribute):
    """An attribute that is a list of entities."""

    @property
    def collection_class(self) -> Any:
        """The class of the values."""
        from .collection import Collection

        return Collection


class KeyValueMappedCollectionAttribute(AbstractCollectionAttribute):
    """An attribute that is a mapping, kept by entities with a key and a value each."""

    def __init__(
        self, name: str, creator: Callable[..., Any], key_attribute: str, value_attribute: str, **options: Any
    ) -> None:
        """Make an attribute whose entries are entities with *key_attribute* and *value_attribute*.

        *creator* takes the mapping and the data of a new entry and makes the entity for it.
        """
        self.creator = creator
        self.key_attribute = key_attribute
        self.value_attribute = value_attribute
        super().__init__(name, **options)

    @property
    def collection_class(self) -> Any:
        """The class of the values."""
        from .collection import KeyValueMappedCollectionProxy

        return KeyValueMappedCollectionProxy


class CustomAttributeCollectionAttribute(AbstractCollectionAttribute):
    """An attribute that is a mapping of custom attributes."""

    @property
    def collection_class(self) -> Any:
        """The class of the values."""
        from .collection import CustomAttributeCollectionProxy

        return CustomAttributeCollectionProxy


def is_native(attribute: Attribute) -> bool:
    """Return whether *attribute* is read and set as the engine does it."""
    kind = type(attribute)
    return kind.get_value is Attribute.get_value and kind.set_local_value is Attribute.set_local_value
