"""A program as a type checker sees it: `mypy --strict` has nothing to say of it."""

from __future__ import annotations

from typing import Any, Optional

import ftrack_rust as ftrack_api
from ftrack_rust.accessor.disk import DiskAccessor
from ftrack_rust.cache import FileCache, SerialisedCache
from ftrack_rust.entity.base import Entity
from ftrack_rust.entity.location import Location
from ftrack_rust.event.base import Event
from ftrack_rust.event.hub import EventHub
from ftrack_rust.exception import NoResultFoundError, ServerError
from ftrack_rust.files import CancellationToken, SyncProgress, UploadControl
from ftrack_rust.follow import DeadLetters, Followed
from ftrack_rust.query import QueryResult
from ftrack_rust.structure.standard import StandardStructure


def make_cache(session: ftrack_api.Session) -> SerialisedCache:
    """A cache, as sessions take it."""
    return SerialisedCache(FileCache("/tmp/cache"), encode=session.encode, decode=session.decode)


def read(session: ftrack_api.Session) -> dict[str, list[Any]]:
    """Queries and their results."""
    results: QueryResult = session.query("Task", page_size=100)
    first: Optional[Any] = results.first()
    entity: Entity = results[0]
    several: list[Entity] = results[1:3]
    names: list[str] = [task["name"] for task in results]
    length: int = len(results) + len(several) + len(names)
    assert first is None or length and entity["name"]
    return results.columns()


def write(session: ftrack_api.Session) -> None:
    """Changes."""
    task = session.create("Task", {"name": "typed"})
    task["bid"] = 3
    with session.auto_populating(False), session.operation_recording(True):
        session.populate(task, "name, bid")
    try:
        session.commit()
    except ServerError as error:
        print(error.message, error.details, error.is_retryable)
        session.rollback()
    with session.begin() as unit:
        unit.attach(task)["bid"] = 4


def listen(hub: EventHub) -> None:
    """Events."""

    def handle(event: Event) -> Optional[dict[str, Any]]:
        return {"topic": event["topic"]}

    identifier: str = hub.subscribe("topic=ftrack.update", handle, priority=10)
    hub.publish(Event("studio.hello", data={"a": 1}), on_reply=lambda reply: print(reply["data"]))
    hub.wait(duration=1.5)
    hub.unsubscribe(identifier)


class Kept:
    """Where a listener keeps its position, as sessions take it."""

    def __init__(self) -> None:
        self.text: Optional[str] = None

    def load(self) -> Optional[str]:
        """The position, if there is one."""
        return self.text

    def store(self, position: str) -> None:
        """Keep it."""
        self.text = position


def follow(session: ftrack_api.Session) -> int:
    """Listeners."""
    listener = session.follow("topic=ftrack.update", position_store=Kept(), dead_letters=DeadLetters("/tmp/letters"))
    for followed in listener:
        entity = followed.entity
        if entity is not None and followed.is_caught_up:
            print(entity["action"], followed.attempt + 1, followed.event["topic"])
        listener.stop()

    def handle(followed: Followed) -> None:
        print(followed.origin.upper())

    word: str = session.follow("topic=ftrack.update", position_file="/tmp/position", start_at="oldest").run(handle)
    return len(DeadLetters("/tmp/letters")) + len(word)


def repair(session: ftrack_api.Session, archive: Location, london: Location) -> bool:
    """Many files."""
    token = CancellationToken()

    def tell(progress: SyncProgress) -> None:
        print(progress.files + progress.bytes)

    report = archive.sync_from(london, project="bunny", progress=tell, cancellation=token)
    missing: list[str] = [file.resource_identifier for file in archive.verify().missing]
    plate = session.get("Component", "id")
    control = UploadControl()
    london.add_component(plate, archive, upload_control=control)
    control.pause()
    seconds: float = control.status.remaining or 0.0
    mended = session.mend_component(plate, "/render/plate.%04d.exr [1-2]", london)
    session.drop_frames(plate, [2], forget=True)
    path: str = session.download(plate, "/tmp/plates", location=session.ensure_location("london")).path
    return report.is_complete and seconds > 0 and bool(missing or mended.added or path)


def place(session: ftrack_api.Session) -> str:
    """Locations."""
    try:
        location = session.query('Location where name is "studio"').one()
    except NoResultFoundError:
        return ""
    location.accessor = DiskAccessor("/mnt/projects")
    location.structure = StandardStructure()
    component = session.create_component("/tmp/a.exr", {"name": "main"}, location=location)
    path: str = location.get_filesystem_path(component)
    return path
