"""Events."""

from __future__ import annotations

import collections.abc
import uuid
from typing import Any, Iterator, Mapping, Optional


class Event(collections.abc.MutableMapping):  # type: ignore[type-arg]
    """Something that happened: a mapping with *id*, *topic*, *data*, *sent*, *source*, *target* and
    *in_reply_to_event*."""

    def __init__(
        self,
        topic: str,
        id: Optional[str] = None,
        data: Optional[Mapping[str, Any]] = None,
        sent: Any = None,
        source: Optional[Mapping[str, Any]] = None,
        target: str = "",
        in_reply_to_event: Optional[str] = None,
    ) -> None:
        """Make an event.

        *topic* says what it is about, in words joined by dots, *data* what there is to say. *id* is made if it is not
        given. *target* is an expression that subscribers have to fulfil. *source* says where it comes from; *sent*
        when; hubs fill both in. *in_reply_to_event* is the id of the event that this one answers.
        """
        self._data: dict[str, Any] = dict(
            id=id or uuid.uuid4().hex,
            data=data or {},
            topic=topic,
            sent=sent,
            source=source or {},
            target=target,
            in_reply_to_event=in_reply_to_event,
        )
        self._stopped = False

    def stop(self) -> None:
        """Keep the event from the handlers that are still to come."""
        self._stopped = True

    def is_stopped(self) -> bool:
        """Return whether the event was stopped."""
        return self._stopped

    def __str__(self) -> str:
        return "<{0} {1}>".format(type(self).__name__, self._data)

    def __getitem__(self, key: str) -> Any:
        return self._data[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._data[key] = value

    def __delitem__(self, key: str) -> None:
        del self._data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)
