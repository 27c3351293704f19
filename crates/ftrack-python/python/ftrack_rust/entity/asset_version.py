"""Versions."""

from __future__ import annotations

from . import base

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional


class AssetVersion(base.Entity):
    """A version of an asset."""

    def create_component(
        self, path: str, data: Optional[dict[str, Any]] = None, location: Any = None, **options: Any
    ) -> Any:
        """Make a component of the version from *path*, and return it.

        *path* is that of a file, or of a sequence such as ``/plates/bunny.%04d.exr [1001-1012]``. The component is
        made with *data* and added to *location*, if there is one, else to none. See :meth:`Session.create_component
        <ftrack_rust.session.Session.create_component>`, also for other *options*.
        """
        data = dict(data or {})
        data.pop("version_id", None)
        data["version"] = self
        return self.session.create_component(path, data=data, location=location, **options)

    def encode_media(self, media: Any, keep_original: Any = "auto") -> Any:
        """Have the server make *media* playable, as media of this version, and return the job.

        See :meth:`Session.encode_media <ftrack_rust.session.Session.encode_media>`.
        """
        return self.session.encode_media(media, version_id=self["id"], keep_original=keep_original)
