"""Sessions: everything goes through them."""

from __future__ import annotations

import atexit
import os
from _thread import RLock  # What `threading` gives, without loading it.
from _weakref import ref  # What `weakref` gives: that module loads half a dozen others.

from . import _engine
from ._session.connection import mapping, required, schema_folder, user
from ._session.locations import Locations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Mapping, Optional, Union

    from ._caches import LowerCaches
    from .cache import Cache, KeyMaker, LayeredCache
    from .entity.base import Entity


class Session(Locations):
    """A connection to an ftrack server, and what is known of its entities.

    Changes are recorded, and sent together by :meth:`commit`. A session can be used by several threads, and as a
    context manager that closes it.
    """

    #: The caches: the entities in memory, and below them the one that the session was given.
    cache: LayeredCache
    #: What makes the keys of cached entities.
    cache_key_maker: KeyMaker

    _lower_cache: LowerCaches
    _pinned: dict[Any, Entity]
    _plugin_paths: list[str]
    #: Held by the thread that configures the built-in locations; others wait for it before they get a location.
    _configuring: Any
    _is_configuring = False

    def __init__(
        self,
        server_url: Optional[str] = None,
        api_key: Optional[str] = None,
        api_user: Optional[str] = None,
        auto_populate: bool = True,
        plugin_paths: Optional[Iterable[str]] = None,
        cache: Union[Cache, Callable[[Session], Optional[Cache]], None] = None,
        cache_key_maker: Optional[KeyMaker] = None,
        auto_connect_event_hub: bool = False,
        schema_cache_path: Union[str, os.PathLike[str], bool, None] = None,
        plugin_arguments: Optional[Mapping[str, Any]] = None,
        timeout: Optional[float] = 60,
        cookies: Optional[Mapping[str, str]] = None,
        headers: Optional[Mapping[str, str]] = None,
        strict_api: bool = False,
        fetch_policy: Optional[str] = None,
        trace: Optional[_engine.TraceCore] = None,
    ) -> None:
        """Connect to the server at *server_url* as *api_user* with *api_key*.

        What is not given comes from ``FTRACK_SERVER``, ``FTRACK_API_USER`` (else the user of the system) and
        ``FTRACK_API_KEY``.

        *auto_populate* says whether attributes that are not known are loaded when they are read. *plugin_paths* are
        the folders of plugins, by default those in ``FTRACK_EVENT_PLUGIN_PATH``; their functions ``register`` get the
        session and *plugin_arguments*. *cache* is a cache below the entities in memory, or a function of the session
        that makes one or returns None; its keys are made by *cache_key_maker*. *auto_connect_event_hub* connects the
        event hub in the background. *schema_cache_path* is the folder in which schemas are kept from run to run, by
        default ``FTRACK_API_SCHEMA_CACHE_PATH`` or one of the user's; False keeps none. *timeout* is in seconds.
        *cookies* and *headers* are sent with each request. With *strict_api* the server gives its errors an HTTP
        status.

        Beyond the original: *fetch_policy* says what reading an attribute does that is not known: ``siblings`` loads
        it for all entities that came with it, ``single`` for the one, ``off`` does nothing, ``deny`` raises
        :exc:`~ftrack_rust.exception.NotLoadedError`. *trace* counts the requests from the first one on.

        Raises :exc:`TypeError` for arguments that are missing or of the wrong type,
        :exc:`~ftrack_rust.exception.ServerError` if the server refuses the credentials, and
        :exc:`~ftrack_rust.exception.ServerConnectionError` if it cannot be reached.
        """
        self._pinned = {}
        self._configuring = RLock()
        self._address = required("server_url", server_url, "FTRACK_SERVER").rstrip("/")
        self._api_key = required("api_key", api_key, "FTRACK_API_KEY", "FTRACK_APIKEY")
        self._api_user = user(api_user)
        if not isinstance(strict_api, bool):
            raise TypeError("The strict_api argument is required to be a boolean.")
        self.request_timeout = timeout
        self._connect(
            {
                "server_url": self._address,
                "api_key": self._api_key,
                "api_user": self._api_user,
                "fetch_policy": fetch_policy or ("siblings" if auto_populate else "off"),
                "schema_cache_path": schema_folder(schema_cache_path),
                "timeout": timeout,
                "cookies": mapping("cookies", cookies),
                "headers": mapping("headers", headers),
                "strict_api": strict_api,
                "trace": trace,
            }
        )
        self._server_details = self._server_information()
        self._hub_options = {"headers": headers, "cookies": cookies}
        if cache_key_maker is not None:
            self.cache_key_maker = cache_key_maker
        if cache is not None:
            self._add_cache(cache)
        _close_at_exit(self)
        if auto_connect_event_hub:
            self.event_hub._connect_in_background()
        if plugin_paths is None:
            plugin_paths = os.environ.get("FTRACK_EVENT_PLUGIN_PATH", "").split(os.pathsep)
        self._plugin_paths = list(plugin_paths)
        self._discover_plugins(plugin_arguments)
        if self._event_hub is not None and self._event_hub._subscribers:
            # Who wants to change the classes of entity types is asked now, and not again.
            self.types._customise(self)
        self._configure_locations()
        self._publish_own("ftrack.api.session.ready", session=self)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_exception: Any) -> None:
        self.close()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Make what few programs use when it is first used."""
            if name not in ("cache", "cache_key_maker", "logger", "recorded_operations", "types", "_lower_cache"):
                raise AttributeError("{0!r} object has no attribute {1!r}".format(type(self).__name__, name))
            from . import _lazy

            return self.__dict__.setdefault(name, _lazy.MAKERS[name](self))

    def close(self) -> None:
        """Close the session: what needs the server raises :exc:`~ftrack_rust.exception.ConnectionClosedError` from now
        on. What was not committed is lost, with a warning. Closing twice is fine."""
        if self.closed:
            self.logger.debug("Session already closed.")
            return
        if self._operation_count():
            self.logger.warning("Closing session with pending operations not persisted.")
        self._close()
        self._forget_settings()
        self._pinned.clear()
        if self._event_hub is not None:
            self._event_hub._subscribers.clear()

    def reset(self) -> None:
        """Forget all entities and operations. Objects of before must not be used any more.

        Plugins are kept, and may configure locations anew.
        """
        if self._operation_count():
            self.logger.warning("Resetting session with pending operations not persisted.")
        self._reset()
        self._pinned.clear()
        self._configure_locations()
        self._publish_own("ftrack.api.session.reset", session=self)

    def begin(self) -> Session:
        """Return a session of its own over the same connection: with its own entities and operations.

        A thread or a task that has one never commits what others have half done. As a context manager it commits at
        the end of its block, or rolls back if that raises::

            with session.begin() as unit:
                task = unit.attach(task)
                task['description'] = 'in a transaction of its own'
        """
        from ._unit import Unit

        return Unit._of(self)

    # What the rest of the package needs.

    def _pin(self, entity: Entity) -> None:
        """Hold *entity* as long as the session."""
        self._pinned[(entity.entity_type, *entity._key())] = entity

    def _discover_plugins(self, plugin_arguments: Optional[Mapping[str, Any]] = None) -> None:
        if any(path.strip() for path in self._plugin_paths):
            from .plugin import discover

            discover(self._plugin_paths, [self], plugin_arguments or {})

    def _configure_locations(self) -> None:
        """Configure the built-in locations, and have plugins configure theirs: now if anybody listens, else when the
        first location is needed."""
        self._set_locations_due(True)
        if self._event_hub is None or not self._event_hub._subscribers:
            return
        from ._locations import configure, have_configured

        self._configure_once(configure)
        have_configured(self)

    def _first_location(self) -> None:
        """Configure the built-in locations, if that has not been done. The engine calls it before it gives out a
        location, so that none is seen before it is configured."""
        from ._locations import configure, configure_storage

        def both(session: Session) -> None:
            configure(session)
            configure_storage(session)

        self._configure_once(both)

    def _configure_once(self, configure: Callable[[Session], None]) -> None:
        """Call *configure*, unless it was called or this thread is about it. Nothing that plugins do is called in it."""
        with self._configuring:
            if self._is_configuring or not self._locations_due():
                return
            self._is_configuring = True
            try:
                configure(self)
                self._set_locations_due(False)
            finally:
                self._is_configuring = False

    def _add_cache(self, cache: Any) -> None:
        """Put *cache*, or what it makes if it is a function, below the entities in memory."""
        made = cache(self) if callable(cache) else cache
        if made is not None:
            self.cache.caches.append(made)
            self._use_cache()

    def _cache_key(self, key: str) -> Any:
        """Return what the key maker makes of the engine's *key*."""
        from ._caches import key_of

        return key_of(key, self.cache_key_maker)

    def _engine_key(self, key: Any) -> str:
        """Return the engine's key for *key*, which the key maker has made."""
        from .cache import StringKeyMaker

        if type(self.cache_key_maker) is StringKeyMaker:
            return str(key)
        for known in self._memory_keys():
            if self._cache_key(known) == key:
                return known
        return str(key)


#: The sessions that are there, by their addresses, for the end of the interpreter.
_living: dict[int, Any] = {}


def _close_at_exit(session: Session) -> None:
    """Close *session* when the interpreter ends, if it is still there."""
    address = id(session)
    forget = _living.pop
    _living[address] = ref(session, lambda _: forget(address, None))


@atexit.register
def _close_all() -> None:
    """Close the sessions that are still there."""
    for held in list(_living.values()):
        session = held()
        if session is not None:
            session.close()


def __getattr__(name: str) -> Any:
    if name == "OperationPayload":
        from ._encoding import OperationPayload

        return OperationPayload
    if name in ("AutoPopulatingContext", "OperationRecordingContext"):
        from . import _contexts

        return getattr(_contexts, name)
    raise AttributeError("module {0!r} has no attribute {1!r}".format(__name__, name))
