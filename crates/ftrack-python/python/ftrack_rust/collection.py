"""Lists and mappings of entities.

They are views: what they show is what their entity has at the moment, and changing them changes the entity.
"""

from __future__ import annotations

import collections.abc
import copy
import logging
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator, Optional, Union, overload

from . import exception, inspection, symbol

if TYPE_CHECKING:
    from .attribute import Attribute
    from .entity.base import Entity


class Collection(collections.abc.MutableSequence):  # type: ignore[type-arg]
    """A list of entities that belongs to an entity. Each entity is in it at most once."""

    def __init__(
        self,
        entity: "Entity",
        attribute: "Attribute",
        mutable: bool = True,
        data: Optional[Iterable["Entity"]] = None,
    ) -> None:
        """Make a list for *attribute* of *entity*, with the entities of *data*.

        A list that is made like that is apart from the entity until it is set on it.
        """
        self.entity = entity
        self.attribute = attribute
        self._data: Optional[list["Entity"]] = []
        self.mutable = True
        try:
            self.extend(data or ())
        finally:
            self.mutable = mutable

    @classmethod
    def _view(cls, entity: "Entity", attribute: "Attribute") -> "Collection":
        made = cls.__new__(cls)
        made.entity = entity
        made.attribute = attribute
        made.mutable = attribute.mutable
        made._data = None
        return made

    def _members(self) -> list["Entity"]:
        if self._data is not None:
            return self._data
        return self.entity._members(self.attribute.name)

    def _replace(self, members: list["Entity"]) -> None:
        if self._data is not None:
            self._data = members
        else:
            self.entity._native_set(self.attribute.name, members)

    def __copy__(self) -> "Collection":
        copied = type(self).__new__(type(self))
        copied.__dict__.update(self.__dict__)
        copied._data = list(self._members())
        return copied

    def insert(self, index: int, item: "Entity") -> None:
        """Put *item* in at *index*.

        Raises :exc:`~ftrack_rust.exception.ImmutableCollectionError` if the list cannot be changed, and
        :exc:`~ftrack_rust.exception.DuplicateItemInCollectionError` if *item* is in it.
        """
        self._check_mutable()
        if item in self:
            raise exception.DuplicateItemInCollectionError(item, self)
        members = list(self._members())
        members.insert(index, item)
        self._replace(members)

    def extend(self, values: Iterable["Entity"]) -> None:
        """Put *values* in at the end: all of them, or none."""
        self._check_mutable()
        members = list(self._members())
        known = set(members)
        for item in list(values):
            if item in known:
                raise exception.DuplicateItemInCollectionError(item, self)
            known.add(item)
            members.append(item)
        if len(members) > len(self._members()):
            self._replace(members)

    def reverse(self) -> None:
        """Turn the order around."""
        self._check_mutable()
        self._replace(list(reversed(self._members())))

    def clear(self) -> None:
        """Take all entities out."""
        self._check_mutable()
        self._replace([])

    def __contains__(self, value: Any) -> bool:
        if self._data is not None:
            return any(value == member for member in self._data)
        return self.entity._has_member(self.attribute.name, value)

    @overload
    def __getitem__(self, index: int) -> "Entity": ...

    @overload
    def __getitem__(self, index: slice) -> list["Entity"]: ...

    def __getitem__(self, index: Union[int, slice]) -> Any:
        return self._members()[index]

    def __setitem__(self, index: Any, item: Any) -> None:
        self._check_mutable()
        members = list(self._members())
        if isinstance(index, slice):
            members[index] = item
            if len(set(members)) != len(members):
                raise exception.DuplicateItemInCollectionError(item, self)
        else:
            position = members.index(item) if item in members else None
            if position is not None and position != index and position != index + len(members):
                raise exception.DuplicateItemInCollectionError(item, self)
            members[index] = item
        self._replace(members)

    def __delitem__(self, index: Any) -> None:
        self._check_mutable()
        members = list(self._members())
        del members[index]
        self._replace(members)

    def __len__(self) -> int:
        if self._data is not None:
            return len(self._data)
        return self.entity._member_count(self.attribute.name)

    def __iter__(self) -> Iterator["Entity"]:
        return iter(list(self._members()))

    def __eq__(self, other: Any) -> bool:
        if not isinstance(other, Collection):
            return False
        return set(self._members()) == set(other._members())

    def __ne__(self, other: Any) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "<{0}.{1} object at {2:#x}>".format(type(self).__module__, type(self).__name__, id(self))

    def _check_mutable(self) -> None:
        if not self.mutable:
            raise exception.ImmutableCollectionError(self)


