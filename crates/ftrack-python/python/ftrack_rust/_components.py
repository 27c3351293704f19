"""Making components, and finding out where they are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Iterable, Mapping, Optional

from . import _engine, exception, files, symbol
from . import _engine_locations as locations

if TYPE_CHECKING:
    from ._session.locations import Locations as Session

#: Components of these names are media for review, and go where those belong.
_REVIEW_NAMES = ("ftrackreview-mp4", "ftrackreview-webm", "ftrackreview-image")


def create(
    session: "Session",
    path: str,
    data: Optional[Mapping[str, Any]],
    location: Any,
    **options: Any,
) -> Any:
    """Make a component; see :meth:`Session.create_component`."""
    values = dict(data or {})
    if isinstance(location, str) and location == "auto":
        if values.get("name") in _REVIEW_NAMES:
            location = session.get("Location", symbol.REVIEW_LOCATION_ID)
        else:
            location = session.pick_location()
    # Classes that change how a location adds need not know of them.
    options = {name: option for name, option in options.items() if option is not None}
    sequence = _sequence(path)
    if sequence is None:
        values.setdefault("size", _size(path))
        values.setdefault("file_type", _file_type(session, path))
        return _make_file(session, path, values, location, options)
    return _make_sequence(session, sequence, values, location, options)


def _sequence(path: str) -> Any:
    """Return the parts of the sequence at a path: the frames that it says, or those that are there."""
    is_stored = path.endswith("]") and "%" in path
    if not is_stored and os.path.exists(path):
        # It is that file, whatever its name.
        return None
    said = _engine.parse_sequence(path)
    if said is not None:
        return said
    try:
        found = _engine.find_sequences(path)
    except OSError:
        # As ever, a component may be made of a file that is not there.
        return None
    return next((one for one in found if not isinstance(one, str)), None)


def _make_sequence(
    session: "Session", sequence: Any, values: dict[str, Any], location: Any, options: dict[str, Any]
) -> Any:
    head, padding, tail, indexes = sequence
    names = ["{0:0{1}d}".format(index, padding) for index in indexes]
    paths = [head + name + tail for name in names]
    size = values.get("size")
    if size is not None:
        sizes = [int(round(size / len(paths)))] * len(paths)
    else:
        sizes = [_size(member) for member in paths]
        size = sum(sizes)
    expression = "%0{0}d".format(padding) if padding else "%d"
    container_path = head + expression + tail
    file_type = _file_type(session, container_path)
    values.setdefault("padding", padding)
    values.setdefault("file_type", file_type)
    values["size"] = size
    container = session.create("SequenceComponent", values)
    members = [
        session.create(
            "FileComponent", {"name": name, "container": container, "size": member_size, "file_type": file_type}
        )
        for name, member_size in zip(names, sizes)
    ]
    container["members"].extend(members)
    origin = session.get("Location", symbol.ORIGIN_LOCATION_ID)
    origin.add_components([container, *members], [container_path, *paths], recursive=False)
    if location:
        location.add_component(container, origin, recursive=True, **options)
    return container


def _make_file(
    session: "Session", path: str, values: dict[str, Any], location: Any, options: dict[str, Any]
) -> Any:
    component = session.create("FileComponent", values)
    origin = session.get("Location", symbol.ORIGIN_LOCATION_ID)
    origin.add_component(component, path, recursive=False)
    if location:
        location.add_component(component, origin, recursive=False, **options)
    return component


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0


def _file_type(session: "Session", path: str) -> str:
    """Return the type of a file: what a plugin says, else its extension."""
    answers = session._publish_own("ftrack.api.session.get-file-type-from-string", file_path=path)
    return str(next((answer for answer in answers if answer), None) or os.path.splitext(path)[1])


def mend(
    session: "Session", component: Any, path: Any, location: Any, progress: Any, cancellation: Any
) -> files.Mended:
    """Publish a component anew; see :meth:`Session.mend_component`."""
    locations.prepare(location)
    quick = locations.is_quick(location)
    told = files._told(progress, files.Progress)
    try:
        replaced, added = _engine.mend_component(
            session, component, os.fspath(path), location, quick, told, cancellation
        )
    except exception.ComponentNotInLocationError:
        raise exception.ComponentNotInLocationError([component], location) from None
    return files.Mended(replaced, added)


def drop_frames(session: "Session", sequence: Any, frames: list[int], forget: bool) -> None:
    """Take frames out of a sequence; see :meth:`Session.drop_frames`."""
    locations.prepare_all(session)
    _engine.drop_frames(session, sequence, frames, forget)


def download(
    session: "Session", component: Any, folder: Any, location: Any, progress: Any, cancellation: Any
) -> files.Downloaded:
    """Copy the files of a component to a folder; see :meth:`Session.download`."""
    if location is None:
        location = session.pick_location(component)
        if location is None:
            raise exception.ComponentNotInAnyLocationError(
                "Component {component} is in no location that can be reached from here.",
                details={"component": component},
            )
    locations.prepare(location, reads=True)
    told = files._told(progress, files.Progress)
    try:
        path, count, size = _engine.download_component(
            session, component, os.fspath(folder), location, locations.is_quick(location), told, cancellation
        )
    except exception.ComponentNotInLocationError:
        raise exception.ComponentNotInLocationError([component], location) from None
    return files.Downloaded(path, location, count, size)


def availabilities(
    session: "Session", components: list[Any], locations: Optional[Iterable[Any]]
) -> list[dict[str, float]]:
    """Find out how much of components is where; see :meth:`Session.get_component_availabilities`."""
    places = [location["id"] for location in (session.query("Location") if locations is None else locations)]
    plain = [component for component in components if "members" not in component]
    containers = [component for component in components if "members" in component]
    if plain:
        session.populate(plain, "component_locations.location_id")
    if containers:
        session.populate(containers, "members, component_locations.location_id")
    # The members of all containers at once.
    members = [member for container in containers for member in container["members"]]
    of_members = {}
    if members:
        found = availabilities(session, members, [{"id": place} for place in places])
        of_members = {member["id"]: part for member, part in zip(members, found)}
    results = []
    for component in components:
        result = dict.fromkeys(places, 0.0)
        inside = list(component["members"]) if "members" in component else []
        if inside:
            for member in inside:
                for place, percentage in of_members[member["id"]].items():
                    result[place] += percentage / len(inside)
        else:
            for entry in component["component_locations"]:
                if entry["location_id"] in result:
                    result[entry["location_id"]] = 100.0
        results.append(
            {place: max(0.0, min(round(percentage, 9), 100.0)) for place, percentage in result.items()}
        )
    return results
