"""Locations: where the files of components are."""

from __future__ import annotations

import collections.abc
from typing import Any, Callable, Iterable, Optional, Sequence

from .. import _engine
from .. import _engine_locations as engine_locations
from .. import exception, symbol
from ..files import (
    CancellationToken,
    LeftOver,
    Progress,
    RegisteredFile,
    SyncFailure,
    SyncItem,
    SyncProgress,
    SyncReport,
    UploadControl,
    Verification,
    _told,
)
from . import base

#: The methods that tell what kind a location is, and all others that the engine does without.
_ADDS = ("_add_data", "_remove_data")
_REGISTERS = (
    "_register_component_in_location",
    "_register_components_in_location",
    "_deregister_component_in_location",
    "_get_resource_identifiers",
)
_OTHERS = ("_present", "_encoded", "_publish", "_all_of")


class Location(base.Entity):
    """A place where files are.

    What is the same for everybody is on the server. How this program gets there is set on the object, usually by a
    plugin: *accessor* reaches the files, *structure* says where in the location they go,
    *resource_identifier_transformer* changes identifiers on their way to the server and back, and *priority* orders
    the locations that are picked automatically, the lowest number first.
    """

    accessor: Any = symbol.NOT_SET
    structure: Any = symbol.NOT_SET
    resource_identifier_transformer: Any = symbol.NOT_SET
    priority: float = 95

    def __str__(self) -> str:
        text = super().__str__()
        with self.session.auto_populating(False):
            name = self["name"]
        if name is not symbol.NOT_SET:
            text = text.replace("(", '("{0}", '.format(name), 1)
        return text

    def _kind(self) -> Optional[str]:
        """Return what the engine calls a location of this class, or None if it knows none like it."""
        cls = type(self)

        def like(other: type, *names: str) -> bool:
            return all(getattr(cls, name, None) is getattr(other, name) for name in names)

        if not like(Location, *_OTHERS):
            return None
        unmanaged = like(UnmanagedLocationMixin, *_ADDS)
        memory = like(MemoryLocationMixin, *_REGISTERS)
        if not (unmanaged or like(Location, *_ADDS)) or not (memory or like(Location, *_REGISTERS)):
            return None
        if like(OriginLocationMixin, "_get_context"):
            return "origin" if unmanaged and memory else None
        if not like(Location, "_get_context") or (unmanaged and memory):
            return None
        if unmanaged:
            return "unmanaged"
        if memory:
            return "memory"
        return "server" if isinstance(self, ServerLocationMixin) else "managed"

    def add_component(
        self,
        component: Any,
        source: Any,
        recursive: bool = True,
        *,
        replace: bool = False,
        progress: Optional[Callable[[Progress], Any]] = None,
        cancellation: Optional[CancellationToken] = None,
        upload_control: Optional[UploadControl] = None,
    ) -> None:
        """Add *component*, whose files are in the location *source*. See :meth:`add_components`."""
        options: dict[str, Any] = {
            "replace": replace,
            "progress": progress,
            "cancellation": cancellation,
            "upload_control": upload_control,
        }
        # Classes that change how a location adds need not know of them.
        options = {name: value for name, value in options.items() if value}
        self.add_components([component], sources=source, recursive=recursive, **options)

    def add_components(
        self,
        components: Sequence[Any],
        sources: Any,
        recursive: bool = True,
        _depth: int = 0,
        *,
        replace: bool = False,
        progress: Optional[Callable[[Progress], Any]] = None,
        cancellation: Optional[CancellationToken] = None,
        upload_control: Optional[UploadControl] = None,
    ) -> None:
        """Add *components*, whose files are in *sources*: one location, or one for each component.

        Files are copied first, with those of the members of containers if *recursive*; then the components are
        registered, which commits the session. Either all of them are there then, or none: what was copied is removed
        if anything fails. (Where a class changes how a location adds, its components are added one after the other,
        and stay.)

        Beyond the original: if *replace*, files that are there already are replaced, those of other components never;
        the old ones come back if anything fails. *progress* is called with :class:`~ftrack_rust.files.Progress`, and
        *cancellation* ends the copying, which raises :exc:`~ftrack_rust.exception.CancelledError`. *upload_control*, an
        :class:`~ftrack_rust.files.UploadControl`, pauses what is sent to the server, and lets it go on. Where a class
        changes how a location adds there is none of that, and *replace* raises
        :exc:`~ftrack_rust.exception.LocationError`.

        Raises :exc:`~ftrack_rust.exception.ComponentInLocationError` if a component is there already; nothing is done
        then. Raises :exc:`~ftrack_rust.exception.LocationError` if something cannot be copied or registered, for
        example because there is a file already; its detail ``transferred`` names what was copied and is left over.
        Raises :exc:`ValueError` if there are neither one source nor one for each component.
        """
        if isinstance(sources, str) or not isinstance(sources, collections.abc.Sequence):
            sources = [sources]
        if len(sources) not in (1, len(components)):
            raise ValueError(
                "sources must be either a single source or a sequence of sources with indexes corresponding to "
                "passed components."
            )
        if not self.structure:
            raise exception.LocationError(
                "No structure defined for location {location}.", details={"location": self}
            )
        if not components:
            return
        told = _told(progress, Progress)
        if engine_locations.add(self, components, sources, recursive, replace, told, cancellation, upload_control):
            return
        if replace:
            engine_locations.prepare(self)
        present = self._present(components)
        if present:
            raise exception.ComponentInLocationError(present, self)
        indent = "    " * (_depth + 1)
        transferred: list[Any] = []
        for index, component in enumerate(components):
            source = sources[0] if len(sources) == 1 else sources[index]
            try:
                if recursive and _has_members(component):
                    self.add_components(component["members"], source, recursive=recursive, _depth=_depth + 1)
                context = self._get_context(component, source)
                identifier = self.structure.get_resource_identifier(component, context)
                self._add_data(component, identifier, source)
            except Exception as error:
                raise exception.LocationError(
                    "Failed to transfer component {component} data to location {location} due to error:\n"
                    "{indent}{error}\n{indent}Transferred component data that may require cleanup: {transferred}",
                    details=dict(
                        indent=indent, component=component, location=self, error=error, transferred=transferred
                    ),
                ) from error
            transferred.append((component, identifier))
        try:
            self._register_components_in_location(
                [component for component, _ in transferred],
                [self._encoded(identifier, component) for component, identifier in transferred],
            )
        except Exception as error:
            raise exception.LocationError(
                "Failed to register components with location {location} due to error:\n{indent}{error}\n"
                "{indent}Transferred component data that may require cleanup: {transferred}",
                details=dict(indent=indent, location=self, error=error, transferred=transferred),
            ) from error
        for component, _ in transferred:
            self._publish(symbol.COMPONENT_ADDED_TO_LOCATION_TOPIC, component)

    def _present(self, components: Iterable[Any]) -> list[Any]:
        listed = list(components)
        try:
            self.get_resource_identifiers(listed)
        except exception.ComponentNotInLocationError as error:
            missing = {component["id"] for component in error.details["components"]}
            return [component for component in listed if component["id"] not in missing]
        return listed

    def _encoded(self, identifier: str, component: Any) -> str:
        transformer = self.resource_identifier_transformer
        if not transformer:
            return identifier
        encoded: str = transformer.encode(identifier, context={"component": component})
        return encoded

    def _publish(self, topic: str, component: Any) -> None:
        from ..event.base import Event

        self.session.event_hub.publish(
            Event(topic=topic, data=dict(component_id=component._key()[0], location_id=self._key()[0])),
            on_error="ignore",
        )

    def _get_context(self, component: Any, source: Any) -> dict[str, Any]:
        """Return what the structure is told of *component* beside itself."""
        if not source:
            return {}
        try:
            return {"source_resource_identifier": source.get_resource_identifier(component)}
        except exception.ComponentNotInLocationError:
            return {}

    def _add_data(self, component: Any, resource_identifier: str, source: Any) -> None:
        """Copy the file of *component* from *source* to *resource_identifier*."""
        if not source.accessor:
            raise exception.LocationError(
                "No accessor defined for source location {location}.", details={"location": source}
            )
        if not self.accessor:
            raise exception.LocationError(
                "No accessor defined for target location {location}.", details={"location": self}
            )
        if _has_members(component):
            if component.entity_type != "SequenceComponent":
                self.accessor.make_container(resource_identifier)
            return
        try:
            container = self.accessor.get_container(resource_identifier)
        except exception.AccessorParentResourceNotFoundError:
            pass
        else:
            self.accessor.make_container(container)
        if self.accessor.exists(resource_identifier):
            raise exception.LocationError(
                "Cannot add component as data already exists and overwriting could result in data loss. Computed "
                "target resource identifier was: {0}".format(resource_identifier)
            )
        from ..accessor._transfer import copy

        identifier = source.get_resource_identifier(component)
        copy(source.accessor, identifier, self.accessor, resource_identifier, component)

    def _register_component_in_location(self, component: Any, resource_identifier: str) -> None:
        """Register *component* under *resource_identifier*."""
        self._register_components_in_location([component], [resource_identifier])

    def _register_components_in_location(
        self, components: Sequence[Any], resource_identifiers: Sequence[str]
    ) -> None:
        """Register *components* under *resource_identifiers*, and commit."""
        for component, resource_identifier in zip(components, resource_identifiers):
            data = dict(component=component, location=self, resource_identifier=resource_identifier)
            self.session.create("ComponentLocation", data)
        self.session.commit()

    def sync_from(
        self,
        source: "Location",
        *,
        project: Optional[str] = None,
        components: Optional[Iterable[Any]] = None,
        checksum: bool = False,
        dry_run: bool = False,
        parallel: Optional[int] = None,
        progress: Optional[Callable[[SyncProgress], Any]] = None,
        cancellation: Optional[CancellationToken] = None,
    ) -> SyncReport:
        """Bring here what the location *source* has: components that are not registered here, and files that are missing
        here, or have another size than is registered or, if *checksum*, another content than in *source*.

        Only what was published in *project*, a name or an id, and only *components* with their members, if they are
        given. If *dry_run* it is only said what would be brought. *parallel* files are copied at once. *progress* is
        called with :class:`~ftrack_rust.files.SyncProgress`.

        It works in batches, and what is here already is not copied again: a call that was broken off is resumed by
        calling it again. What cannot be brought is told in the report. Nothing that is recorded is committed.

        Raises :exc:`ValueError` if nothing can be brought between two such locations,
        :exc:`~ftrack_rust.exception.NotFoundError` if there is no such project,
        :exc:`~ftrack_rust.exception.LocationError` if one of them has no accessor or this one no structure, and
        :exc:`~ftrack_rust.exception.CancelledError` if *cancellation* was cancelled: what was brought stays.
        """
        engine_locations.prepare(self)
        engine_locations.prepare(source, reads=True)
        if parallel is None and not engine_locations.is_quick(self, source):
            parallel = 1
        report = _engine.sync_location(
            self.session,
            self,
            source,
            {
                "project": project,
                "components": None if components is None else list(components),
                "checksum": checksum,
                "dry_run": dry_run,
                "parallel": parallel,
                "progress": _told(progress, SyncProgress),
                "cancellation": cancellation,
            },
        )
        report["wanted"] = [SyncItem(*item) for item in report["wanted"]]
        report["failed"] = [SyncFailure(SyncItem(*item), error) for item, error in report["failed"]]
        return SyncReport(**report)

    def verify(self) -> Verification:
        """Look for every file that is registered here, and for files that nobody has registered. Nothing is changed.

        To mend what is missing, bring it from another location by :meth:`sync_from`, add it again with *replace*, or take
        back its registration by :meth:`remove_components` with *forget*. Raises :exc:`ValueError` for locations that keep
        in memory what they have, and :exc:`~ftrack_rust.exception.LocationError` if this one has no accessor.
        """
        engine_locations.prepare(self, reads=True)
        found = _engine.verify_location(self.session, self)
        for name, kind in (("missing", RegisteredFile), ("differing", RegisteredFile), ("left_over", LeftOver)):
            found[name] = [kind(*row) for row in found[name]]
        return Verification(**found)

    def remove_component(self, component: Any, recursive: bool = True, *, forget: bool = False) -> None:
        """Remove *component* and its file, which commits the session. See :meth:`remove_components`."""
        self.remove_components([component], recursive=recursive, **_if_wanted(forget))

    def remove_components(
        self, components: Iterable[Any], recursive: bool = True, *, forget: bool = False
    ) -> None:
        """Remove *components* and their files, with members if *recursive*, which commits the session.

        Beyond the original: if *forget*, only the registrations are taken back, for files that are not there any more, or
        that somebody else takes over.

        Raises :exc:`~ftrack_rust.exception.ComponentNotInLocationError` if one is not there; nothing is removed then.
        Raises what the accessor raises if a file cannot be removed; what was removed before is not registered any
        more.
        """
        components = list(components)
        if not components or engine_locations.remove(self, components, recursive, forget):
            return
        for component in components:
            self.get_resource_identifier(component)
            if recursive and _has_members(component):
                self.remove_components(component["members"], recursive=recursive, **_if_wanted(forget))
            if not forget:
                self._remove_data(component)
            self._deregister_component_in_location(component)
            self._publish(symbol.COMPONENT_REMOVED_FROM_LOCATION_TOPIC, component)

    def _remove_data(self, component: Any) -> None:
        """Remove the file of *component*."""
        if not self.accessor:
            raise exception.LocationError("No accessor defined for location {location}.", details={"location": self})
        try:
            self.accessor.remove(self.get_resource_identifier(component))
        except exception.AccessorResourceNotFoundError:
            # What stands for a sequence is not a file of its own.
            if component.entity_type != "SequenceComponent":
                raise

    def _deregister_component_in_location(self, component: Any) -> None:
        """Forget where *component* is, and commit."""
        found = self.session.query(
            "ComponentLocation where component_id is {0} and location_id is {1}".format(
                component._key()[0], self._key()[0]
            )
        )
        self.session.delete(found[0])
        self.session.commit()

    def get_component_availability(self, component: Any) -> float:
        """Return how much of *component* is here, in per cent."""
        return self.get_component_availabilities([component])[0]

    def get_component_availabilities(self, components: Iterable[Any]) -> list[float]:
        """Return how much of each of *components* is here, in per cent."""
        identifier = self["id"]
        availabilities = self.session.get_component_availabilities(components, locations=[self])
        return [availability[identifier] for availability in availabilities]

    def get_resource_identifier(self, component: Any) -> str:
        """Return the resource identifier of *component*; see :meth:`get_resource_identifiers`."""
        return self.get_resource_identifiers([component])[0]

    def get_resource_identifiers(self, components: Iterable[Any]) -> list[str]:
        """Return the resource identifier of each of *components*.

        Raises :exc:`~ftrack_rust.exception.ComponentNotInLocationError` if some are not here.
        """
        listed = list(components)
        found = engine_locations.resource_identifiers(self, listed) if listed else []
        if found is not None:
            return found
        identifiers = self._get_resource_identifiers(listed)
        transformer = self.resource_identifier_transformer
        if not transformer:
            return identifiers
        return [
            transformer.decode(identifier, context={"component": component})
            for identifier, component in zip(identifiers, listed)
        ]

    def _get_resource_identifiers(self, components: Iterable[Any]) -> list[str]:
        by_id = {component._key()[0]: component for component in components}
        found: dict[str, str] = {}
        ids = list(by_id)
        # Queries do not get longer than a server takes.
        for start in range(0, len(ids), 500):
            for row in self.session.query(
                "select component_id, resource_identifier from ComponentLocation where location_id is {0} and "
                "component_id in ({1})".format(self._key()[0], ", ".join(ids[start : start + 500]))
            ):
                found[row["component_id"]] = row["resource_identifier"]
        return self._all_of(by_id, found)

    def _all_of(self, by_id: dict[str, Any], found: dict[str, str]) -> list[str]:
        missing = [component for identifier, component in by_id.items() if found.get(identifier) is None]
        if missing:
            raise exception.ComponentNotInLocationError(missing, self)
        return [found[identifier] for identifier in by_id]

    def get_filesystem_path(self, component: Any) -> str:
        """Return the path of *component*."""
        return self.get_filesystem_paths([component])[0]

    def get_filesystem_paths(self, components: Iterable[Any]) -> list[str]:
        """Return the path of each of *components*."""
        return [
            self.accessor.get_filesystem_path(identifier) for identifier in self.get_resource_identifiers(components)
        ]

    def get_url(self, component: Any) -> str:
        """Return the URL of *component*.

        Raises :exc:`~ftrack_rust.exception.AccessorUnsupportedOperationError` if the accessor has no URLs.
        """
        url: str = self.accessor.get_url(self.get_resource_identifier(component))
        return url


