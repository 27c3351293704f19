"""Entities: their types, asking for them, making, changing and committing them."""

from __future__ import annotations

from .. import _engine
from .server import Actions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Mapping, Optional, Sequence, Union

    from .._types import Types
    from ..effective import EffectiveAttribute
    from ..entity.base import Entity
    from ..operation import SessionOperations
    from ..query import QueryResult


class Entities(Actions):
    """The part of a session that deals with entities."""

    #: The classes of entity types, by their names; see :class:`~ftrack_rust._types.Types`.
    types: Types
    #: What was recorded and is not committed, :class:`~ftrack_rust.operation.SessionOperations`.
    recorded_operations: SessionOperations

    @property
    def schemas(self) -> list[dict[str, Any]]:
        """What the server says of its entity types: a list of mappings."""
        return self.types._all_schemas()

    @property
    def created(self) -> list[Entity]:
        """The entities that were created and not committed."""
        return self._in_state("created")

    @property
    def modified(self) -> list[Entity]:
        """The entities that were changed and not committed."""
        return self._in_state("modified")

    @property
    def deleted(self) -> list[Entity]:
        """The entities that were deleted and not committed."""
        return self._in_state("deleted")

    def create(
        self, entity_type: str, data: Optional[Mapping[str, Any]] = None, reconstructing: bool = False
    ) -> Any:
        """Create an entity of *entity_type* with the values of *data*, and return it. :meth:`commit` sends it.

        Attributes without a value get their defaults, the key a new id. If *reconstructing*, *data* is what the
        server has, and nothing is recorded. Raises :exc:`~ftrack_rust.exception.UnrecognisedEntityTypeError` if there
        is no such type.
        """
        try:
            kind = self.types[entity_type]
        except KeyError:
            from ..exception import UnrecognisedEntityTypeError

            raise UnrecognisedEntityTypeError(entity_type) from None
        return self._construct(kind, data, reconstructing)

    def _construct(self, kind: Any, data: Optional[Mapping[str, Any]], reconstructing: bool) -> Any:
        from ..entity.base import Entity

        values = dict(data or {})
        name = kind.entity_type
        if reconstructing:
            values.pop("__entity_type__", None)
            made = self._reconstruct(self.encode({"__entity_type__": name, **values}))
        else:
            kind._check_new(values)
            values = {key: value for key, value in values.items() if kind.attributes.get(key) is not None}
            self._add_defaults(kind, values)
            made = self._create(name, values)
        if type(made).__init__ is not Entity.__init__ and not reconstructing:
            made.__init__(self, dict(data or {}), reconstructing)
        return made

    def _add_defaults(self, kind: Any, values: dict[str, Any]) -> None:
        """Add the defaults that a class has beside those of its schema."""
        late = []
        for attribute in kind._own_defaults():
            default = attribute.default_value
            if attribute.name in values:
                continue
            if callable(default):
                late.append(attribute)
            else:
                values[attribute.name] = default
        if late:
            from .._draft import Draft

            draft = Draft(self, kind, values)
            for attribute in late:
                values[attribute.name] = attribute.default_value(draft)

    def ensure(
        self, entity_type: str, data: Mapping[str, Any], identifying_keys: Optional[Iterable[str]] = None
    ) -> Any:
        """Return the entity of *entity_type* whose *identifying_keys*, by default all, are as in *data*.

        If there is none it is created with *data*; else it is updated. Both are committed. Raises
        :exc:`~ftrack_rust.exception.MultipleResultsFoundError` if there are several, :exc:`KeyError` if *data* lacks a
        key, and :exc:`ValueError` if there are none.
        """
        from ..exception import NoResultFoundError

        keys = list(identifying_keys or data)
        if not keys:
            raise ValueError(
                "Could not determine any identifying data to check against when ensuring {0!r} with data {1!r}. "
                "Identifying keys: {2!r}".format(entity_type, data, keys)
            )
        criteria = " and ".join("{0} is {1}".format(key, literal(data[key])) for key in keys)
        try:
            entity = self.query("{0} where {1}".format(entity_type, criteria)).one()
        except NoResultFoundError:
            entity = self.create(entity_type, data)
            self.commit()
            return entity
        changed = [key for key, value in data.items() if entity[key] != value]
        for key in changed:
            entity[key] = data[key]
        if changed:
            self.commit()
        return entity

    def delete(self, entity: Entity) -> None:
        """Record that *entity* is deleted. Raises nothing if it was deleted before."""
        self._delete(entity)

    def get(self, entity_type: str, entity_key: Union[str, Sequence[str]]) -> Any:
        """Return the entity of *entity_type* with *entity_key*: a known one, else the server's, else None.

        Most keys are one id; others are lists. Raises :exc:`ValueError` for one of another length, and
        :exc:`KeyError` if there is no such type.
        """
        names = self.types[entity_type].primary_key_attributes
        key = [entity_key] if isinstance(entity_key, str) else [str(part) for part in entity_key]
        if len(key) != len(names):
            raise ValueError(
                "Incompatible entity_key {0!r} supplied. Entity type {1} expects a primary key composed of {2} values "
                "({3}).".format(key, entity_type, len(names), ", ".join(names))
            )
        found = self._known(entity_type, key)
        if found is not None:
            return found
        conditions = " and ".join("{0} is {1}".format(name, literal(part)) for name, part in zip(names, key))
        results = self.query("{0} where ({1})".format(entity_type, conditions)).all()
        return results[0] if results else None

    def _entity(self, entity_type: str, key: Mapping[str, str]) -> Any:
        return self.create(entity_type, dict(key), reconstructing=True)

    def query(self, expression: str, page_size: int = 500) -> QueryResult:
        """Return the results of *expression*, which is sent when they are read, *page_size* at once.

        ::

            session.query('Project where status is active')
            session.query('select name, parent.name from Task where assignments any (resource.username is "jane")')

        An expression without ``select`` asks for the default projections of its type. Raises :exc:`KeyError` if there
        is no such type.
        """
        from ..query import QueryResult

        if not expression.startswith("select"):
            projections = self.types[expression.split(" ", 1)[0]].default_projections
            if projections:
                expression = "select {0} from {1}".format(", ".join(projections), expression)
        return QueryResult(self, expression, page_size=page_size)

    async def query_async(self, expression: str, page_size: int = 500) -> list[Any]:
        """Return all results of *expression*, in a list, without blocking the event loop of :mod:`asyncio`."""
        return await self.query(expression, page_size).all_async()

    def populate(self, entities: Any, projections: str) -> None:
        """Load *projections*, names joined by commas, for *entities*: one, or several of one type.

        What was set stays set. Entities that were created and not committed are left out.
        """
        if not isinstance(entities, (list, tuple, _engine.QueryCore)):
            entities = [entities]
        listed = list(entities)
        states = self._states(listed)
        known = [entity for entity, state in zip(listed, states) if state != "created"]
        if known:
            self._populate(known, [path.strip() for path in projections.split(",") if path.strip()])

    def merge(self, value: Any, merged: Any = None) -> Any:
        """Take over what *value*, an entity or a collection of an entity, knows, and return this session's own: an
        entity, or a list. Any other value is returned as it is."""
        if isinstance(value, _engine.EntityHandle):
            return self._merge(value)
        from ..collection import Collection, MappedCollectionProxy

        if isinstance(value, MappedCollectionProxy):
            value = value.collection
        if isinstance(value, Collection):
            return [self.merge(member) for member in value]
        return value

    def attach(self, entity: Entity) -> Any:
        """Return this session's own object for *entity*, which another unit of work has, with what the server said."""
        return self._attach(entity)

    def effective_custom_attributes(
        self, entities: Iterable[Entity], keys: Optional[Iterable[str]] = None
    ) -> list[dict[str, EffectiveAttribute]]:
        """Return what custom attributes come to for each of *entities*: set, inherited from above, or the default.

        The result has a mapping for each of *entities*, in their order, of keys and
        :class:`~ftrack_rust.effective.EffectiveAttribute`. *keys* are those that are wanted, by default all. What is
        not configured for an entity, or what the user may not see, is left out. Values that were set and are not
        committed count. It takes a handful of requests, however many entities there are.

        Raises :exc:`KeyError` for entities of a type that has no custom attributes, and :exc:`ValueError` for those of
        another session.
        """
        from ..effective import of_entities

        return of_entities(self, list(entities), None if keys is None else list(keys))

    def commit(self) -> None:
        """Send what was recorded, as one transaction.

        Raises :exc:`~ftrack_rust.exception.ServerError` if the server refuses it; everything stays as it is then, to
        be mended or taken back by :meth:`rollback`.
        """
        self._commit()

    async def commit_async(self) -> None:
        """Send what was recorded, as :meth:`commit`, without blocking the event loop of :mod:`asyncio`."""
        import asyncio

        await asyncio.get_running_loop().run_in_executor(None, self.commit)

    def rollback(self) -> None:
        """Take back everything that was not committed. Entities that were created are gone."""
        self._rollback()


def literal(value: Any) -> str:
    """Return *value* as it is written in a query."""
    if hasattr(value, "isoformat"):
        import arrow

        value = arrow.get(value).naive.replace(microsecond=0).isoformat()
    if isinstance(value, str):
        return '"{0}"'.format(value.replace("\\", "\\\\").replace('"', '\\"'))
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "none"
    return str(value)
