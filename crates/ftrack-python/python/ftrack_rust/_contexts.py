"""Settings of a session for the length of a block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._session.connection import Connection as Session


class _Switch:
    """Changes a setting of a session on this thread while it is open."""

    _name = ""

    def __init__(self, session: Session, value: bool) -> None:
        self._session = session
        self._value = value
        self._before: list[bool] = []

    def __enter__(self) -> None:
        self._before.append(getattr(self._session, self._name))
        setattr(self._session, self._name, self._value)

    def __exit__(self, *_exception: Any) -> None:
        setattr(self._session, self._name, self._before.pop())


class AutoPopulatingContext(_Switch):
    """A context with another value of :attr:`Session.auto_populate`."""

    _name = "auto_populate"


class OperationRecordingContext(_Switch):
    """A context with another value of :attr:`Session.record_operations`."""

    _name = "record_operations"
