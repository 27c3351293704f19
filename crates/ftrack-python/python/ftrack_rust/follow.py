"""Listeners that miss nothing: :meth:`Session.follow <ftrack_rust.session.Session.follow>`.

Beyond the original, whose event hub forgets what happens while the line is broken or the program does not run.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from typing import TYPE_CHECKING, Any, Callable, Iterator, Mapping, NamedTuple, Optional, Protocol, Union

from . import _engine
from .event.base import Event

if TYPE_CHECKING:
    from ._session.connection import Connection

_logger = logging.getLogger(__name__)


class Followed(NamedTuple):
    """An event, as a handler or a loop gets it. What tells of several entities comes as one event for each."""

    #: The event. One that was caught up has the shape of one that came live, as far as the server remembers it; its
    #: ``data['remembered']`` is what the server's log says.
    event: Event
    #: Where it comes from: ``live`` as it happened, ``remembered`` from the server's log, or ``queried`` from what
    #: changed.
    origin: str
    #: How often it was given out, this time included: 1 unless the handler has failed before.
    attempt: int
    #: What keeps its order: the id of the entity, or for events about none the topic.
    key: str

    @property
    def is_caught_up(self) -> bool:
        """Whether it was missed when it happened, and was recovered later."""
        return self.origin != "live"

    @property
    def entity(self) -> Optional[Mapping[str, Any]]:
        """The entity of an ``ftrack.update``: a mapping with ``entityType``, ``entityId``, ``action``, ``changes`` and
        so on; None for other events."""
        entities = self.event["data"].get("entities") or [None]
        entity: Optional[Mapping[str, Any]] = entities[0]
        return entity


class PositionStore(Protocol):
    """Where a listener keeps up to where it is done, if not in a file: an object with these two methods."""

    def load(self) -> Optional[str]:
        """Return the text that was stored last, or None if none ever was. If it raises, the listener does not begin."""

    def store(self, position: str) -> None:
        """Keep this text. When it returns, what the text says is acknowledged: it must still be there after a crash. If
        it raises, it is called again a second later."""


class Follow:
    """A listener, made by :meth:`Session.follow <ftrack_rust.session.Session.follow>`: it runs once, by :meth:`run` or as
    what a loop goes over."""

    def __init__(self, session: "Connection", expression: str, options: dict[str, Any]) -> None:
        """Make a listener of *session* for what matches *expression*; *options* are those of ``Session.follow``."""
        start = options["start_at"]
        if hasattr(start, "isoformat"):
            import arrow

            options["start_at"] = arrow.get(start).timestamp()
        file = options.pop("dead_letter_file")
        letters: Optional[DeadLetters] = options["dead_letters"]
        if file is not None:
            letters = DeadLetters(file)
        options["dead_letters"] = None if letters is None else letters._core
        self._session = session
        self._expression = expression
        self._options = options
        self._core = _engine.FollowCore()

    def run(self, handler: Callable[[Followed], Any]) -> str:
        """Call *handler* with each :class:`Followed`, until the listener is stopped: by :meth:`stop`, or by Ctrl-C, which
        raises :exc:`KeyboardInterrupt` when what is in hand is finished.

        An event is acknowledged when *handler* has returned and the position is stored. If it raises an
        :exc:`Exception`, which goes to the log, it is called again later, and in the end the event is a dead letter.
        Anything else, such as :exc:`SystemExit`, counts as a failure too, stops the listener, and is raised. *handler* is
        called on threads of the listener, one event of an entity after the other.

        Return ``stopped`` if everything in hand was finished, ``interrupted`` if handlers failed or still ran when the
        time for that was over. Raises :exc:`~ftrack_rust.exception.ParseError` for what is no expression,
        :exc:`~ftrack_rust.exception.FollowError` if there is no going on from the stored position, the position is in use,
        or dead letters cannot be kept, :exc:`~ftrack_rust.exception.ServerError` or
        :exc:`~ftrack_rust.exception.EventHubError` if the server refuses user and key, and :exc:`RuntimeError` if the
        listener has run already.
        """
        with _running(self):
            return self._core.run(self._session, self._expression, self._options, _logged(handler))

    def __iter__(self) -> Iterator[Followed]:
        """Listen, and give out one event after the other, on the thread of the loop.

        An event is acknowledged when the loop asks for the next one. One at which the loop was left, by an exception or
        ``break``, comes again: to end a loop after an event call :meth:`stop`. How many events are handled at once and
        how often they are tried does not matter here. Raises what :meth:`run` raises.
        """
        with _running(self):
            self._core.begin(self._session, self._expression, self._options)
            try:
                while True:
                    parts = self._core.next()
                    if parts is None:
                        break
                    yield _followed(*parts)
            except BaseException:
                # What ended the loop says more than what the listener has to say of its end.
                try:
                    self._core.finish()
                except Exception:
                    _logger.debug("The listener has ended.", exc_info=True)
                raise
            self._core.finish()

    def stop(self) -> None:
        """End the listener, from any thread or from a signal handler: what is in hand is finished, the position is
        stored. A listener that has not begun ends as soon as it does."""
        self._core.stop()


def _followed(event: dict[str, Any], origin: str, attempt: int, key: str) -> Followed:
    return Followed(Event(**event), origin, attempt, key)


def _logged(handler: Callable[[Followed], Any]) -> Callable[..., None]:
    """Return what calls *handler* with an event, and logs what it raises."""

    def call(*parts: Any) -> None:
        followed = _followed(*parts)
        try:
            handler(followed)
        except Exception:
            _logger.exception("Error calling {0} for event {1}.".format(handler, followed.event["id"]))
            raise

    return call


#: Listeners at work, for the end of the interpreter.
_at_work: "set[_running]" = set()


class _running:
    """While it is open, a listener is at work."""

    def __init__(self, follow: Follow) -> None:
        self._follow = follow
        self._is_over = threading.Event()
        self._process = os.getpid()

    def __enter__(self) -> None:
        _at_work.add(self)

    def __exit__(self, *_exception: Any) -> None:
        _at_work.discard(self)
        self._is_over.set()

    def end(self) -> None:
        """End the listener; a loop that nobody goes on with is left."""
        if self._process != os.getpid():
            return
        self._follow.stop()
        try:
            self._follow._core.finish()
        except RuntimeError:
            # A thread is in `run`, which has so long to end, and some seconds more.
            self._is_over.wait(self._follow._options["stop_within"] + 5)
        except Exception:
            _logger.debug("The listener has ended.", exc_info=True)


@atexit.register
def _end_all() -> None:
    """End the listeners that are still at work, for they call Python."""
    for at_work in list(_at_work):
        at_work.end()


class DeadLetter(NamedTuple):
    """An event that could not be handled, and why."""

    #: Names it in its list.
    id: str
    #: When it was given up, by the clock of that machine: an ``arrow`` object.
    failed_at: Any
    #: How often the handler was tried.
    attempts: int
    #: What the handler raised the last time.
    error: str
    #: Where the event came from: ``live``, ``remembered`` or ``queried``.
    origin: str
    #: What kept its order.
    key: str
    #: The event.
    event: Event


class DeadLetters:
    """A list of events that could not be handled, in a file of JSON lines.

    Several processes may use a list at once: one may listen while another looks at it or replays it.
    """

    def __init__(self, path: Union[str, "os.PathLike[str]"], limit: Optional[int] = None) -> None:
        """Open the list at *path*, which need not exist; its folder has to.

        There may be *limit* letters, by default 10,000: when the list is full the listener stops rather than throw an
        event away. Raises :exc:`~ftrack_rust.exception.FollowError` if the file cannot be read or something else is in it.
        """
        self._core = _engine.DeadLettersCore(path, limit)

    def all(self) -> list[DeadLetter]:
        """Return all letters, oldest first."""
        import arrow

        return [
            DeadLetter(id, arrow.get(failed_at), attempts, error, origin, key, Event(**event))
            for id, failed_at, attempts, error, origin, key, event in self._core.all()
        ]

    def __iter__(self) -> Iterator[DeadLetter]:
        return iter(self.all())

    def __len__(self) -> int:
        return self._core.len()

    def replay(self, handler: Callable[[Followed], Any]) -> tuple[int, int]:
        """Call *handler* with each event, oldest first, and return how many were handled and how many failed again.

        What is handled leaves the list at once; what fails stays, with the new reason. Raises
        :exc:`~ftrack_rust.exception.FollowError` if somebody replays the list already. What ends the program, such as
        :exc:`KeyboardInterrupt`, leaves the letter in hand as it is.
        """
        return self._core.replay(_logged(handler))

    def remove(self, ids: list[str]) -> int:
        """Take letters out of the list by their ids, without handling them, and return how many there were."""
        return self._core.remove(list(ids))