def _has_members(component: Any) -> bool:
    return "members" in component


def _if_wanted(forget: bool) -> dict[str, bool]:
    """Return the option to forget, if it is wanted: classes that change how a location removes need not know of it."""
    return {"forget": True} if forget else {}


class MemoryLocationMixin(base._EntityBase):
    """Makes a location keep in memory where its components are, and tell nobody.

    The engine keeps that, unless a class changes how the location adds its components: then it is kept here.
    """

    @property
    def _registered(self) -> dict[str, str]:
        registered: Optional[dict[str, str]] = self.__dict__.get("_memory")
        if registered is None:
            registered = self.__dict__["_memory"] = {}
        return registered

    def _register_component_in_location(self, component: Any, resource_identifier: str) -> None:
        self._registered[component._key()[0]] = resource_identifier

    def _register_components_in_location(
        self, components: Sequence[Any], resource_identifiers: Sequence[str]
    ) -> None:
        for component, resource_identifier in zip(components, resource_identifiers):
            self._register_component_in_location(component, resource_identifier)

    def _deregister_component_in_location(self, component: Any) -> None:
        self._registered.pop(component._key()[0])

    def _get_resource_identifiers(self: Any, components: Iterable[Any]) -> list[str]:
        by_id = {component._key()[0]: component for component in components}
        identifiers: list[str] = self._all_of(by_id, self._registered)
        return identifiers


class UnmanagedLocationMixin(base._EntityBase):
    """Makes a location leave files alone."""

    def _add_data(self, component: Any, resource_identifier: str, source: Any) -> None:
        """Copy nothing."""

    def _remove_data(self, component: Any) -> None:
        """Remove nothing."""


class OriginLocationMixin(MemoryLocationMixin, UnmanagedLocationMixin):
    """Makes a location of files where they come from: sources are paths."""

    def _get_context(self, component: Any, source: Any) -> dict[str, Any]:
        return {"source_resource_identifier": source} if source else {}


class ServerLocationMixin(base._EntityBase):
    """Adds what only the server's own location can do."""

    def get_thumbnail_url(self: Any, component: Any, size: Optional[int] = None) -> str:
        """Return the URL of a thumbnail of *component*, at most *size* pixels wide and high."""
        url: str = self.accessor.get_thumbnail_url(self.get_resource_identifier(component), size)
        return url
