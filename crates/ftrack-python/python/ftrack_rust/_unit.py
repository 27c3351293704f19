"""Units of work."""

from __future__ import annotations

from _thread import RLock
from typing import Any

from ._types import Types
from .session import Session

#: What a unit of work does not share with its session.
_OWN = ("_pinned", "_configuring", "_is_configuring", "recorded_operations", "cache", "_lower_cache", "types")


class Unit(Session):
    """A unit of work of a session."""

    def __init__(self) -> None:
        """Raise :exc:`TypeError`: units of work are made by :meth:`Session.begin`."""
        raise TypeError("units of work are made by Session.begin")

    @classmethod
    def _of(cls, session: Session) -> "Unit":
        unit: Any = cls.__new__(cls)
        unit._begin(session)
        shared = dict(session.__dict__)
        for own in _OWN:
            shared.pop(own, None)
        unit.__dict__.update(shared)
        unit._event_hub = session.event_hub
        unit._pinned = {}
        unit._configuring = RLock()
        unit.types = Types(unit, session.types)
        # All that another thread configures just now, or nothing of it.
        with session._configuring:
            is_due = session._locations_due()
            configured = [] if is_due else list(session._pinned.values())
        for location in configured:
            if location.entity_type == "Location":
                own_location = unit.attach(location)
                own_location.__class__ = type(location)
                own_location.__dict__.update(location.__dict__)
                unit._pin(own_location)
        unit._set_locations_due(is_due)
        made: Unit = unit
        return made

    def __exit__(self, kind: Any, *_rest: Any) -> None:
        if kind is None:
            self.commit()
        else:
            self.rollback()

    def close(self) -> None:
        """Roll back: the connection is the session's."""
        self.rollback()
