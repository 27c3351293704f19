"""The locations that every session has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import symbol

if TYPE_CHECKING:
    from .session import Session


def configure(session: "Session") -> None:
    """Configure the built-in locations."""
    from .accessor.disk import DiskAccessor
    from .accessor.server import _ServerAccessor
    from .entity.location import OriginLocationMixin, ServerLocationMixin, UnmanagedLocationMixin
    from .structure.entity_id import EntityIdStructure
    from .structure.origin import OriginStructure

    def built_in(name: str, identifier: str, mixin: Any, accessor: Any, structure: Any, priority: int) -> None:
        location = session.create("Location", dict(name=name, id=identifier), reconstructing=True)
        if not isinstance(location, mixin):
            kind = type(location)
            metaclass: Any = type(kind)
            location.__class__ = metaclass(mixin.__name__.replace("Mixin", ""), (mixin, kind), {})
        location.accessor = accessor
        location.structure = structure
        location.priority = priority

    origin = OriginStructure()
    disk = DiskAccessor(prefix="")
    built_in("ftrack.origin", symbol.ORIGIN_LOCATION_ID, OriginLocationMixin, disk, origin, 100)
    built_in("ftrack.unmanaged", symbol.UNMANAGED_LOCATION_ID, UnmanagedLocationMixin, disk, origin, 90)
    built_in("ftrack.review", symbol.REVIEW_LOCATION_ID, UnmanagedLocationMixin, disk, origin, 110)
    server = _ServerAccessor(session=session)
    built_in("ftrack.server", symbol.SERVER_LOCATION_ID, ServerLocationMixin, server, EntityIdStructure(), 150)


def configure_storage(session: "Session") -> None:
    """Configure the location of the studio's storage, if the server names one and it is of a kind that is known here.
    What is wrong with it goes to the log."""
    scenario = session._server_details.get("storage_scenario") or {}
    if scenario.get("scenario") != "ftrack.centralized-storage":
        return
    from . import _centralized_storage_scenario

    try:
        _centralized_storage_scenario.configure(session, scenario)
    except Exception:
        session.logger.exception("The storage of the studio could not be configured.")


def have_configured(session: "Session") -> None:
    """Ask the subscribers of *session* to configure their locations."""
    scenario = session._server_details.get("storage_scenario") or {}
    if scenario.get("scenario"):
        from . import _centralized_storage_scenario

        _centralized_storage_scenario.activate(session, scenario)
    session._publish_own("ftrack.api.session.configure-location", session=session)
