"""What several threads need at the same time for the first time, all of them get whole."""

from __future__ import annotations

import sys
import threading

import pytest

import ftrack_rust as ftrack_api
from ftrack_rust import _locations, symbol
from ftrack_rust.entity import location as locations

THREADS = 8


@pytest.fixture(autouse=True)
def restless():
    """Have the interpreter change from thread to thread as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def at_once(work):
    """Call *work* in several threads at the same time, and return what they return."""
    barrier, results, errors = threading.Barrier(THREADS), [], []

    def call(number):
        barrier.wait(60)
        try:
            results.append(work(number))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=call, args=(number,), daemon=True) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive(), "a thread waits for another for ever"
    if errors:
        raise errors[0]
    return results


BUILT_IN = {
    symbol.ORIGIN_LOCATION_ID: (locations.OriginLocationMixin, 100),
    symbol.UNMANAGED_LOCATION_ID: (locations.UnmanagedLocationMixin, 90),
    symbol.REVIEW_LOCATION_ID: (locations.UnmanagedLocationMixin, 110),
    symbol.SERVER_LOCATION_ID: (locations.ServerLocationMixin, 150),
}


def check(session, identifier):
    location = session.get("Location", identifier)
    mixin, priority = BUILT_IN[identifier]
    assert isinstance(location, mixin) and isinstance(location, session.types["Location"])
    assert location.accessor and location.structure and location.priority == priority
    return id(location)


@pytest.mark.parametrize("in_units", [False, True])
def test_threads_that_need_the_first_location_at_once_get_configured_ones(start, in_units):
    order = list(BUILT_IN)
    for _ in range(8):
        session = start()

        def need(number):
            mine = session.begin() if in_units else session
            if number % 4 == 0:
                assert mine.pick_location()["id"] == symbol.UNMANAGED_LOCATION_ID
            return frozenset(check(mine, order[(number + turn) % 4]) for turn in range(4))

        seen = at_once(need)
        assert len(set(seen)) == (THREADS if in_units else 1)


def test_entities_of_one_type_have_one_class_in_all_threads(start):
    for _ in range(8):
        session = start()

        def need(number):
            with session.begin() as unit:
                unit.types["Task"]
            task = session.query("Task").first()
            assert isinstance(task, session.types["Task"]) and type(task) is session.types["Task"]
            return type(task)

        assert len(set(at_once(need))) == 1


def test_threads_that_need_the_event_hub_at_once_get_the_same(start):
    for _ in range(8):
        session, heard = start(), []

        def need(number):
            session.event_hub.subscribe("topic=test.race", heard.append)
            return session.event_hub

        (hub,) = set(at_once(need))
        hub.publish(ftrack_api.event.base.Event("test.race"), synchronous=True)
        assert len(heard) == THREADS


def test_no_class_is_locked_while_locations_are_configured(start, monkeypatch):
    session, made = start(), []
    unit, configure = session.begin(), _locations.configure

    def configure_slowly(configured):
        # Whatever other threads need of classes, they get.
        needed = ("Milestone", "Location")
        thread = threading.Thread(
            target=lambda: made.append([unit.types[name] is session.types[name] for name in needed]), daemon=True
        )
        thread.start()
        thread.join(60)
        assert not thread.is_alive(), "a class is locked"
        configure(configured)

    monkeypatch.setattr(_locations, "configure", configure_slowly)
    check(unit, symbol.ORIGIN_LOCATION_ID)
    check(session, symbol.ORIGIN_LOCATION_ID)
    assert made == [[True, True]] * 2


def test_a_failure_to_configure_is_not_the_end(start, monkeypatch):
    session, configure = start(), _locations.configure

    def fail(session):
        raise OSError("the disk is away")

    monkeypatch.setattr(_locations, "configure", fail)
    with pytest.raises(OSError, match="the disk is away"):
        session.get("Location", symbol.ORIGIN_LOCATION_ID)
    monkeypatch.setattr(_locations, "configure", configure)
    check(session, symbol.ORIGIN_LOCATION_ID)


def test_a_reset_configures_anew(start):
    session = start()
    before = check(session, symbol.ORIGIN_LOCATION_ID)
    session.get("Location", symbol.ORIGIN_LOCATION_ID).priority = 7
    session.reset()
    assert check(session, symbol.ORIGIN_LOCATION_ID) and before


def test_plugins_change_classes_that_others_have_needed_already(start, tmp_path):
    (tmp_path / "a.py").write_text("def register(session):\n    session.types['User']\n")
    (tmp_path / "b.py").write_text(
        "import ftrack_rust.entity.base, ftrack_rust.entity.factory\n"
        "class Mine(ftrack_rust.entity.base.Entity):\n"
        "    pass\n"
        "def register(session):\n"
        "    factory = ftrack_rust.entity.factory.StandardFactory()\n"
        "    session.event_hub.subscribe(\n"
        "        'topic=ftrack.api.session.construct-entity-type and data.schema.id=User',\n"
        "        lambda event: factory.create(event['data']['schema'], bases=[Mine]),\n"
        "    )\n"
    )
    session = start(plugin_paths=[str(tmp_path)])
    user = session.query("User").first()
    assert type(user) is session.types["User"] and "Mine" in [base.__name__ for base in type(user).__mro__]
