"""What all entities have in common."""

from __future__ import annotations

import abc
from _collections_abc import MutableMapping  # What `collections.abc` gives, without loading `collections`.

from .. import _engine, symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from typing import Any, Iterator, Mapping, Optional

    from ..attribute import Attributes
    from ..effective import EffectiveAttribute
    from ..session import Session


class _EntityBase:
    """The root of entity classes and of what is mixed into them."""


class DynamicEntityTypeMetaclass(abc.ABCMeta):
    """The class of entity classes."""

    def __repr__(cls) -> str:
        return "<dynamic ftrack class '{0}'>".format(cls.__name__)

    def __call__(cls, session: "Session", data: Optional[Mapping[str, Any]] = None, reconstructing: bool = False) -> Any:
        return session._construct(cls, data, reconstructing)


class Entity(
    _engine.EntityHandle,
    _EntityBase,
    MutableMapping,  # type: ignore[type-arg]
    metaclass=DynamicEntityTypeMetaclass,
):
    """An entity: a mapping of attribute names and values.

    Reading an attribute that is not known loads it, unless :attr:`Session.auto_populate
    <ftrack_rust.session.Session.auto_populate>` is off. There is one object for each entity of a session, as long as
    somebody holds it.
    """

    #: The name of the type.
    entity_type: str = "Entity"
    #: The attributes of the type, :class:`~ftrack_rust.attribute.Attributes`.
    attributes: "Attributes" = None  # type: ignore[assignment]
    #: The names of the attributes that are the primary key.
    primary_key_attributes: list[str] = None  # type: ignore[assignment]
    #: What is asked for where a query does not say it.
    default_projections: list[str] = None  # type: ignore[assignment]

    if TYPE_CHECKING:

        @property
        def session(self) -> "Session":
            """The session that the entity belongs to."""

    def __init__(
        self, session: "Session", data: Optional[Mapping[str, Any]] = None, reconstructing: bool = False
    ) -> None:
        """Make an entity of *session* with *data*: a new one, or if *reconstructing* one that the server has."""

    @property
    def logger(self) -> logging.Logger:
        """The logger of the class."""
        import logging

        return logging.getLogger(__name__ + "." + type(self).__name__)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        # An object with something of its own must not be lost when nobody holds it.
        if name != "__dict__":
            self.session._pin(self)

    def __repr__(self) -> str:
        return "<dynamic ftrack {0} object {1}>".format(type(self).__name__, id(self))

    def __str__(self) -> str:
        return "<{0}({1})>".format(type(self).__name__, ", ".join(self._key()))

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(
            "cannot pickle {0}, which belongs to its session: use Session.encode and Session.decode".format(self)
        )

    def __copy__(self) -> "Entity":
        return self

    def values(self) -> list[Any]:  # type: ignore[override]
        """Return all values, in a list; plain ones that are not known are loaded in one request."""
        return [value for _, value in self.items()]

    def items(self) -> list[tuple[str, Any]]:  # type: ignore[override]
        """Return all names and values, in a list; plain ones that are not known are loaded in one request."""
        if self.session.auto_populate:
            self._populate_unset_scalar_attributes()
        return [(name, self[name]) for name in self]

    def clear(self) -> None:
        """Take back what was set and not committed."""
        self._clear()

    def merge(self, entity: "Entity", merged: Any = None) -> list[dict[str, Any]]:
        """Take over what *entity* knows.

        Return the changes: mappings with ``type`` (``remote_attribute`` or ``local_attribute``), ``name``,
        ``old_value`` and ``new_value``.
        """
        return [
            {
                "type": "local_attribute" if is_local else "remote_attribute",
                "name": name,
                "old_value": old,
                "new_value": new,
            }
            for is_local, name, old, new in self._merge(entity)
        ]

    @classmethod
    def _own_defaults(cls) -> list[Any]:
        """Return the attributes with a default that is not that of the schema, which the engine adds itself."""
        known: Mapping[str, Any] = getattr(cls, "_schema_defaults", {})
        return [
            attribute
            for attribute in cls.attributes
            if attribute.default_value is not symbol.NOT_SET and attribute.default_value is not known.get(attribute.name)
        ]

    @classmethod
    def _check_new(cls, data: Mapping[str, Any]) -> None:
        """Raise what is wrong with *data* for a new entity of this type."""

    def _populate_unset_scalar_attributes(self) -> None:
        if self._state() == "created":
            return
        known = type(self).attributes
        names = [name for name in self._unset_scalars() if known is None or known.get(name) is not None]
        if names:
            self.session.populate([self], ", ".join(names))

    def effective(self, key: str) -> "EffectiveAttribute":
        """Return what the custom attribute *key* comes to, and where that comes from.

        See :meth:`Session.effective_custom_attributes <ftrack_rust.session.Session.effective_custom_attributes>`,
        which does it for many entities at once. Raises :exc:`KeyError` if no such attribute is configured for the
        entity, or the user may not see it.
        """
        from ..effective import of_entities

        return of_entities(self.session, [self], [key])[0][key]

    if TYPE_CHECKING:

        def __getitem__(self, key: str) -> Any: ...

        def __setitem__(self, key: str, value: Any) -> None: ...

        def __delitem__(self, key: str) -> None: ...

        def __iter__(self) -> Iterator[str]: ...
