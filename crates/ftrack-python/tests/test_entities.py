"""Entities as Python sees them."""

from __future__ import annotations

import copy
import datetime
import gc
import json
import pickle
import uuid

import arrow
import pytest

import ftrack_rust as ftrack_api


def test_there_is_one_object_for_an_entity(session):
    project = session.query("Project").first()
    child = project["children"][0]
    assert child["parent"] is project
    assert session.get("Project", project["id"]) is project
    assert session.query('Project where id is "{0}"'.format(project["id"])).one() is project


def test_an_object_goes_when_nobody_holds_it_and_its_values_stay(session):
    project = session.query("select name, start_date from Project").first()
    identifier, name = project["id"], project["name"]
    del project
    gc.collect()
    assert not [entity for entity in session._objects() if entity.entity_type == "Project"]
    with session.auto_populating(False):
        assert session.get("Project", identifier)["name"] == name


def test_an_object_with_something_of_its_own_stays(session):
    project = session.query("Project").first()
    project.remark = "mine"
    identifier = project["id"]
    del project
    gc.collect()
    assert session.get("Project", identifier).remark == "mine"


def test_classes_are_those_of_the_session(session):
    project = session.query("Project").first()
    kind = session.types["Project"]
    assert isinstance(project, kind) and isinstance(project, ftrack_api.entity.base.Entity)
    assert not isinstance(project, session.types["Task"])
    assert kind.entity_type == "Project" and kind.primary_key_attributes == ["id"]
    assert repr(kind) == "<dynamic ftrack class 'Project'>"
    assert repr(project) == "<dynamic ftrack Project object {0}>".format(id(project))
    assert str(project) == "<Project({0})>".format(project["id"])


def test_entities_are_mappings(session):
    user = session.query("User").first()
    assert "username" in user and "no_such" not in user and 7 not in user
    assert list(user) == list(user.keys()) == session.types["User"].attributes.keys()
    assert len(user) == len(list(user))
    assert user.get("no_such", "default") == "default"
    assert dict(user.items())["username"] == user["username"]
    assert user["username"] in user.values()
    with pytest.raises(KeyError):
        user["no_such"]
    with pytest.raises(KeyError):
        user["no_such"] = 1


def test_equality_and_hash_are_those_of_the_identity(start):
    one, other = start(), start()
    first, second = one.query("Project").first(), other.query("Project").first()
    assert first == second and first is not second and hash(first) == hash(second)
    assert {first: 1}[second] == 1
    assert first != one.query("Project").all()[1] and first != "Project" and not first == None  # noqa: E711


def test_values_have_the_types_of_the_original(session, new_task):
    task = new_task("typed", bid=3.5)
    assert isinstance(task["name"], str)
    assert task["bid"] == 3.5 and isinstance(task["bid"], float)
    assert isinstance(task["sort"], (float, int, type(None)))
    project = session.query('Project where name is "last_lantern"').one()
    assert isinstance(project["start_date"], arrow.Arrow)
    assert project["start_date"] is project["start_date"]
    assert project["start_date"].utcoffset() == datetime.timedelta(0)
    assert isinstance(project["is_global"], bool)
    assert task["link"][-1]["name"] == "typed" and isinstance(task["link"], list)


