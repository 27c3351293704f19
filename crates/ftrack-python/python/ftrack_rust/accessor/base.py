"""What all accessors have in common."""

from __future__ import annotations

import abc
from typing import Any, List

from .. import exception


class Accessor(abc.ABC):
    """A way to the files of a location.

    It takes *resource identifiers*, what the server keeps for a file, and knows how to reach the file from here.
    Several accessors may reach the same files in different ways.
    """

    def __init__(self) -> None:
        """Make an accessor."""
        super().__init__()

    @abc.abstractmethod
    def list(self, resource_identifier: str) -> List[str]:
        """Return the resource identifiers of what is in a container.

        Raise :exc:`~ftrack_rust.exception.AccessorResourceNotFoundError` if there is nothing, and
        :exc:`~ftrack_rust.exception.AccessorResourceInvalidError` if it is not a container.
        """

    @abc.abstractmethod
    def exists(self, resource_identifier: str) -> bool:
        """Return whether there is something."""

    @abc.abstractmethod
    def is_file(self, resource_identifier: str) -> bool:
        """Return whether it is a file."""

    @abc.abstractmethod
    def is_container(self, resource_identifier: str) -> bool:
        """Return whether it is a container, such as a folder."""

    @abc.abstractmethod
    def is_sequence(self, resource_identifier: str) -> bool:
        """Return whether it is a sequence of files."""

    @abc.abstractmethod
    def open(self, resource_identifier: str, mode: str = "rb") -> Any:
        """Return the :class:`~ftrack_rust.data.Data` of a file, to read or to write as *mode* says."""

    @abc.abstractmethod
    def remove(self, resource_identifier: str) -> None:
        """Remove it.

        Raise :exc:`~ftrack_rust.exception.AccessorResourceNotFoundError` if there is nothing.
        """

    @abc.abstractmethod
    def make_container(self, resource_identifier: str, recursive: bool = True) -> None:
        """Make a container, and if *recursive* those around it. One that is there already is fine."""

    @abc.abstractmethod
    def get_container(self, resource_identifier: str) -> str:
        """Return the resource identifier of the container around it.

        Raise :exc:`~ftrack_rust.exception.AccessorParentResourceNotFoundError` if there is none.
        """

    def remove_container(self, resource_identifier: str) -> None:
        """Remove a container."""
        return self.remove(resource_identifier)

    def get_filesystem_path(self, resource_identifier: str) -> str:
        """Return the path of a file.

        Raise :exc:`~ftrack_rust.exception.AccessorFilesystemPathError` if it has none, and
        :exc:`~ftrack_rust.exception.AccessorUnsupportedOperationError` if nothing has one here.
        """
        raise exception.AccessorUnsupportedOperationError(
            "get_filesystem_path", resource_identifier=resource_identifier
        )

    def get_url(self, resource_identifier: str) -> str:
        """Return the URL of a file; errors as for :meth:`get_filesystem_path`."""
        raise exception.AccessorUnsupportedOperationError("get_url", resource_identifier=resource_identifier)
