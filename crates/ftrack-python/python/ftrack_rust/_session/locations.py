"""Locations: picking them, making components, finding out where components are, and sending media to be encoded."""

from __future__ import annotations

from .entities import Entities

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from typing import Any, Callable, Iterable, Mapping, Optional, Union

    from ..entity.base import Entity
    from ..files import CancellationToken, Downloaded, Mended, Progress, UploadControl


class Locations(Entities):
    """The part of a session that deals with locations."""

    def _get_locations(self, filter_inaccessible: bool = True) -> list[Any]:
        """Return the locations, those of the lowest number of priority first."""
        locations = list(self.query("Location"))
        if filter_inaccessible:
            locations = [location for location in locations if location.accessor]
        return sorted(locations, key=lambda location: location.priority)

    def pick_location(self, component: Optional[Entity] = None) -> Any:
        """Return the location of the highest priority that can be reached, and that has *component*, if it is given;
        None if there is none."""
        if component:
            return self.pick_locations([component])[0]
        locations = self._get_locations()
        return locations[0] if locations else None

    def pick_locations(self, components: Iterable[Entity]) -> list[Any]:
        """Return for each of *components* the location that :meth:`pick_location` picks."""
        candidates = self._get_locations()
        availabilities = self.get_component_availabilities(components, locations=candidates)
        return [
            next((candidate for candidate in candidates if availability.get(candidate["id"], 0.0) > 0.0), None)
            for availability in availabilities
        ]

    def create_component(
        self,
        path: str,
        data: Optional[Mapping[str, Any]] = None,
        location: Any = "auto",
        *,
        progress: Optional[Callable[[Progress], Any]] = None,
        cancellation: Optional[CancellationToken] = None,
        upload_control: Optional[UploadControl] = None,
    ) -> Any:
        """Make a component from *path*, add it to *location*, and return it.

        *path* is that of a file, or of a sequence such as ``/plates/bunny.%04d.exr [1001-1012]``, in any notation of
        :mod:`ftrack_rust.sequence`, which becomes a component with one for each file. *data* has values of the component. *location* is by default the one that
        :meth:`pick_location` picks; None adds it to none. Adding commits the session, and raises what
        :meth:`Location.add_component <ftrack_rust.entity.location.Location.add_component>` raises; *progress*,
        *cancellation* and *upload_control* are as there.
        """
        from .._components import create

        return create(
            self, path, data, location, progress=progress, cancellation=cancellation, upload_control=upload_control
        )

    def ensure_location(self, name: str) -> Any:
        """Return the location *name*, which is made if the server has none; that is committed by itself."""
        from .._engine import ensure_location

        return ensure_location(self, name)

    def mend_component(
        self,
        component: Entity,
        path: Union[str, os.PathLike[str]],
        location: Any,
        *,
        progress: Optional[Callable[[Progress], Any]] = None,
        cancellation: Optional[CancellationToken] = None,
    ) -> Mended:
        """Publish *component* anew in *location*, where it is: its file is replaced, or frames of its sequence are.

        *path* names a file for a component that is a file, and for a sequence the frames that changed, such as
        ``/render/plate.%04d.exr [1010-1012]`` or ``/render/plate.1010.exr``. Frames that the sequence does not have are
        added to it, all others stay. The sizes that the server knows are those of the new files then. In other locations
        the component stays as it was: :meth:`Location.sync_from <ftrack_rust.entity.location.Location.sync_from>` brings
        them what changed. Nothing that is recorded is committed.

        *progress* and *cancellation* are as for :meth:`Location.add_components
        <ftrack_rust.entity.location.Location.add_components>`, and so are the exceptions;
        :exc:`~ftrack_rust.exception.ComponentNotInLocationError` says that it is not there, :exc:`ValueError` that nothing
        is at *path*, or a file of another type.
        """
        from .._components import mend

        return mend(self, component, path, location, progress, cancellation)

    def drop_frames(self, sequence: Entity, frames: Iterable[int], *, forget: bool = False) -> None:
        """Take *frames* out of *sequence*: their files from every location where they are, unless they are only to
        *forget*, their components, and their part of the size of the sequence.

        Nothing that is recorded is committed. Raises :exc:`ValueError` if *sequence* does not have one of them, or no
        others, and :exc:`~ftrack_rust.exception.LocationError` if one is in a location without an accessor here; nothing
        is done then.
        """
        from .._components import drop_frames

        drop_frames(self, sequence, list(frames), forget)

    def download(
        self,
        component: Entity,
        folder: Union[str, os.PathLike[str]],
        *,
        location: Any = None,
        progress: Optional[Callable[[Progress], Any]] = None,
        cancellation: Optional[CancellationToken] = None,
    ) -> Downloaded:
        """Copy the files of *component* to *folder*, which is made if it is not there, from *location* or the one that
        :meth:`pick_location` picks.

        They are called after the component: ``plate.exr``, ``plate.0001.exr``, or a folder ``plate`` for a container.
        Nothing is replaced, and if anything fails nothing remains. *progress* is called with
        :class:`~ftrack_rust.files.Progress`.

        Raises :exc:`~ftrack_rust.exception.ComponentNotInAnyLocationError` if it is in no location that can be reached,
        :exc:`~ftrack_rust.exception.LocationError` if a file cannot be copied, and
        :exc:`~ftrack_rust.exception.CancelledError` if *cancellation* was cancelled.
        """
        from .._components import download

        return download(self, component, folder, location, progress, cancellation)

    def get_component_availability(
        self, component: Entity, locations: Optional[Iterable[Entity]] = None
    ) -> dict[str, float]:
        """Return how much of *component* is in *locations*, by default in all: percentages by location id."""
        return self.get_component_availabilities([component], locations=locations)[0]

    def get_component_availabilities(
        self, components: Iterable[Entity], locations: Optional[Iterable[Entity]] = None
    ) -> list[dict[str, float]]:
        """Return for each of *components* what :meth:`get_component_availability` returns."""
        from .._components import availabilities

        return availabilities(self, list(components), locations)

    def encode_media(self, media: Any, version_id: Optional[str] = None, keep_original: Any = "auto") -> Any:
        """Have the server make *media* playable in browsers, and return the job.

        *media* is the path of a file, which is sent to the server first, or a component that is there. What comes out
        belongs to the version *version_id*. *keep_original* says whether *media* is kept; by default it is if it is a
        component. Raises :exc:`ValueError` if *media* is anything else.
        """
        if isinstance(media, str):
            from ..symbol import SERVER_LOCATION_ID

            if keep_original == "auto":
                keep_original = False
            data = {"version_id": version_id} if keep_original else None
            server = self.get("Location", SERVER_LOCATION_ID)
            component = self.create_component(path=media, data=data, location=server)
            self.commit()
        elif getattr(media, "entity_type", None) == "FileComponent":
            component = media
            if keep_original == "auto":
                keep_original = True
        else:
            raise ValueError("Unable to encode media of type: {0}".format(type(media)))
        action = {
            "action": "encode_media",
            "component_id": component["id"],
            "version_id": version_id,
            "keep_original": keep_original,
        }
        return self.get("Job", self._act([action], "encode_media")[0]["job_id"])
