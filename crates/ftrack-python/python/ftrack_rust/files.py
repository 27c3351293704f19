"""What calls that deal with many files say: how far they are, and what they have done.

Beyond the original. The calls are methods of locations and sessions.
"""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, Optional

from . import _engine
from ._engine import CancellationToken as CancellationToken


class UploadStatus(NamedTuple):
    """How far uploads are: all that an :class:`UploadControl` was given to."""

    #: How many bytes were sent.
    sent_bytes: int
    #: How many bytes the server had from an earlier attempt.
    resumed_bytes: int
    #: How many bytes the files have.
    total_bytes: int
    #: How many bytes were sent in each of the last seconds, or None if that cannot be said yet.
    bytes_per_second: Optional[int]
    #: How many seconds the rest will take at this speed, or None if that cannot be said.
    remaining: Optional[float]
    #: Whether the uploads are paused.
    is_paused: bool


class UploadControl(_engine.UploadControlCore):
    """Pauses uploads to the server and lets them go on, from any thread, and says how far they are.

    It is given to the calls that add components, to one or several of them::

        control = UploadControl()
        session.create_component('/tmp/review.mov', location=server, upload_control=control)

    A paused upload sends nothing more. Requests that are under way are held for some seconds and then ended; what they
    had sent of their parts is sent again later. What is copied elsewhere than to the server is not paused.
    """

    def pause(self) -> None:
        """Pause the uploads. Pausing twice is fine."""
        super().pause()

    def resume(self) -> None:
        """Let the uploads go on. Those that are not paused go on anyway."""
        super().resume()

    @property
    def is_paused(self) -> bool:
        """Whether the uploads are paused."""
        return super().is_paused

    @property
    def status(self) -> UploadStatus:
        """How far the uploads are."""
        return UploadStatus(*self._status())


class Progress(NamedTuple):
    """How far copying is. What is called with it may be called on any thread; if it raises, the copying ends by that."""

    #: How many files are whole.
    files: int
    #: How many files there will be.
    total_files: int
    #: How many bytes were copied.
    bytes: int
    #: How many bytes there will be, or None if that is not known of all files.
    total_bytes: Optional[int]


class Downloaded(NamedTuple):
    """What :meth:`Session.download <ftrack_rust.session.Session.download>` has done."""

    #: The path of a file, of a sequence with its ranges, or of the folder that a container is now.
    path: str
    #: The location that it was taken from.
    location: Any
    #: How many files there are.
    files: int
    #: How many bytes they have.
    bytes: int


class Mended(NamedTuple):
    """What :meth:`Session.mend_component <ftrack_rust.session.Session.mend_component>` has done."""

    #: The components that have another file now: the component itself, or frames of it.
    replaced: list[Any]
    #: The frames that a sequence has in addition.
    added: list[Any]


class RegisteredFile(NamedTuple):
    """A file that is registered in a location."""

    #: The id, the type and the name of the component.
    component_id: str
    component_type: str
    name: str
    #: Where the file should be.
    resource_identifier: str
    #: How many bytes are registered, or None if that is not known.
    registered_size: Optional[int]
    #: How many bytes there are, or None if there is no file, or its storage does not say.
    found_size: Optional[int]


class LeftOver(NamedTuple):
    """A file that a program left beside another when it was killed while it replaced that one."""

    #: Where it is.
    resource_identifier: str
    #: Whether it is what was there before, or what was to take its place.
    is_old: bool
    #: What it is beside.
    target: str


class Verification(NamedTuple):
    """What :meth:`Location.verify <ftrack_rust.entity.location.Location.verify>` has found."""

    #: How many registered files were looked for.
    checked: int
    #: Files that are registered and not there.
    missing: list[RegisteredFile]
    #: Files that are there, with another size than registered.
    differing: list[RegisteredFile]
    #: The resource identifiers of files that nobody has registered, or None if the storage does not list them.
    unregistered: Optional[list[str]]
    #: Files that a program left behind when it was killed.
    left_over: list[LeftOver]

    @property
    def is_clean(self) -> bool:
        """Whether everything is as it is registered."""
        return not (self.missing or self.differing or self.unregistered or self.left_over)


class SyncProgress(NamedTuple):
    """How far bringing files from one location to another is; see :class:`Progress`."""

    #: How many registrations were looked at.
    checked: int
    #: How many of them lack or differ.
    wanted: int
    #: How many files were copied.
    files: int
    #: How many bytes were copied.
    bytes: int


class SyncItem(NamedTuple):
    """A file or component that is brought to a location."""

    #: The id, the type and the name of the component.
    component_id: str
    component_type: str
    name: str
    #: Where it is in the location that it comes from.
    resource_identifier: str
    #: How many bytes are registered, or None if that is not known, or it is not a file.
    size: Optional[int]
    #: Why: ``not-registered``, ``missing``, ``other-size`` or ``other-content``.
    reason: str
    #: How many bytes there are, for ``other-size``.
    found_size: Optional[int]


class SyncFailure(NamedTuple):
    """Something that could not be brought."""

    #: What.
    item: SyncItem
    #: Why: an exception.
    error: BaseException


class SyncReport(NamedTuple):
    """What :meth:`Location.sync_from <ftrack_rust.entity.location.Location.sync_from>` has done, or would do."""

    #: How many registrations of the other location were looked at.
    checked: int
    #: What lacked or differed, in the order in which it was found; with what failed.
    wanted: list[SyncItem]
    #: How many files were brought.
    files: int
    #: How many bytes these have, as far as it is registered.
    bytes: int
    #: What could not be brought. Everything else was.
    failed: list[SyncFailure]
    #: Whether it ended early, because nothing at all could be brought any more.
    given_up: bool

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing that could not be brought."""
        return not self.failed and not self.given_up


def _told(progress: Optional[Callable[[Any], Any]], kind: Any) -> Optional[Callable[..., None]]:
    """Return what calls *progress* with a *kind* of the numbers that the engine tells."""
    if progress is None:
        return None
    tell = progress
    return lambda *numbers: tell(kind(*numbers))
