"""The event hub: events within this program, and to and from others through the server."""

from __future__ import annotations

import collections.abc
import logging
import platform
import threading
import urllib.parse
import uuid
from typing import Any, Callable, Mapping, NamedTuple, Optional

from .. import _engine, exception
from .base import Event
from .expression import Parser
from .subscriber import Subscriber


class ServerDetails(NamedTuple):
    """Where a server is."""

    #: ``http`` or ``https``.
    scheme: str
    #: The name of the machine.
    hostname: str
    #: The port; None for that of the scheme.
    port: Optional[int]


class EventHub:
    """Brings events to those who want them.

    Synchronous events stay in the program and are handled at once. All others go through the server: they are sent
    when the hub is connected, and handled by those who :meth:`wait`.
    """

    def __init__(
        self,
        server_url: str,
        api_user: str,
        api_key: str,
        headers: Optional[Mapping[str, str]] = None,
        cookies: Optional[Mapping[str, str]] = None,
        _core: Any = None,
    ) -> None:
        """Make a hub for the server at *server_url*, which is reached as *api_user* with *api_key*.

        *headers* and *cookies* are sent along. Nothing is sent before :meth:`connect`.
        """
        self.logger = logging.getLogger(__name__ + "." + type(self).__name__)
        parts = urllib.parse.urlparse(server_url)
        if not parts.scheme:
            raise ValueError("Could not determine scheme from server url.")
        if not parts.hostname:
            raise ValueError("Could not determine hostname from server url.")
        self.server = ServerDetails(parts.scheme, parts.hostname, parts.port)
        self._server_url = server_url
        self._api_user = api_user
        self._headers = _mapping(headers)
        self._cookies = _mapping(cookies)
        options = {"headers": self._headers, "cookies": self._cookies}
        self._core = _core or _engine.HubCore(server_url, api_user, api_key, options)
        self.id: str = self._core.id
        self._lock = threading.RLock()
        self._subscribers: list[Subscriber] = []
        #: The ids of those that are only told of events of this program.
        self._here: set[str] = set()
        self._expression_parser = Parser()
        self._connection_initialised = False
        #: What was published while the connection is being made by hand.
        self._unsent: list[tuple[Event, Any]] = []

    def get_server_url(self) -> str:
        """Return the address of the server."""
        return "{0}://{1}".format(self.server.scheme, self.get_network_location())

    def get_network_location(self) -> str:
        """Return the name of the server, with its port if it has one."""
        if self.server.port:
            return "{0}:{1}".format(self.server.hostname, self.server.port)
        return self.server.hostname

    @property
    def secure(self) -> bool:
        """Whether the connection is encrypted."""
        return self.server.scheme == "https"

    @property
    def connected(self) -> bool:
        """Whether the hub is connected."""
        return bool(self._core.connected)

    def init_connection(self) -> None:
        """Say that :meth:`connect` will be called: until then, what is published is kept to be sent."""
        self._connection_initialised = True

    def connect(self) -> None:
        """Connect to the server. A connection that breaks is made again by itself.

        Raises :exc:`~ftrack_rust.exception.EventHubConnectionError` if that fails, or the hub is connected.
        """
        if self.connected:
            raise exception.EventHubConnectionError("Already connected.")
        self.init_connection()
        try:
            self._core.connect()
        except exception.Error as error:
            raise exception.EventHubConnectionError(
                'Failed to connect to event server at {server_url} with error: "{error}".',
                details={"server_url": self.get_server_url(), "error": str(error)},
            ) from error
        self._send_kept()

    def _connect_in_background(self) -> None:
        self._core.connect_in_background()
        self._connection_initialised = True

    def _send_kept(self) -> None:
        with self._lock:
            kept, self._unsent = self._unsent, []
        for event, on_reply in kept:
            self._core.publish(self, event, on_reply)

    def disconnect(self, unsubscribe: bool = True, reconnect: bool = False) -> None:
        """Disconnect from the server, and forget all subscribers if *unsubscribe*.

        *reconnect* says that :meth:`connect` will be called again. Raises
        :exc:`~ftrack_rust.exception.EventHubConnectionError` if the hub is not connected.
        """
        if not self.connected:
            raise exception.EventHubConnectionError("Not currently connected.")
        if not reconnect:
            self._connection_initialised = False
        if unsubscribe:
            with self._lock:
                self._subscribers.clear()
        self._core.disconnect(unsubscribe)

    def reconnect(self, attempts: int = 10, delay: float = 5) -> None:
        """Connect again, in at most so many *attempts* with *delay* seconds in between. Subscribers are kept.

        Raises :exc:`~ftrack_rust.exception.EventHubConnectionError` if that fails.
        """
        self._connection_initialised = True
        try:
            self._core.reconnect(attempts, float(delay))
        except exception.Error as error:
            raise exception.EventHubConnectionError(
                "Failed to reconnect to event server at {0} after {1} attempts.".format(
                    self.get_server_url(), attempts
                )
            ) from error
        self._send_kept()

    def wait(self, duration: Optional[float] = None) -> None:
        """Handle events as they arrive, for *duration* seconds, or until the connection ends for good.

        Raises :exc:`~ftrack_rust.exception.EventHubConnectionError` if the hub was never connected.
        """
        if not self._connection_initialised:
            raise exception.EventHubConnectionError(
                "Event hub does not have a connection to the event server and will therefore only be able to receive "
                "syncronous events."
            )
        self._core.wait(duration)

    def get_subscriber_by_identifier(self, identifier: str) -> Optional[Subscriber]:
        """Return the subscriber with this *identifier*, or None."""
        with self._lock:
            for subscriber in self._subscribers:
                if subscriber.metadata.get("id") == identifier:
                    return subscriber
        return None

    def subscribe(
        self,
        subscription: str,
        callback: Callable[[Event], Any],
        subscriber: Optional[dict[str, Any]] = None,
        priority: int = 100,
    ) -> str:
        """Have *callback* called for each event that fulfils *subscription*, and return the subscriber's id.

        *subscription* is an expression such as ``topic=ftrack.update and source.user.username=jane``. *subscriber*
        says who wants the events; its ``id`` is made if it has none. The lower the *priority*, the earlier *callback*
        is called. What it returns is sent as a reply, unless it is None.

        Raises :exc:`~ftrack_rust.exception.NotUniqueError` if there is a subscriber with this id.
        """
        metadata = subscriber if subscriber is not None else {}
        metadata.setdefault("id", uuid.uuid4().hex)
        made = Subscriber(subscription, callback, metadata, priority)
        with self._lock:
            if self.get_subscriber_by_identifier(metadata["id"]) is not None:
                raise exception.NotUniqueError(
                    "Subscriber with identifier {0} already exists.".format(metadata["id"])
                )
            self._subscribers.append(made)
        try:
            self._core.subscribe(self, subscription, metadata, priority)
        except BaseException:
            with self._lock:
                self._subscribers.remove(made)
            raise
        return str(metadata["id"])

    def unsubscribe(self, subscriber_identifier: str) -> None:
        """Forget the subscriber with this id. Raises :exc:`~ftrack_rust.exception.NotFoundError` if there is none."""
        with self._lock:
            subscriber = self.get_subscriber_by_identifier(subscriber_identifier)
            if subscriber is not None:
                self._subscribers.remove(subscriber)
            is_here = subscriber_identifier in self._here
            self._here.discard(subscriber_identifier)
        if is_here:
            return
        if subscriber is None:
            raise exception.NotFoundError(
                "Cannot unsubscribe missing subscriber with identifier {0}".format(subscriber_identifier)
            )
        self._core.unsubscribe(subscriber_identifier)

    def _subscribe_here(self, subscriber: Subscriber) -> None:
        """Have *subscriber* called for events that are published in this program, synchronously."""
        with self._lock:
            self._here.add(subscriber.metadata["id"])
            self._subscribers.append(subscriber)

    def subscription(
        self,
        subscription: str,
        callback: Callable[[Event], Any],
        subscriber: Optional[dict[str, Any]] = None,
        priority: int = 100,
    ) -> "_SubscriptionContext":
        """Return a context in which *callback* is subscribed, as by :meth:`subscribe`."""
        return _SubscriptionContext(self, subscription, callback, subscriber, priority)

    def publish(
        self,
        event: Event,
        synchronous: bool = False,
        on_reply: Optional[Callable[[Event], Any]] = None,
        on_error: str = "raise",
    ) -> Any:
        """Publish *event*.

        If it is *synchronous* it stays in this program: what the handlers return is returned in a list. Otherwise it
        is sent, and *on_reply* is called with each reply that arrives. If *on_error* is ``ignore``, what goes wrong is
        ignored.
        """
        try:
            return self._publish(event, synchronous, on_reply)
        except Exception:
            if on_error != "ignore":
                raise
            self.logger.debug("Could not publish {0}.".format(event), exc_info=True)
            return None

    def _publish(self, event: Event, synchronous: bool, on_reply: Optional[Callable[[Event], Any]]) -> Any:
        self._prepare_event(event)
        if synchronous:
            return self._handle(event, synchronous=True)
        if not self.connected and not self._connection_initialised:
            raise exception.EventHubConnectionError(
                "Cannot publish event asynchronously as not connected to server."
            )
        try:
            self._core.publish(self, event, on_reply)
        except exception.EventHubConnectionError:
            with self._lock:
                self._unsent.append((event, on_reply))
            return True
        return None

    def publish_reply(self, source_event: Event, data: Any, source: Optional[Mapping[str, Any]] = None) -> None:
        """Answer *source_event* with *data*; *source* says who answers."""
        reply = Event("ftrack.meta.reply", data=data)
        reply["target"] = "id={0}".format(source_event["source"]["id"])
        reply["in_reply_to_event"] = source_event["id"]
        if source is not None:
            reply["source"] = dict(source)
        self.publish(reply)

    def _prepare_event(self, event: Event) -> None:
        source = event["source"]
        source.setdefault("id", self.id)
        source.setdefault("user", {"username": self._api_user})
        source.setdefault("host", platform.node())

    def _handle(self, event: Event, synchronous: bool = False) -> Optional[list[Any]]:
        """Call the handlers that want *event*, and return what they return."""
        target = event.get("target")
        expression = None
        if target:
            try:
                expression = self._expression_parser.parse(target)
            except exception.ParseError:
                self.logger.exception(
                    "Cannot handle event as failed to parse event target information: {0}".format(event)
                )
                return None
        with self._lock:
            subscribers = sorted(self._subscribers, key=lambda subscriber: subscriber.priority)
        results = []
        for subscriber in subscribers:
            if expression is not None and not expression.match(subscriber.metadata):
                continue
            if not subscriber.interested_in(event):
                continue
            response = None
            try:
                response = subscriber.callback(event)
                results.append(response)
            except Exception:
                self._report(subscriber, event)
            if not synchronous and response is not None:
                try:
                    self.publish_reply(event, data=response, source=subscriber.metadata)
                except Exception:
                    self.logger.exception(
                        "Error publishing response {0} from subscriber {1} for event {2}.".format(
                            response, subscriber, event
                        )
                    )
            if event.is_stopped():
                break
        return results

    def _handle_remote(self, identifier: str, event: Event) -> Any:
        """Call the handler of the subscriber *identifier*, for the engine."""
        subscriber = self.get_subscriber_by_identifier(identifier)
        if subscriber is None:
            return None
        try:
            return subscriber.callback(event)
        except Exception:
            self._report(subscriber, event)
            return None

    def _handle_reply(self, on_reply: Callable[[Event], Any], event: Event) -> None:
        try:
            on_reply(event)
        except Exception:
            self.logger.exception("Error calling {0} for reply {1}.".format(on_reply, event))

    def _report(self, subscriber: Subscriber, event: Event) -> None:
        self.logger.exception("Error calling subscriber {0} for event {1}.".format(subscriber, event))

    def _event_from(self, parts: dict[str, Any]) -> Event:
        return Event(**parts)


class _SubscriptionContext:
    """Subscribes while it is open."""

    def __init__(
        self,
        hub: EventHub,
        subscription: str,
        callback: Callable[[Event], Any],
        subscriber: Optional[dict[str, Any]],
        priority: int,
    ) -> None:
        self._hub = hub
        self._arguments = (subscription, callback, subscriber, priority)
        self._identifier: Optional[str] = None

    def __enter__(self) -> None:
        self._identifier = self._hub.subscribe(*self._arguments)

    def __exit__(self, *_exception: Any) -> None:
        if self._identifier is not None:
            self._hub.unsubscribe(self._identifier)


def _mapping(value: Optional[Mapping[str, str]]) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, collections.abc.Mapping):
        raise TypeError("Expected mapping, got {0!r}.".format(value))
    return dict(value)