@pytest.mark.parametrize(
    "value",
    [
        datetime.datetime(2026, 3, 1, 9, 30),
        datetime.datetime(2026, 3, 1, 9, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
        arrow.get("2026-03-01T09:30:00+02:00"),
        datetime.date(2026, 3, 1),
    ],
)
def test_times_come_back_as_they_were_set_until_they_are_committed(session, new_task, value):
    task = new_task("timed_{0}".format(uuid.uuid4().hex))
    task["start_date"] = value
    assert task["start_date"] is value
    session.commit()
    assert isinstance(task["start_date"], arrow.Arrow)
    assert task["start_date"] == arrow.get(value)


def test_equal_times_are_one_object_and_others_never_take_its_place(session, new_task):
    moment = "2026-03-01T09:{0:02d}:{1:02d}".format
    tasks = [new_task("shared_{0}".format(uuid.uuid4().hex)) for _ in range(2)]
    for task in tasks:
        task["start_date"], task["end_date"] = moment(1, 0), moment(1, 0) + "+02:00"
    session.commit()
    ids = [task["id"] for task in tasks]

    def loaded():
        session.reset()
        return [session.get("Task", id) for id in ids]

    first, second = loaded()
    start = first["start_date"]
    assert second["start_date"] is start and start == arrow.get(moment(1, 0))
    assert first["end_date"] == arrow.get(moment(1, 0) + "+02:00") and first["end_date"] is second["end_date"]
    # More than are kept.
    for number in range(1500):
        text = moment(number // 60, number % 60)
        assert session.decode(json.dumps({"__type__": "datetime", "value": text})) == arrow.get(text)
    first, second = loaded()
    assert first["start_date"] == start == second["start_date"] and str(start).startswith(moment(1, 0))


def test_what_json_cannot_carry_is_refused_at_once(session, new_task):
    task = new_task("refused")
    for value in (float("nan"), float("inf"), 10**30, {1, 2}, object()):
        with pytest.raises((ValueError, TypeError)):
            task["bid"] = value
    assert ftrack_api.inspection.state(task) is ftrack_api.symbol.NOT_SET


def test_values_that_are_not_known_are_not_set(session):
    user = session.query("select id from User").first()
    with session.auto_populating(False):
        assert user["username"] is ftrack_api.symbol.NOT_SET
        assert not user["username"]
        assert len(user["notes"] if "notes" in user else []) == 0
    assert user["username"]


def test_del_takes_back_what_was_set(session):
    user = session.query('User where username is "jane"').one()
    user["email"] = "other@studio.example"
    assert user.session is session
    del user["email"]
    assert user["email"] == "jane@studio.example"


def test_clear_takes_back_everything(session):
    user = session.query('User where username is "jane"').one()
    user["email"], user["first_name"] = "other@studio.example", "Other"
    user.clear()
    assert (user["email"], user["first_name"]) == ("jane@studio.example", "Jane")


def test_attributes_say_what_is_local_and_what_is_remote(session):
    user = session.query('select email, username from User where username is "jane"').one()
    attribute = session.types["User"].attributes.get("email")
    assert isinstance(attribute, ftrack_api.attribute.ScalarAttribute) and attribute.data_type == "string"
    assert attribute.is_set(user) and not attribute.is_modified(user)
    user["email"] = "other@studio.example"
    assert attribute.get_local_value(user) == "other@studio.example"
    assert attribute.get_remote_value(user) == "jane@studio.example"
    assert attribute.is_modified(user) and attribute.mutable and not attribute.computed
    assert isinstance(session.types["Task"].attributes.get("parent"), ftrack_api.attribute.ReferenceAttribute)
    assert isinstance(session.types["Task"].attributes.get("children"), ftrack_api.attribute.CollectionAttribute)


def test_states_follow_what_is_done(session, new_task):
    state, symbol = ftrack_api.inspection.state, ftrack_api.symbol
    task = new_task("states")
    assert state(task) is symbol.NOT_SET
    task["bid"] = 2
    created = session.create("Task", {"name": "created", "parent": task["parent"]})
    assert state(task) is symbol.MODIFIED and state(created) is symbol.CREATED
    assert session.modified == [task] and session.created == [created]
    session.delete(task)
    assert state(task) is symbol.DELETED and session.deleted == [task]
    assert ftrack_api.inspection.states([task, created]) == [symbol.DELETED, symbol.CREATED]
    assert ftrack_api.inspection.identity(task) == ("Task", [task["id"]])
    assert ftrack_api.inspection.primary_key(task) == {"id": task["id"]}


def test_entities_cannot_be_pickled_and_say_how_else(session):
    user = session.query("User").first()
    with pytest.raises(TypeError, match="Session.encode"):
        pickle.dumps(user)
    assert copy.copy(user) is user
    symbol = ftrack_api.symbol.NOT_SET
    assert pickle.loads(pickle.dumps(symbol)) is symbol is copy.deepcopy(symbol)


def test_keys_and_defaults_are_made(session):
    task = session.create("Task", {"name": "made"})
    assert uuid.UUID(task["id"])
    assert task["bid"] == 0 or task["bid"] is ftrack_api.symbol.NOT_SET
    session.rollback()
    assert session.created == []


def test_immutable_attributes_are_refused_with_the_documented_text(session):
    user = session.query("User").first()
    with pytest.raises(ftrack_api.exception.ImmutableAttributeError) as raised:
        user["id"] = "other"
    assert str(raised.value) == "Cannot modify value of immutable 'id' attribute."


def test_merge_reports_changes(start):
    one, other = start(), start()
    mine = one.query('select id, username from User where username is "jane"').one()
    theirs = other.query('select email from User where username is "jane"').one()
    changes = mine.merge(theirs)
    assert {"type": "remote_attribute", "name": "email"}.items() <= changes[0].items()
    with one.auto_populating(False):
        assert mine["email"] == "jane@studio.example"
    assert one.merge(theirs) is mine


def test_text_that_says_a_number_is_one_where_a_number_belongs(session, new_task):
    task = new_task("numbers_as_text", bid="3.5")
    assert task["bid"] == 3.5
    task["bid"] = "7"
    session.commit()
    session.reset()
    task = session.get("Task", task["id"])
    assert task["bid"] == 7
    with pytest.raises(ftrack_api.exception.WrongTypeError):
        task["bid"] = "many"
    assert not session.recorded_operations
