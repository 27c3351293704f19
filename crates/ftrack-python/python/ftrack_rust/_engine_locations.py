"""Adding components to locations, and removing them, by the engine: all of them, or none.

The engine does it where a location is one of the kinds that it knows. What a program gives a location (accessor,
structure, transformer) may be of Python or the engine's own. Where a class changes a method that the kinds are made of,
such as ``_add_data``, the location does it in Python, component by component.
"""

from __future__ import annotations

from typing import Any, Optional, Sequence

from . import _engine, exception


def kind_of(location: Any) -> Optional[str]:
    """Return what the engine calls a location of this class, or None if it knows none like it."""
    tells = getattr(location, "_kind", None)
    kind: Optional[str] = tells() if callable(tells) else None
    return kind


def add(
    location: Any,
    components: Sequence[Any],
    sources: Sequence[Any],
    recursive: bool,
    replace: bool = False,
    progress: Any = None,
    cancellation: Any = None,
    upload_control: Any = None,
) -> bool:
    """Add *components* to *location*, each from its source, and return True; False if the engine cannot do it.

    Raises what :meth:`Location.add_components <ftrack_rust.entity.location.Location.add_components>` raises.
    """
    kind = kind_of(location)
    if kind == "origin":
        # From where files are: paths.
        if not all(isinstance(source, str) for source in sources):
            return False
    elif kind is None or not all(_configure(source, kind_of(source), reads=True) for source in sources):
        return False
    if not _configure(location, kind):
        return False
    try:
        quick = kind == "origin" or is_quick(location, *sources)
        _engine.add_components(
            components[0].session,
            location,
            list(components),
            list(sources),
            recursive and kind != "origin",
            quick,
            replace,
            progress,
            cancellation,
            upload_control,
        )
    except exception.ComponentInLocationError as error:
        raise exception.ComponentInLocationError(_named(error, components), location) from None
    except exception.LocationError as error:
        raise _explained(error, location, components) from error.__cause__
    return True


def remove(location: Any, components: Sequence[Any], recursive: bool, forget: bool = False) -> bool:
    """Remove *components* from *location*, or only *forget* them, and return True; False if the engine cannot do it."""
    if not _configure(location, kind_of(location), reads=forget):
        return False
    try:
        _engine.remove_components(components[0].session, location, list(components), recursive, forget)
    except exception.ComponentNotInLocationError as error:
        raise exception.ComponentNotInLocationError(_named(error, components), location) from None
    return True


def resource_identifiers(location: Any, components: Sequence[Any]) -> Optional[list[str]]:
    """Return the resource identifiers of *components* in *location*; None if the engine does not know them."""
    kind = kind_of(location)
    if kind is None or not _configure(location, kind, reads=True):
        return None
    try:
        return _engine.resource_identifiers(components[0].session, location, list(components))
    except exception.ComponentNotInLocationError as error:
        raise exception.ComponentNotInLocationError(_named(error, components), location) from None


def is_quick(*locations: Any) -> bool:
    """Return whether the engine may use several files of all of *locations* at once."""
    return all(_is_native(location.accessor) for location in locations)


def prepare(location: Any, reads: bool = False) -> None:
    """Tell the engine what the program has given *location*, for what only the engine can do.

    Raises :exc:`~ftrack_rust.exception.LocationError` if it cannot do it there.
    """
    if _configure(location, kind_of(location), reads):
        return
    if not location.accessor:
        raise exception.LocationError("No accessor defined for location {location}.", details={"location": location})
    raise exception.LocationError(
        "Location {location} has a way of its own to add components, which this call does not know.",
        details={"location": location},
    )


def prepare_all(session: Any) -> None:
    """Tell the engine what the program has given each of its locations."""
    if session._locations_due():
        session._first_location()
    for location in list(session._pinned.values()):
        if location.entity_type == "Location":
            _configure(location, kind_of(location), reads=True)


def _configure(location: Any, kind: Optional[str], reads: bool = False) -> bool:
    """Tell the engine what the program has given *location*, and return whether that is enough for it.

    If it *reads*, what is in the location is only looked for or copied from there: it needs no structure.
    """
    if kind is None:
        return False
    accessor = location.accessor or None
    if accessor is None and not reads and kind not in ("unmanaged", "origin"):
        return False
    structure: Any = location.structure or _engine.NativeStructure.entity_id()
    native = structure._native if _is_native(structure) else structure
    if accessor is not None and _is_native(accessor):
        accessor = accessor._own_native
    try:
        _engine.configure_location(
            location, kind, accessor, native, location.resource_identifier_transformer or None
        )
    except TypeError:
        # What cannot be referred to weakly.
        return False
    return True


def _is_native(item: Any) -> bool:
    """Return whether *item* is the engine's, and no class of somebody else's changes what it does."""
    return bool(type(item).__dict__.get("_is_native", False))


def _named(error: exception.Error, components: Sequence[Any]) -> list[Any]:
    """Return the components whose ids *error* has."""
    wanted = error.details.get("components") or []
    session = components[0].session
    known = {component._key()[0]: component for component in components}
    return [known.get(identifier) or _component(session, identifier) or identifier for identifier in wanted]


def _component(session: Any, identifier: Optional[str]) -> Any:
    """Return the component of this id, which may be a new one that only *session* knows; None if there is none."""
    if identifier is None:
        return None
    for entity_type in ("FileComponent", "SequenceComponent", "ContainerComponent"):
        known = session._known(entity_type, [identifier])
        if known is not None:
            return known
    return session.get("Component", identifier)


def _explained(error: exception.Error, location: Any, components: Sequence[Any]) -> exception.LocationError:
    """Return *error* with the documented text and details."""
    session = location.session
    transferred = [
        (_component(session, left["component"]), left["resource_identifier"])
        for left in error.details.get("transferred") or []
    ]
    cause = error.__cause__ or error
    details = dict(indent="    ", location=location, error=cause, transferred=transferred)
    if error.details.get("step") == "register":
        return exception.LocationError(
            "Failed to register components with location {location} due to error:\n{indent}{error}\n"
            "{indent}Transferred component data that may require cleanup: {transferred}",
            details=details,
        )
    identifier = error.details.get("component")
    known = {component._key()[0]: component for component in components}
    details["component"] = known.get(identifier) or _component(session, identifier)
    return exception.LocationError(
        "Failed to transfer component {component} data to location {location} due to error:\n"
        "{indent}{error}\n{indent}Transferred component data that may require cleanup: {transferred}",
        details=details,
    )
