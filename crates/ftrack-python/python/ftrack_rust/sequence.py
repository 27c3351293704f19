"""Sequences of files: finding those that are on disk, and reading and writing the notation for them.

Beyond the original, which leaves that to another package.
"""

from __future__ import annotations

from typing import NamedTuple, Optional, Union

from . import _engine

#: How many numbers a list has at most, as in what is parsed.
_MOST = 1_000_000


class Sequence(NamedTuple):
    """Files whose names differ by a number."""

    #: What is before the number, folders included.
    head: str
    #: How many digits numbers have at least, filled with zeros; 0 if they are not filled.
    padding: int
    #: What is after the number.
    tail: str
    #: The numbers, in ascending order.
    indexes: list[int]

    @property
    def paths(self) -> list[str]:
        """The path of each file."""
        return ["{0}{1:0{2}d}{3}".format(self.head, index, self.padding, self.tail) for index in self.indexes]

    @property
    def gaps(self) -> list[range]:
        """The numbers between the first and the last that are not there, with a range for each gap, however large."""
        neighbours = zip(self.indexes, self.indexes[1:])
        return [range(before + 1, after) for before, after in neighbours if after > before + 1]

    @property
    def missing(self) -> list[int]:
        """The numbers between the first and the last that are not there.

        Raises :exc:`ValueError` if there are more than a million, as between frame 1 and one whose number is a date:
        :attr:`gaps` has them all.
        """
        count = sum(gap.stop - gap.start for gap in self.gaps)
        if count > _MOST:
            raise ValueError("{0} numbers are missing in {1}, more than {2}".format(count, self, _MOST))
        return [index for gap in self.gaps for index in gap]

    def write(self, notation: str = "printf") -> str:
        """Return the sequence as programs write it, which :func:`parse` reads again.

        *notation* is ``printf`` (``plate.%04d.exr [1001-1012]``), ``hash`` (``plate.####.exr 1001-1012``), ``at``
        (``plate.@@@@.exr 1001-1012``), ``houdini`` (``plate.$F4.exr 1001-1012``) or ``udim`` (``skin.<UDIM>.tx 1001-1012``,
        of sequences with four digits).
        """
        return _engine.write_sequence(self, notation)

    def __str__(self) -> str:
        """The notation that :meth:`Session.create_component <ftrack_rust.session.Session.create_component>` takes, such
        as ``/plates/bunny.%04d.exr [1001-1012, 1020]``."""
        padding = "%0{0}d".format(self.padding) if self.padding else "%d"
        return "{0}{1}{2} [{3}]".format(self.head, padding, self.tail, _ranges(self.indexes))


def parse(text: str) -> Optional[Sequence]:
    """Return the sequence that *text* says, such as ``plate.%04d.exr [1001-1012]`` or ``plate.####.exr 1001-1012x2``, in
    any notation of :meth:`Sequence.write`; None for any other path, also for one that does not say which frames.

    Nothing is looked for on disk. Raises :exc:`ValueError` for more than a million files.
    """
    parts = _engine.parse_sequence(text)
    return None if parts is None else Sequence(*parts)


def find(path: str, frames: Optional[str] = None, whole: bool = False) -> list[Union[str, Sequence]]:
    """Return what *path* means on disk: paths of files, and sequences all of whose files are there.

    *path* is that of a file, of a folder, whose sequences are found, or of a sequence with ``%04d``, ``####``, ``@@@@``,
    ``$F4`` or ``<UDIM>`` for the number, with or without ``[1001-1012]`` for those that are meant. *frames*, such as
    ``1001-1100x2``, takes precedence over those in *path*. If *whole*, the path of one frame means the whole sequence.

    Raises :exc:`FileNotFoundError` if there is nothing or a frame that was asked for is missing, :exc:`OSError` if it
    cannot be read, and :exc:`ValueError` if it cannot be said what is meant.
    """
    return [
        found if isinstance(found, str) else Sequence(*found) for found in _engine.find_sequences(path, frames, whole)
    ]


def assemble(names: list[str]) -> list[Union[str, Sequence]]:
    """Return *names* with those that differ by a number put together: sequences, then the names that are left.

    Nothing is looked for on disk.
    """
    return [found if isinstance(found, str) else Sequence(*found) for found in _engine.assemble_sequences(names)]


def _ranges(indexes: list[int]) -> str:
    parts: list[str] = []
    start = before = None
    for index in [*indexes, None]:
        if before is not None and index == before + 1:
            before = index
            continue
        if start is not None:
            parts.append(str(start) if start == before else "{0}-{1}".format(start, before))
        start = before = index
    return ", ".join(parts)
