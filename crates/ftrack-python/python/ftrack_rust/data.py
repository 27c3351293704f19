"""File-like objects, as accessors open them."""

from __future__ import annotations

import abc
import os
from typing import IO, Any, Optional, Union


class Data(abc.ABC):
    """Something that can be read and written like a file."""

    def __init__(self) -> None:
        """Make it open."""
        self.closed = False

    @abc.abstractmethod
    def read(self, limit: Optional[int] = None) -> Any:
        """Return what comes next, at most *limit* bytes, or all."""

    @abc.abstractmethod
    def write(self, content: Any) -> None:
        """Write *content* at the current position."""

    def flush(self) -> None:
        """Make sure that what was written has arrived."""

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> None:
        """Go to *offset*, from the start, the current position or the end, as *whence* says."""
        raise NotImplementedError("Seek not supported.")

    def tell(self) -> int:
        """Return the current position."""
        raise NotImplementedError("Tell not supported.")

    def close(self) -> None:
        """Flush, and allow nothing more."""
        self.flush()
        self.closed = True


class FileWrapper(Data):
    """A Python file."""

    def __init__(self, wrapped_file: IO[Any]) -> None:
        """Use *wrapped_file*."""
        self.wrapped_file = wrapped_file
        self._was_read = False
        super().__init__()

    def read(self, limit: Optional[int] = None) -> Any:
        """Return what comes next, at most *limit* bytes, or all."""
        self._was_read = True
        return self.wrapped_file.read(-1 if limit is None else limit)

    def write(self, content: Any) -> None:
        """Write *content* at the current position."""
        if self._was_read:
            # Some systems want to be told the position between reading and writing.
            self.seek(self.tell())
            self._was_read = False
        self.wrapped_file.write(content)

    def flush(self) -> None:
        """Make sure that what was written has arrived."""
        if hasattr(self.wrapped_file, "flush"):
            self.wrapped_file.flush()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> None:
        """Go to *offset*, as *whence* says."""
        self.wrapped_file.seek(offset, whence)

    def tell(self) -> int:
        """Return the current position."""
        return self.wrapped_file.tell()

    def close(self) -> None:
        """Flush, and close the file. Closing twice is fine."""
        if self.closed:
            return
        super().close()
        if hasattr(self.wrapped_file, "close"):
            self.wrapped_file.close()


class File(FileWrapper):
    """A file on disk."""

    def __init__(self, path: Union[str, "os.PathLike[str]"], mode: str = "rb") -> None:
        """Open the file at *path* with *mode*."""
        super().__init__(open(path, mode))


class String(FileWrapper):
    """A temporary file. If text was written, text is read."""

    def __init__(self, content: Union[str, bytes, None] = None) -> None:
        """Make a file with *content*, to be read from its start."""
        self.is_binary = True
        import tempfile

        super().__init__(tempfile.TemporaryFile())
        if content is not None:
            self.wrapped_file.write(self._bytes(content))
            self.wrapped_file.seek(0)

    def write(self, content: Union[str, bytes]) -> None:
        """Write *content* at the current position."""
        super().write(self._bytes(content))

    def read(self, limit: Optional[int] = None) -> Any:
        """Return what comes next, at most *limit* bytes, or all."""
        content = super().read(limit)
        return content if self.is_binary else content.decode("utf-8")

    def _bytes(self, content: Union[str, bytes]) -> bytes:
        if isinstance(content, bytes):
            return content
        self.is_binary = False
        return content.encode()
