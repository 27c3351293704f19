"""Names with a meaning of their own."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Symbol:
    """A constant that is only equal to itself."""

    def __init__(self, name: str, value: Any = True) -> None:
        """Make a symbol with *name*; as a truth value it is that of *value*."""
        self.name = name
        self.value = value

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return "{0}({1})".format(type(self).__name__, self.name)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __copy__(self) -> "Symbol":
        return self

    def __deepcopy__(self, memo: Any) -> "Symbol":
        return self

    def __reduce__(self) -> Any:
        known = globals().get(self.name)
        return self.name if known is self else (Symbol, (self.name, self.value))


#: A value that was neither set nor loaded.
NOT_SET = Symbol("NOT_SET", False)

#: The state of an entity that was created and not committed.
CREATED = Symbol("CREATED")

#: The state of an entity that was changed and not committed.
MODIFIED = Symbol("MODIFIED")

#: The state of an entity that was deleted and not committed.
DELETED = Symbol("DELETED")

#: The topic of the event that a component was added to a location.
COMPONENT_ADDED_TO_LOCATION_TOPIC = "ftrack.location.component-added"

#: The topic of the event that a component was removed from a location.
COMPONENT_REMOVED_FROM_LOCATION_TOPIC = "ftrack.location.component-removed"

#: The id of the built-in location of files where they come from.
ORIGIN_LOCATION_ID = "ce9b348f-8809-11e3-821c-20c9d081909b"

#: The id of the built-in location of files that nobody manages.
UNMANAGED_LOCATION_ID = "cb268ecc-8809-11e3-a7e2-20c9d081909b"

#: The id of the built-in location of media for review.
REVIEW_LOCATION_ID = "cd41be70-8809-11e3-b98a-20c9d081909b"

#: The id of the built-in location of ftrack Connect.
CONNECT_LOCATION_ID = "07b82a97-8cf9-11e3-9383-20c9d081909b"

#: The id of the built-in location on the server itself.
SERVER_LOCATION_ID = "3a372bde-05bc-11e4-8908-20c9d081909b"

#: How many bytes of a file are read at once, 1 MiB by default.
CHUNK_SIZE = int(os.getenv("FTRACK_API_FILE_CHUNK_SIZE", "0")) or 1024 * 1024

#: The job that synchronises users with LDAP.
JOB_SYNC_USERS_LDAP = Symbol("SYNC_USERS_LDAP")
