"""Files on disk."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import Any, Iterator, List, Optional

from .. import _engine, data, exception
from .base import Accessor


class DiskAccessor(Accessor):
    """Reaches files on disk. Resource identifiers are paths below a folder."""

    _is_native = True

    def __init__(self, prefix: Optional[str], **options: Any) -> None:
        """Reach files below the folder *prefix*, which may have ``~`` and variables in it; anywhere, if it is empty."""
        if prefix:
            prefix = os.path.abspath(os.path.expanduser(os.path.expandvars(prefix)))
        self.prefix = prefix
        super().__init__(**options)

    @property
    def _native(self) -> Any:
        return _engine.NativeAccessor.disk(None)

    @property
    def _own_native(self) -> Any:
        return _engine.NativeAccessor.disk(self.prefix or None)

    def _native_identifier(self, resource_identifier: str) -> str:
        return os.path.abspath(self.get_filesystem_path(resource_identifier))

    def list(self, resource_identifier: str) -> List[str]:
        """Return the resource identifiers of what is in a folder."""
        path = self.get_filesystem_path(resource_identifier)
        with error_handler(operation="list", resource_identifier=resource_identifier):
            return [os.path.join(resource_identifier, name) for name in os.listdir(path)]

    def exists(self, resource_identifier: str) -> bool:
        """Return whether there is a file or folder."""
        return os.path.exists(self.get_filesystem_path(resource_identifier))

    def is_file(self, resource_identifier: str) -> bool:
        """Return whether it is a file."""
        return os.path.isfile(self.get_filesystem_path(resource_identifier))

    def is_container(self, resource_identifier: str) -> bool:
        """Return whether it is a folder."""
        return os.path.isdir(self.get_filesystem_path(resource_identifier))

    def is_sequence(self, resource_identifier: str) -> bool:
        """Raise :exc:`~ftrack_rust.exception.AccessorUnsupportedOperationError`."""
        raise exception.AccessorUnsupportedOperationError(operation="is_sequence")

    def open(self, resource_identifier: str, mode: str = "rb") -> data.Data:
        """Return the file, opened with *mode*."""
        path = self.get_filesystem_path(resource_identifier)
        with error_handler(operation="open", resource_identifier=resource_identifier):
            return data.File(path, mode)

    def remove(self, resource_identifier: str) -> None:
        """Remove a file or an empty folder."""
        path = self.get_filesystem_path(resource_identifier)
        if os.path.isfile(path):
            remove = os.remove
        elif os.path.isdir(path):
            remove = os.rmdir
        else:
            raise exception.AccessorResourceNotFoundError(resource_identifier=resource_identifier)
        with error_handler(operation="remove", resource_identifier=resource_identifier):
            remove(path)

    def make_container(self, resource_identifier: str, recursive: bool = True) -> None:
        """Make a folder, and if *recursive* those around it."""
        path = self.get_filesystem_path(resource_identifier)
        if not recursive and not os.path.isdir(os.path.dirname(path) or "."):
            raise exception.AccessorParentResourceNotFoundError(resource_identifier=resource_identifier)
        with error_handler(operation="makeContainer", resource_identifier=resource_identifier):
            try:
                os.makedirs(path) if recursive else os.mkdir(path)
            except FileExistsError:
                pass

    def get_container(self, resource_identifier: str) -> str:
        """Return the folder around it."""
        container = os.path.dirname(self.get_filesystem_path(resource_identifier))
        if not self.prefix:
            return container
        if not _is_below(container, self.prefix):
            raise exception.AccessorParentResourceNotFoundError(
                resource_identifier=resource_identifier,
                message="Could not determine container for {resource_identifier} as container falls outside of "
                "configured prefix.",
            )
        return container[len(self.prefix) :].lstrip("\\/")

    def get_filesystem_path(self, resource_identifier: str) -> str:
        """Return the path of a file.

        Raises :exc:`~ftrack_rust.exception.AccessorFilesystemPathError` if it would be outside of the prefix.
        """
        path = os.path.normpath(resource_identifier) if resource_identifier else resource_identifier
        if not self.prefix:
            return path
        path = os.path.normpath(os.path.join(self.prefix, path))
        if not _is_below(path, self.prefix):
            raise exception.AccessorFilesystemPathError(
                resource_identifier=resource_identifier,
                message="Could not determine access path for resource_identifier outside of configured prefix: "
                "{resource_identifier}.",
            )
        return path


def _is_below(path: str, folder: str) -> bool:
    """Return whether *path* is *folder* or in it; another folder whose name begins alike is not."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


@contextlib.contextmanager
def error_handler(**details: Any) -> Iterator[None]:
    """Turn errors of the operating system into those of accessors, with *details*."""
    try:
        yield
    except OSError as error:
        kind = _KINDS.get(error.errno or 0, exception.AccessorOperationFailedError)
        raise kind(**{"error": error, **details}) from error


_KINDS: dict[int, Any] = {
    errno.ENOENT: exception.AccessorResourceNotFoundError,
    errno.EPERM: exception.AccessorPermissionDeniedError,
    errno.EACCES: exception.AccessorPermissionDeniedError,
    errno.ENOTEMPTY: exception.AccessorContainerNotEmptyError,
    errno.ENOTDIR: exception.AccessorResourceInvalidError,
    errno.EISDIR: exception.AccessorResourceInvalidError,
    errno.EINVAL: exception.AccessorResourceInvalidError,
}
