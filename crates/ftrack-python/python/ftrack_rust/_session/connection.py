"""What a session is connected to, and its settings for a thread."""

from __future__ import annotations

import os
from _collections_abc import Mapping

from .. import _engine

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from typing import Any, Callable, Optional, Union

    from .._contexts import AutoPopulatingContext, OperationRecordingContext
    from ..event.hub import EventHub
    from ..follow import DeadLetters, Follow, PositionStore


class Connection(_engine.SessionCore):
    """The part of a session that connects to a server."""

    #: The logger of the class.
    logger: logging.Logger
    #: How long to wait for the server, in seconds; None waits for ever. It is read when the session is made.
    request_timeout: Optional[float]

    _address: str
    _api_key: str
    _api_user: str
    _server_details: dict[str, Any]
    #: The hub, once it was needed.
    _event_hub: Optional[EventHub] = None
    _hub_options: dict[str, Any]

    def __repr__(self) -> str:
        return "<{0}.{1} object at {2:#x}>".format(type(self).__module__, type(self).__name__, id(self))

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("cannot pickle a session: make another one with the same arguments")

    @property
    def server_url(self) -> str:
        """The address of the server, without a slash at its end."""
        return self._address

    @property
    def api_user(self) -> str:
        """The user whose credentials are used."""
        return self._api_user

    @property
    def api_key(self) -> str:
        """The key that is used."""
        return self._api_key

    @property
    def server_information(self) -> dict[str, Any]:
        """What the server says of itself, such as its ``version``: a copy."""
        return dict(self._server_details)

    @property
    def closed(self) -> bool:
        """Whether the session was closed."""
        return bool(self._closed)

    @property
    def event_hub(self) -> EventHub:
        """The event hub, :class:`~ftrack_rust.event.hub.EventHub`. It is connected by its :meth:`connect
        <ftrack_rust.event.hub.EventHub.connect>`."""
        known = self._event_hub
        if known is not None:
            return known
        from ..event.hub import EventHub

        made = EventHub(self._address, self._api_user, self._api_key, _core=self._hub(), **self._hub_options)
        self._answer_for_storage(made)
        # If another thread has made one meanwhile, the first one counts.
        hub: EventHub = self.__dict__.setdefault("_event_hub", made)
        return hub

    def _answer_for_storage(self, hub: EventHub) -> None:
        """Have *hub* answer events that ask for the storage of the studio, if the server says that there is one."""
        scenario = self._server_details.get("storage_scenario") or {}
        if scenario.get("scenario") == "ftrack.centralized-storage":
            from .. import _centralized_storage_scenario

            _centralized_storage_scenario._register_with(self, hub)

    def follow(
        self,
        expression: str,
        *,
        position_file: Union[str, os.PathLike[str], None] = None,
        position_store: Optional[PositionStore] = None,
        start_at: Any = "now",
        concurrency: int = 1,
        retries: int = 5,
        backoff: tuple[float, float] = (1.0, 60.0),
        dead_letter_file: Union[str, os.PathLike[str], None] = None,
        dead_letters: Optional[DeadLetters] = None,
        health_file: Union[str, os.PathLike[str], None] = None,
        health_endpoint: Optional[str] = None,
        on_health: Optional[Callable[[dict[str, Any]], Any]] = None,
        stop_within: float = 10.0,
    ) -> Follow:
        """Return a listener for events that match *expression*: as they come, and after a gap or a restart what was
        missed, as far as the server remembers it, each once and in order. It begins by its :meth:`run
        <ftrack_rust.follow.Follow.run>`, or by a loop over it::

            follow = session.follow('topic=ftrack.update', position_file='/var/lib/studio/thumbnails.position')
            for followed in follow:
                print(followed.entity['action'], followed.is_caught_up)

        *position_file* keeps up to where it is done, so that it goes on after a restart where it was; or
        *position_store* does, an object with the methods of :class:`~ftrack_rust.follow.PositionStore`. Without any, gaps
        of the line are caught up, and restarts are not. *start_at* says where to begin when there is no position yet:
        ``now``, ``oldest`` or a time.

        *concurrency* events are handled at once, those of one entity always one after the other. A handler that raises
        is called again *retries* times, after the first and at most the last number of seconds of *backoff*. What fails
        for good is kept in *dead_letter_file*, or in :class:`~ftrack_rust.follow.DeadLetters`; without any it goes to the
        log.

        *health_file* tells once a second, in JSON, how the listener is doing; *health_endpoint*, an address such as
        ``127.0.0.1:9180``, does over HTTP; *on_health* is called with the same mapping. *stop_within* says how many
        seconds handlers may take once the listener is to stop.

        It connects the event hub, and handles what that gets: do not :meth:`wait
        <ftrack_rust.event.hub.EventHub.wait>` for it elsewhere meanwhile.
        """
        from ..follow import Follow

        return Follow(
            self,
            expression,
            {
                "position_file": position_file,
                "position_store": position_store,
                "start_at": start_at,
                "concurrency": concurrency,
                "retries": retries,
                "backoff": backoff,
                "dead_letter_file": dead_letter_file,
                "dead_letters": dead_letters,
                "health_file": health_file,
                "health_endpoint": health_endpoint,
                "on_health": on_health,
                "stop_within": stop_within,
            },
        )

    @property
    def auto_populate(self) -> bool:
        """Whether attributes that are not known are loaded when they are read, on this thread."""
        return self._auto_populate

    @auto_populate.setter
    def auto_populate(self, value: bool) -> None:
        self._set_auto_populate(bool(value))

    @property
    def record_operations(self) -> bool:
        """Whether changes are recorded, on this thread. What is changed meanwhile is never sent."""
        return self._record_operations

    @record_operations.setter
    def record_operations(self, value: bool) -> None:
        self._set_record_operations(bool(value))

    @property
    def fetch_policy(self) -> str:
        """What reading an attribute does that is not known, on this thread.

        ``siblings`` loads it for all entities that came with this one, ``single`` for this one, ``off`` does nothing,
        ``deny`` raises :exc:`~ftrack_rust.exception.NotLoadedError`. Setting any other raises :exc:`ValueError`; None
        takes the setting back.
        """
        return self._fetch_policy

    @fetch_policy.setter
    def fetch_policy(self, value: Optional[str]) -> None:
        self._set_fetch_policy(value)

    def auto_populating(self, auto_populate: bool) -> AutoPopulatingContext:
        """Return a context in which :attr:`auto_populate` is *auto_populate*, on this thread."""
        from .._contexts import AutoPopulatingContext

        return AutoPopulatingContext(self, auto_populate)

    def operation_recording(self, record_operations: bool) -> OperationRecordingContext:
        """Return a context in which :attr:`record_operations` is *record_operations*, on this thread."""
        from .._contexts import OperationRecordingContext

        return OperationRecordingContext(self, record_operations)

    def trace(self) -> _engine.TraceCore:
        """Return a count of the requests that are sent from now on."""
        return self._trace()

    def check_server_compatibility(self) -> None:
        """Raise :exc:`~ftrack_rust.exception.ServerCompatibilityError` if the server does not say its version."""
        if self._server_details.get("version") is None:
            from ..exception import ServerCompatibilityError

            raise ServerCompatibilityError("Could not determine server version.")

    def _publish_own(self, topic: str, **data: Any) -> list[Any]:
        """Tell the handlers in this program something, if there are any, and return what they answer."""
        if self._event_hub is None or not self._event_hub._subscribers:
            return []
        from ..event.base import Event

        return self._event_hub.publish(Event(topic=topic, data=data), synchronous=True) or []


