"""The classes of a session's entity types, made when they are needed."""

from __future__ import annotations

from _weakref import ref  # What `weakref` gives, without what that module loads.

from .entity.base import Entity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, Optional

    from .session import Session

_TOPIC = "ftrack.api.session.construct-entity-type"


class Types(dict):  # type: ignore[type-arg]
    """Classes by the names of their entity types.

    If somebody has subscribed to their making when the session starts, all are made at once, as documented; else each
    when it is asked for. No lock is held meanwhile: where two threads make the same class, the first one counts.
    """

    def __init__(self, session: "Session", parent: Optional["Types"] = None) -> None:
        """Make the classes of *session*, or share those of *parent*, which is of another session with the same server."""
        super().__init__()
        self._held = ref(session)
        self._parent = parent
        self._schemas: Optional[list[dict[str, Any]]] = None
        self._names: list[str] = session._type_names()
        self._known = set(self._names)

    def _customise(self, session: "Session") -> None:
        """Make all classes, if anybody has subscribed to their making."""
        if _has_customisers(session):
            self._make_all(session)

    def _session(self) -> "Session":
        session = self._held()
        if session is None:
            raise RuntimeError("the session is gone")
        return session

    def _all_schemas(self) -> list[dict[str, Any]]:
        if self._parent is not None:
            return self._parent._all_schemas()
        if self._schemas is None:
            self._schemas = self._session()._all_schemas()
        return self._schemas

    def _make_all(self, session: "Session") -> None:
        schemas = self._all_schemas()
        for schema in schemas:
            results = session._publish_own(_TOPIC, schema=schema, schemas=schemas)
            made = [result for result in results if result is not None]
            if len(made) > 1:
                raise ValueError(
                    'Expected single entity type to represent schema "{0}" but received {1} entity types '
                    "instead.".format(schema["id"], len(made))
                )
            kind: Any = made[0] if made else _standard().create(schema)
            dict.__setitem__(self, kind.entity_type, self._registered(kind.entity_type, kind, replace=True))

    def _registered(self, name: str, kind: Any, replace: bool = False) -> type:
        """Tell the engine of *kind*, and return the class that counts: an earlier one, unless it is to *replace* that."""
        if name not in self._known:
            return kind  # type: ignore[no-any-return]
        from .attribute import is_native

        custom = {attribute.name: attribute for attribute in kind.attributes if not is_native(attribute)}
        initialises = kind.__init__ is not Entity.__init__
        return self._session()._register_type(name, kind, custom or None, initialises, replace)

    def __missing__(self, name: str) -> type:
        if self._parent is not None:
            kind = self._parent[name]
        else:
            schema = self._session()._schema(name) if name in self._known else None
            if schema is None:
                raise KeyError(name)
            kind = _standard().create(schema)
        counts: type = self.setdefault(name, self._registered(name, kind))
        return counts

    def __contains__(self, name: Any) -> bool:
        return name in self._known or dict.__contains__(self, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def get(self, name: Any, default: Any = None) -> Any:
        """Return the class of this *name*, or *default*."""
        return self[name] if name in self else default

    def keys(self) -> Any:
        """Return the names of all entity types."""
        others = [name for name in super().keys() if name not in self._known]
        return dict.fromkeys([*self._names, *others]).keys()

    def values(self) -> Any:
        """Return all classes."""
        return [self[name] for name in self.keys()]

    def items(self) -> Any:
        """Return all names and classes."""
        return [(name, self[name]) for name in self.keys()]

    def __eq__(self, other: Any) -> bool:
        return self is other

    __hash__ = None


def _has_customisers(session: "Session") -> bool:
    hub = session._event_hub
    if hub is None:
        return False
    from .event.base import Event

    event = Event(topic=_TOPIC)
    # Which schemas they want cannot be said before: whoever asks for the topic counts.
    return any(
        subscriber.interested_in(event) or _TOPIC.rpartition(".")[2] in str(subscriber.subscription)
        for subscriber in hub._subscribers
    )


def _standard() -> Any:
    from .entity.factory import StandardFactory

    return StandardFactory()
