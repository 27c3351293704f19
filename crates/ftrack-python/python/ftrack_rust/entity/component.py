"""Components and thumbnails."""

from __future__ import annotations

from .. import symbol
from . import base

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Optional


class Component(base.Entity):
    """A component: a file, a sequence of files, or a container of components."""

    def get_availability(self, locations: Optional[Iterable[Any]] = None) -> dict[str, float]:
        """Return how much of the component is in *locations*, by default in all: percentages by location id."""
        return self.session.get_component_availability(self, locations=locations)


class CreateThumbnailMixin:
    """Adds thumbnails to an entity class."""

    def create_thumbnail(self: Any, path: str, data: Optional[dict[str, Any]] = None) -> Any:
        """Make the picture at *path* the thumbnail, and return its component.

        The component is made with *data*; its name is ``thumbnail`` if *data* has none. The picture goes to the
        server, and the session is committed.
        """
        session = self.session
        data = dict(data or {})
        data["name"] = data.get("name") or "thumbnail"
        thumbnail = session.create_component(path, data, location=None)
        origin = session.get("Location", symbol.ORIGIN_LOCATION_ID)
        server = session.get("Location", symbol.SERVER_LOCATION_ID)
        server.add_component(thumbnail, [origin])
        self["thumbnail_id"] = thumbnail["id"]
        session.commit()
        return thumbnail
