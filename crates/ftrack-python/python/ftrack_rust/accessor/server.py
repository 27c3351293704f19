"""Files that the server itself keeps."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, List, Optional

from .. import data, exception, symbol
from .base import Accessor

if TYPE_CHECKING:
    from ..session import Session


class ServerFile(data.String):
    """A file on the server: fetched when it is read, sent when it is flushed or closed."""

    def __init__(self, resource_identifier: str, session: "Session", mode: str = "rb") -> None:
        """Open the file of the component *resource_identifier*."""
        self.mode = mode
        self.resource_identifier = resource_identifier
        self._session = session
        self._has_read = False
        self._has_written = False
        super().__init__()

    def read(self, limit: Optional[int] = None) -> Any:
        """Return what comes next, at most *limit* bytes, or all."""
        if not self._has_read:
            self._fetch()
            self._has_read = True
        return super().read(limit)

    def write(self, content: Any) -> None:
        """Write *content*, to be sent later."""
        self._has_written = True
        super().write(content)

    def flush(self) -> None:
        """Send what was written."""
        super().flush()
        if self.mode == "wb" and self._has_written:
            self._has_written = False
            self._send()

    def _fetch(self) -> None:
        position = self.tell()
        try:
            reader = self._session._server_accessor().read(self.resource_identifier)
            while True:
                chunk = reader.read(symbol.CHUNK_SIZE)
                if not chunk:
                    break
                self.wrapped_file.write(chunk)
        except (exception.Error, OSError) as error:
            raise exception.AccessorOperationFailedError("Failed to read data: {0}.".format(error)) from error
        self.seek(position)

    def _send(self) -> None:
        position = self.tell()
        self.seek(0)
        component = self._session.get("FileComponent", self.resource_identifier)
        if component is None:
            raise exception.AccessorOperationFailedError(
                "Unable to retrieve component with id: {0}.".format(self.resource_identifier)
            )
        name = file_name(component)
        try:
            writer = self._session._server_accessor().write(self.resource_identifier, name)
            while True:
                chunk = self.wrapped_file.read(symbol.CHUNK_SIZE)
                if not chunk:
                    break
                writer.write(chunk)
            writer.finish()
        except (exception.Error, OSError) as error:
            raise exception.AccessorOperationFailedError("Failed to write data: {0}.".format(error)) from error
        self.seek(position)


def file_name(component: Any) -> str:
    """Return the name that the file of *component* has for people."""
    kind = component["file_type"]
    return "{0}.{1}".format(component["name"], kind.lstrip(".")) if kind else str(component["name"])


class _ServerAccessor(Accessor):
    """Reaches the files that the server itself keeps. Resource identifiers are ids of components."""

    _is_native = True

    def __init__(self, session: "Session", **options: Any) -> None:
        """Reach the files of the server of *session*, which is held weakly."""
        super().__init__(**options)
        self._held = weakref.ref(session)

    @property
    def _session(self) -> "Session":
        session = self._held()
        if session is None:
            raise exception.ConnectionClosedError()
        return session

    @property
    def _native(self) -> Any:
        return self._session._server_accessor()

    @property
    def _own_native(self) -> Any:
        return self._native

    def _native_identifier(self, resource_identifier: str) -> str:
        return resource_identifier

    def open(self, resource_identifier: str, mode: str = "rb") -> ServerFile:
        """Return the file, to be read or written as *mode* says."""
        return ServerFile(resource_identifier, session=self._session, mode=mode)

    def remove(self, resource_identifier: str) -> None:
        """Remove the file."""
        self._native.remove(resource_identifier)

    def get_container(self, resource_identifier: str) -> Any:
        """Return None: there are no containers."""
        return None

    def make_container(self, resource_identifier: str, recursive: bool = True) -> None:
        """Do nothing."""

    def list(self, resource_identifier: str) -> List[str]:
        """Raise :exc:`NotImplementedError`."""
        raise NotImplementedError()

    def exists(self, resource_identifier: str) -> bool:
        """Return False: what is there for a component can always be replaced."""
        return False

    def is_file(self, resource_identifier: str) -> bool:
        """Raise :exc:`NotImplementedError`."""
        raise NotImplementedError()

    def is_container(self, resource_identifier: str) -> bool:
        """Raise :exc:`NotImplementedError`."""
        raise NotImplementedError()

    def is_sequence(self, resource_identifier: str) -> bool:
        """Raise :exc:`NotImplementedError`."""
        raise NotImplementedError()

    def get_url(self, resource_identifier: str) -> str:
        """Return the URL of a file, which holds the credentials of the session."""
        url: str = self._native.get_url(resource_identifier)
        return url

    def get_thumbnail_url(self, resource_identifier: str, size: Optional[int] = None) -> str:
        """Return the URL of a thumbnail, at most *size* pixels wide and high."""
        url: str = self._native.get_thumbnail_url(resource_identifier, size)
        return url
