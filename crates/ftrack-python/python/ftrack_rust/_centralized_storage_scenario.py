"""The storage scenario of a studio whose machines all mount one storage, each platform at a path of its own.

Sessions activate it by themselves: the location that the server names is configured. For administrators there is a
wizard, which asks in forms what is to be stored; ftrack's web interface shows them for the user who runs a session with
it::

    session = ftrack_api.Session(auto_connect_event_hub=True)
    ftrack_api._centralized_storage_scenario.register_configuration(session)
    session.event_hub.wait()
"""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING, Any, Optional

from . import _engine, exception
from .event.subscriber import Subscriber

if TYPE_CHECKING:
    from ._session.connection import Connection
    from .event.base import Event
    from .event.hub import EventHub
    from .session import Session

#: What the scenario is called in the settings of the server.
scenario_name = "ftrack.centralized-storage"

_ACTIVATE = "ftrack.storage-scenario.activate"
_VERIFY_STARTUP = "ftrack.connect.verify-startup"


class ConfigureCentralizedStorageScenario:
    """The wizard: answers, for the user of its session, what the scenario is called and one form after the other."""

    def __init__(self) -> None:
        """Make a wizard, to be registered with a session."""
        self.logger = logging.getLogger(__name__ + "." + type(self).__name__)
        self.session: Optional["Session"] = None

    @property
    def storage_scenario(self) -> Optional[dict[str, Any]]:
        """What is stored now: a mapping of ``scenario`` and ``data``; None if nothing is."""
        stored = self._session().query('select value from Setting where name is "storage_scenario" and group is "STORAGE"')
        text = stored.one()["value"]
        try:
            scenario: Optional[dict[str, Any]] = json.loads(text)
        except (TypeError, ValueError):
            return None
        return scenario

    def register(self, session: "Session") -> None:
        """Answer events that *session* gets."""
        self.session = session
        user = session.api_user
        quote = "'" if '"' in user else '"'
        of_user = "source.user.username={0}{1}{0}".format(quote, user)
        session.event_hub.subscribe(
            "topic=ftrack.storage-scenario.discover and {0}".format(of_user), self._describe
        )
        session.event_hub.subscribe(
            'topic=ftrack.storage-scenario.configure and data.scenario_id="{0}" and {1}'.format(scenario_name, of_user),
            self.configure_scenario,
        )

    def configure_scenario(self, event: "Event") -> Any:
        """Return the form that comes after the one that *event* has the ``values`` of: a mapping of ``items`` and
        more. The last one stores the scenario."""
        return _engine.storage_form(self._session(), event["data"].get("values") or {})

    def _describe(self, event: "Event") -> Any:
        return _engine.storage_description()

    def _session(self) -> "Session":
        if self.session is None:
            raise RuntimeError("the wizard is not registered with a session")
        return self.session


class ActivateCentralizedStorageScenario:
    """Configures the location of the storage when a session starts."""

    def __init__(self) -> None:
        """Make what is to be registered with a session."""
        self.logger = logging.getLogger(__name__ + "." + type(self).__name__)
        self.session: Any = None

    def register(self, session: "Connection") -> None:
        """Answer events of this program's own that *session* publishes."""
        self._register(session, session.event_hub)

    def _register(self, session: "Connection", hub: "EventHub") -> None:
        self.session = session
        for topic, callback in ((_ACTIVATE, self.activate), (_VERIFY_STARTUP, self._verify_startup)):
            subscription = 'topic={0} and data.storage_scenario.scenario="{1}"'.format(topic, scenario_name)
            # The engine answers what comes from other programs.
            hub._subscribe_here(Subscriber(subscription, callback, {"id": topic}, 100))

    def activate(self, event: "Event") -> None:
        """Configure the location that ``storage_scenario`` in the data of *event* names.

        Raises :exc:`~ftrack_rust.exception.LocationError` if something is missing there.
        """
        configure(self.session, event["data"]["storage_scenario"])

    def _verify_startup(self, event: "Event") -> Optional[str]:
        """Return what is wrong with the storage on this machine, as text for its user, or None."""
        return _engine.storage_problem(event["data"]["storage_scenario"])


def register(session: "Connection") -> None:
    """Have the scenario activated in *session*, as sessions do by themselves where the server says so."""
    if session.event_hub.get_subscriber_by_identifier(_ACTIVATE) is None:
        ActivateCentralizedStorageScenario().register(session)


def _register_with(session: "Connection", hub: "EventHub") -> None:
    """Have the scenario activated in *session*, whose event hub is going to be *hub*."""
    ActivateCentralizedStorageScenario()._register(session, hub)


def register_configuration(session: "Session") -> None:
    """Have the wizard answer events that *session* gets."""
    ConfigureCentralizedStorageScenario().register(session)


def activate(session: "Session", scenario: dict[str, Any]) -> None:
    """Tell whoever knows *scenario*, that of the server, to activate it in *session*: a plugin, or what is here."""
    if scenario["scenario"] == scenario_name:
        # The hub of the session has what activates it.
        session.event_hub  # noqa: B018
    session._publish_own(_ACTIVATE, storage_scenario=scenario)


def configure(session: "Session", scenario: dict[str, Any]) -> None:
    """Configure the location of the studio's storage as the server describes it."""
    from .accessor.disk import DiskAccessor
    from .structure.standard import StandardStructure

    data = scenario.get("data") or {}
    platform = {"win32": "windows", "cygwin": "windows", "darwin": "osx"}.get(sys.platform, "linux")
    try:
        identifier, name = data["location_id"], data["location_name"]
        prefix = data["accessor"]["mount_points"][platform]
    except (KeyError, TypeError) as error:
        session.logger.error("Unable to read storage scenario data: {0!r}".format(error))
        raise exception.LocationError("Unable to configure location based on scenario.") from error
    location = session.create("Location", dict(name=name, id=identifier), reconstructing=True)
    location.structure = StandardStructure()
    location.accessor = DiskAccessor(prefix=prefix)
    location.priority = 1
    session.logger.info(
        "Storage scenario activated. Configured {0!r} from {1!r}".format(location, scenario)
    )