def required(name: str, value: Optional[str], *variables: str) -> str:
    """Return *value*, or that of the first of *variables* of the environment that has one."""
    for variable in variables:
        if value is None:
            value = os.environ.get(variable)
    if not value:
        raise TypeError(
            'Required "{0}" not specified. Pass as argument or set in environment variable {1}.'.format(
                name, variables[0]
            )
        )
    return value


def user(value: Optional[str]) -> str:
    """Return *value*, or the user that the environment or the system says."""
    if value is None:
        value = os.environ.get("FTRACK_API_USER")
        if not value:
            import getpass

            try:
                value = getpass.getuser()
            except Exception:
                value = None
    if not value:
        raise TypeError(
            'Required "api_user" not specified. Pass as argument, set in environment variable FTRACK_API_USER or one '
            "of the standard environment variables used by Python's getpass module."
        )
    return value


def mapping(name: str, value: Any) -> dict[str, str]:
    """Return *value*, the argument *name*, as a dict; an empty one if it is None."""
    if not value:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError("The {0} argument is required to be a mapping.".format(name))
    return dict(value)


def schema_folder(path: Any) -> Optional[str]:
    """Return the folder in which schemas are kept, or None."""
    if path is False:
        return None
    if path is None or path is True:
        path = os.environ.get("FTRACK_API_SCHEMA_CACHE_PATH")
        if not path:
            base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
            path = os.path.join(base, "ftrack-rust", "schemas-v1")
    return str(os.fspath(path))