class MappedCollectionProxy(collections.abc.MutableMapping):  # type: ignore[type-arg]
    """A mapping that is kept by a list of entities."""

    def __init__(self, collection: Collection) -> None:
        """Make a mapping of what is in *collection*."""
        self.logger = logging.getLogger(__name__ + "." + type(self).__name__)
        self.collection = collection

    def __copy__(self) -> "MappedCollectionProxy":
        copied = type(self).__new__(type(self))
        copied.__dict__.update(self.__dict__)
        copied.collection = copy.copy(self.collection)
        return copied

    @property
    def mutable(self) -> bool:
        """Whether it can be changed."""
        return self.collection.mutable

    @mutable.setter
    def mutable(self, value: bool) -> None:
        self.collection.mutable = value

    @property
    def attribute(self) -> "Attribute":
        """The attribute that this is the value of."""
        return self.collection.attribute

    @attribute.setter
    def attribute(self, value: "Attribute") -> None:
        self.collection.attribute = value

    @property
    def _is_view(self) -> bool:
        return self.collection._data is None

    @property
    def _place(self) -> tuple["Entity", str]:
        return self.collection.entity, self.collection.attribute.name

    def _check_mutable(self) -> None:
        if not self.mutable:
            raise exception.ImmutableCollectionError(self.collection)

    def __iter__(self) -> Iterator[str]:
        entity, name = self._place
        return iter(entity._mapping_keys(name))

    def __len__(self) -> int:
        entity, name = self._place
        return len(entity._mapping_keys(name))

    def keys(self) -> Any:
        """Return the keys, in a list."""
        return list(self)

    def __getitem__(self, key: str) -> Any:
        entity, name = self._place
        found = entity._mapping_get(name, key) if isinstance(key, str) else None
        if found is None:
            raise KeyError(key)
        return found[0]

    def __setitem__(self, key: str, value: Any) -> None:
        self._check_mutable()
        entity, name = self._place
        try:
            entity._mapping_set(name, key, value)
        except exception.NotFoundError:
            raise KeyError(self._why_not(key)) from None

    def _why_not(self, key: str) -> str:
        return key

    def __delitem__(self, key: str) -> None:
        self._check_mutable()
        entity, name = self._place
        if not entity._mapping_remove(name, key):
            self._missing(key)

    def _missing(self, key: str) -> None:
        raise KeyError(key)

    def __repr__(self) -> str:
        return "<{0}.{1} object at {2:#x}>".format(type(self).__module__, type(self).__name__, id(self))


class KeyValueMappedCollectionProxy(MappedCollectionProxy):
    """A mapping whose entries are entities with a key and a value, such as metadata."""

    def __init__(
        self, collection: Collection, creator: Callable[..., Any], key_attribute: str, value_attribute: str
    ) -> None:
        """Make a mapping of the entities in *collection*; *creator* makes the entity for a new key."""
        self.creator = creator
        self.key_attribute = key_attribute
        self.value_attribute = value_attribute
        super().__init__(collection)

    @property
    def _is_native(self) -> bool:
        return self._is_view and self.attribute.name in ("metadata", "custom_attributes")

    def _why_not(self, key: str) -> str:
        if self.attribute.name == "custom_attributes" and inspection.state(self.collection.entity) is not symbol.CREATED:
            return "Custom attributes must be created explicitly for the given entity type before being set."
        return key

    def _row(self, key: str) -> Optional["Entity"]:
        for row in self.collection:
            if row[self.key_attribute] == key:
                return row
        return None

    def __getitem__(self, key: str) -> Any:
        if self._is_native:
            return super().__getitem__(key)
        row = self._row(key)
        if row is None:
            raise KeyError(key)
        return row[self.value_attribute]

    def __setitem__(self, key: str, value: Any) -> None:
        if self._is_native:
            super().__setitem__(key, value)
            return
        row = self._row(key)
        if row is not None:
            row[self.value_attribute] = value
            return
        created = self.creator(self, {self.key_attribute: key, self.value_attribute: value})
        if inspection.state(created) is symbol.CREATED:
            self.collection.append(created)
        else:
            with created.session.operation_recording(False):
                self.collection.append(created)

    def __delitem__(self, key: str) -> None:
        if self._is_native:
            super().__delitem__(key)
            return
        row = self._row(key)
        if row is None:
            raise KeyError(key)
        self.collection.remove(row)
        row.session.delete(row)

    def __iter__(self) -> Iterator[str]:
        if self._is_native:
            return super().__iter__()
        return iter(dict.fromkeys(row[self.key_attribute] for row in self.collection))

    def __len__(self) -> int:
        if self._is_native:
            return super().__len__()
        return len({row[self.key_attribute] for row in self.collection})


class CustomAttributeCollectionProxy(MappedCollectionProxy):
    """A mapping of custom attributes, with the defaults of their configurations for those that are not set."""

    def __init__(self, collection: Collection) -> None:
        """Make a mapping of the values in *collection*."""
        self.key_attribute = "configuration_id"
        self.value_attribute = "value"
        super().__init__(collection)

    def get_configuration_id_from_key(self, key: str) -> str:
        """Return the id of the configuration with *key*. Raises :exc:`KeyError` if there is none."""
        for row in self.collection.entity.session.query(
            "select id, key, project_id, entity_type, object_type_id from CustomAttributeConfiguration "
            'where key is "{0}"'.format(key.replace("\\", "\\\\").replace('"', '\\"'))
        ):
            if key in self:
                return str(row["id"])
        raise KeyError(key)

    def __eq__(self, other: Any) -> bool:
        if not isinstance(other, CustomAttributeCollectionProxy):
            return False
        return self.collection == other.collection

    __hash__ = None  # type: ignore[assignment]

    def _missing(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        self.logger.warning(
            "Cannot delete {0!r} on {1!r}, no custom attribute value set.".format(key, self.collection.entity)
        )
