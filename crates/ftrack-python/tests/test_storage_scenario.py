"""The storage that all machines of a studio mount: the wizard, and what sessions make of its answer."""

from __future__ import annotations

import json

import pytest

import ftrack_rust as ftrack_api
from ftrack_rust import _centralized_storage_scenario as scenario
from ftrack_rust.event.base import Event

from conftest import Server


@pytest.fixture
def own_server():
    """A server of the test's own, whose settings it may change."""
    started = Server()
    yield started
    started.stop()


def session_with(server, **options):
    return ftrack_api.Session(**{"plugin_paths": [], **server.arguments, **options})


def store(server, value):
    """Store *value* as the storage scenario."""
    with session_with(server) as session:
        setting = session.query('Setting where name is "storage_scenario" and group is "STORAGE"').one()
        setting["value"] = json.dumps(value)
        session.commit()


def ask(session, values):
    """The form that comes after one that was filled in with *values*."""
    event = Event("ftrack.storage-scenario.configure", data={"scenario_id": scenario.scenario_name, "values": values})
    (form,) = session.event_hub.publish(event, synchronous=True)
    return form


def fill(form, **entered):
    items = [item for item in form["items"] if "name" in item]
    return {item["name"]: entered.get(item["name"], item["value"]) for item in items}


def mounted_at(path, **changes):
    """A scenario with a storage at *path* on every platform."""
    data = {
        "location_id": "5f0a8b5e-0000-4000-8000-000000000001",
        "location_name": "studio.mounted",
        "accessor": {"mount_points": {"linux": path, "osx": path, "windows": path}},
    }
    return {"scenario": scenario.scenario_name, "data": {**data, **changes}}


def test_the_wizard_makes_a_location_that_new_sessions_have(own_server, tmp_path):
    session = session_with(own_server)
    scenario.register_configuration(session)
    (described,) = session.event_hub.publish(Event("ftrack.storage-scenario.discover"), synchronous=True)
    assert described["id"] == scenario.scenario_name and described["name"]
    form = ask(session, {})
    form = ask(session, fill(form, location_id="create_new_location"))
    form = ask(
        session,
        fill(form, location_name="studio.shared", location_label="Shared", location_description="All of it"),
    )
    form = ask(session, fill(form, linux_mount_point=str(tmp_path), osx_mount_point=str(tmp_path)))
    form = ask(session, fill(form))
    assert not [item for item in form["items"] if "name" in item and item.get("type") != "hidden"]
    session.close()
    later = session_with(own_server)
    location = later.pick_location()
    assert location["name"] == "studio.shared" and location.priority == 1
    assert location.accessor.prefix == str(tmp_path)
    assert type(location.structure) is ftrack_api.structure.standard.StandardStructure
    later.close()


def test_others_than_the_user_of_the_session_get_no_form(own_server):
    session = session_with(own_server)
    scenario.register_configuration(session)
    event = Event(
        "ftrack.storage-scenario.configure",
        data={"scenario_id": scenario.scenario_name, "values": {}},
        source={"user": {"username": "somebody-else"}},
    )
    assert session.event_hub.publish(event, synchronous=True) == []
    session.close()


def test_a_scenario_that_lacks_something_is_logged_and_the_session_starts(own_server, tmp_path, caplog):
    broken = mounted_at(str(tmp_path))
    del broken["data"]["accessor"]
    store(own_server, broken)
    with session_with(own_server) as session:
        assert session.pick_location()["name"] == "ftrack.unmanaged"
    assert "Unable to read storage scenario data" in caplog.text


def test_a_startup_is_told_when_the_storage_is_not_mounted(own_server, tmp_path):
    store(own_server, mounted_at(str(tmp_path / "missing")))
    with session_with(own_server) as session:
        stored = session.server_information["storage_scenario"]
        event = Event("ftrack.connect.verify-startup", data={"storage_scenario": stored})
        (problem,) = session.event_hub.publish(event, synchronous=True)
        assert str(tmp_path / "missing") in problem
        (tmp_path / "missing").mkdir()
        event = Event("ftrack.connect.verify-startup", data={"storage_scenario": stored})
        assert session.event_hub.publish(event, synchronous=True) == [None]
        location = session.get("Location", stored["data"]["location_id"])
        assert location["name"] == "studio.mounted" and location.accessor.prefix == str(tmp_path / "missing")


def test_plugins_may_activate_scenarios_of_their_own(own_server, tmp_path):
    store(own_server, {"scenario": "studio.own", "data": {"priority": 3}})
    (tmp_path / "plugin.py").write_text(
        "def register(session):\n"
        "    def activate(event):\n"
        "        data = event['data']['storage_scenario']['data']\n"
        "        session.query('Location where name is \"ftrack.unmanaged\"').one().priority = data['priority']\n"
        "    session.event_hub.subscribe('topic=ftrack.storage-scenario.activate', activate)\n"
    )
    with session_with(own_server, plugin_paths=[str(tmp_path)]) as session:
        assert session.query('Location where name is "ftrack.unmanaged"').one().priority == 3
