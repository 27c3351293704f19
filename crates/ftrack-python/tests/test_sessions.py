"""Sessions: making, asking, changing, ending."""

from __future__ import annotations

import subprocess
import sys

import arrow
import pytest

import ftrack_rust as ftrack_api


def test_a_session_says_what_it_is_connected_to(server, session):
    assert session.server_url == server.arguments["server_url"]
    assert session.api_user == server.arguments["api_user"]
    assert session.api_key == server.arguments["api_key"]
    assert session.server_information["version"] and not session.closed
    session.server_information["version"] = None
    assert session.server_information["version"]
    assert session.api_key not in repr(session)
    session.check_server_compatibility()


def test_arguments_come_from_the_environment(server, monkeypatch):
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    with ftrack_api.Session() as session:
        assert session.query("Project").first()
    assert session.closed


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"server_url": ""}, "FTRACK_SERVER"),
        ({"api_key": ""}, "FTRACK_API_KEY"),
        ({"api_user": ""}, "FTRACK_API_USER"),
        ({"cookies": "a=b"}, "The cookies argument is required to be a mapping."),
        ({"headers": ["a"]}, "The headers argument is required to be a mapping."),
        ({"strict_api": 1}, "The strict_api argument is required to be a boolean."),
    ],
)
def test_arguments_that_cannot_be_used_are_type_errors(start, options, text):
    with pytest.raises(TypeError, match=text):
        start(**options)


def test_wrong_credentials_are_server_errors(start):
    for strict in (False, True):
        with pytest.raises(ftrack_api.exception.ServerError, match="Server reported error"):
            start(api_key="not-the-key", strict_api=strict)


def test_a_server_that_is_not_there_is_a_connection_error(start):
    with pytest.raises(ftrack_api.exception.ServerConnectionError) as raised:
        start(server_url="http://127.0.0.1:9", timeout=5)
    assert isinstance(raised.value, ConnectionError) and "127.0.0.1:9" in str(raised.value)


def test_a_closed_session_raises_connection_closed(session):
    project = session.query("select id from Project").first()
    session.close()
    session.close()
    for work in (lambda: session.query("Project").all(), lambda: project["name"]):
        with pytest.raises(ftrack_api.exception.ConnectionClosedError, match="Connection closed."):
            work()


def test_results_are_sequences(session):
    results = session.query("User")
    assert isinstance(results, ftrack_api.query.QueryResult)
    count = len(results)
    assert count > 2 and results[0] is results.all()[0] and results[-1] is results.all()[-1]
    assert list(results) == results.all() and results[:2] == results.all()[:2]
    assert results.all() is not results.all() and results.index(results[1]) == 1
    with pytest.raises(IndexError):
        results[count]
    limited = session.query("User limit 2 offset 1")
    assert [user["id"] for user in limited] == [user["id"] for user in results[1:3]]


def test_results_come_in_pages(session):
    trace = session.trace()
    results = session.query("User", page_size=2)
    assert results[0] and trace.request_count <= 2
    assert len(results) == len(session.query("User"))
    assert len(list(results)) == len(results)
    assert trace.request_count > 2


def test_one_and_first_are_as_documented(session):
    exception = ftrack_api.exception
    with pytest.raises(exception.NoResultFoundError, match="Expected result, but no result was found."):
        session.query('User where username is "nobody"').one()
    with pytest.raises(exception.MultipleResultsFoundError, match="Expected single result, but received multiple"):
        session.query("User").one()
    assert session.query('User where username is "nobody"').first() is None
    assert session.query("User offset 1").first() is session.query("User")[1]
    for work in (session.query("User limit 1").one, session.query("User limit 1").first):
        with pytest.raises(ValueError, match="Expression already contains a limit clause."):
            work()
    with pytest.raises(ValueError, match="offset clause"):
        session.query("User offset 1").one()


def test_words_of_the_syntax_in_texts_are_texts(session):
    assert session.query('User where username is "limit 1 offset 2"').first() is None


def test_unknown_names_are_told_as_the_original_tells_them(session):
    with pytest.raises(KeyError):
        session.query("NoSuchType")
    with pytest.raises(KeyError):
        session.get("NoSuchType", "id")
    with pytest.raises(ftrack_api.exception.UnrecognisedEntityTypeError) as raised:
        session.create("NoSuchType", {})
    assert str(raised.value) == 'Entity type "NoSuchType" not recognised.'
    with pytest.raises(ftrack_api.exception.ServerError, match="Server reported error"):
        session.query('User where no_such_attribute is "a"').all()
    with pytest.raises(ftrack_api.exception.ServerError):
        session.query("User where where").all()
    with pytest.raises(ValueError, match="Incompatible entity_key"):
        session.get("User", ["a", "b"])


def test_a_commit_that_is_refused_keeps_everything(session):
    session.create("User", {"username": "carla"})
    session.create("User", {"username": "jane"})
    with pytest.raises(ftrack_api.exception.ServerError, match="DuplicateEntryError") as raised:
        session.commit()
    assert raised.value.details["exception"] and len(session.recorded_operations) == 2
    session.rollback()
    assert not session.recorded_operations and session.query('User where username is "carla"').first() is None


def test_operations_are_recorded_as_documented(session):
    operation = ftrack_api.operation
    user = session.create("User", {"username": "olga"})
    user["email"] = "olga@example.com"
    session.delete(user)
    create, update, delete = session.recorded_operations
    assert isinstance(create, operation.CreateEntityOperation) and create.entity_data["username"] == "olga"
    assert isinstance(update, operation.UpdateEntityOperation) and update.attribute_name == "email"
    assert update.new_value == "olga@example.com" and update.entity_key == {"id": user["id"]}
    assert isinstance(delete, operation.DeleteEntityOperation) and delete.entity_type == "User"
    assert isinstance(session.recorded_operations.pop(), operation.DeleteEntityOperation)
    assert len(session.recorded_operations) == 2
    session.recorded_operations.push(delete)
    assert len(session.recorded_operations) == 3
    session.recorded_operations.clear()
    assert not session.recorded_operations and user["email"] == "olga@example.com"
    with pytest.raises(IndexError):
        session.recorded_operations.pop()


def test_what_is_not_recorded_is_not_sent(session, start):
    user = session.query('User where username is "jane"').one()
    with session.operation_recording(False):
        assert session.record_operations is False
        user["email"] = "unrecorded@example.com"
    assert session.record_operations is True and not session.recorded_operations
    session.commit()
    assert start().query('User where username is "jane"').one()["email"] == "jane@studio.example"


def test_auto_population_is_switched_on_each_thread_alone(session):
    import threading

    seen = []
    with session.auto_populating(False):
        with session.auto_populating(True):
            assert session.auto_populate is True
        assert session.auto_populate is False
        thread = threading.Thread(target=lambda: seen.append(session.auto_populate))
        thread.start()
        thread.join()
    assert seen == [True] and session.auto_populate is True


def test_loading_for_siblings_takes_one_request(start):
    session = start()
    tasks = session.query("select id from Task limit 5").all()
    trace = session.trace()
    names = [task["name"] for task in tasks]
    assert len(names) == 5 and trace.request_count == 1
    single = start(fetch_policy="single")
    tasks = single.query("select id from Task limit 5").all()
    trace = single.trace()
    assert [task["name"] for task in tasks] == names and trace.request_count == 5
    deny = start(fetch_policy="deny")
    task = deny.query("select id from Task").first()
    with pytest.raises(ftrack_api.exception.NotLoadedError, match="name"):
        task["name"]
    with pytest.raises(ValueError, match="sideways"):
        start(fetch_policy="sideways")


def test_populate_loads_for_several_at_once(session):
    users = session.query("select id from User").all()
    trace = session.trace()
    session.populate(users, "username, email")
    assert trace.request_count == 1
    with session.auto_populating(False):
        assert all(user["username"] and user["email"] is not ftrack_api.symbol.NOT_SET for user in users)
    session.populate(session.create("User", {"username": "new"}), "email")
    assert trace.request_count == 1


def test_ensure_finds_makes_and_mends(session):
    made = session.ensure("User", {"username": "ensured_here", "email": "a@example.com"}, ["username"])
    assert session.ensure("User", {"username": "ensured_here", "email": "b@example.com"}, ["username"]) is made
    assert made["email"] == "b@example.com" and not session.recorded_operations
    with pytest.raises(ValueError, match="Could not determine any identifying data"):
        session.ensure("User", {})
    with pytest.raises(KeyError):
        session.ensure("User", {"username": "a"}, ["email"])
    with pytest.raises(ftrack_api.exception.MultipleResultsFoundError):
        session.ensure("User", {"is_active": True})


def test_text_in_keys_is_quoted(session):
    assert session.get("User", 'it"s') is None
    assert session.ensure("User", {"username": 'quo"ted'})["username"] == 'quo"ted'


def test_reset_forgets_entities_and_says_so(session):
    resets = []
    session.event_hub.subscribe("topic=ftrack.api.session.reset", resets.append)
    user = session.query("User").first()
    session.reset()
    assert session.query("User").first() is not user
    assert resets[0]["data"]["session"] is session
    assert session.pick_location()["name"] == "ftrack.unmanaged"


def test_encode_and_decode_are_inverse(session):
    task = session.query("select name, bid, parent.name from Task").first()
    for strategy in ("all", "set_only", "persisted_only"):
        decoded = session.decode(session.encode(task, strategy))
        assert decoded == task and decoded is not task and decoded["name"] == task["name"]
    assert session.decode('{"a": [1, {"b": null}]}') == {"a": [1, {"b": None}]}
    moment = arrow.get("2026-03-01T09:30:00+00:00")
    assert session.decode(session.encode({"at": moment}))["at"] == moment
    task["bid"] = 7
    assert session.encode(task, "modified_only") == (
        '{"__entity_type__": "Task", "bid": 7, "id": "%s"}' % task["id"]
    )
    with pytest.raises(ValueError, match="Unsupported entity_attribute_strategy"):
        session.encode(task, "some")
    with pytest.raises(TypeError, match="not JSON serializable"):
        session.encode(object())


def test_call_sends_a_batch(session):
    answers = session.call(
        [
            {"action": "query", "expression": "select username from User limit 1"},
            {"action": "query_server_information"},
        ]
    )
    assert answers[0]["data"][0]["username"] and answers[1]["version"]
    with pytest.raises(ftrack_api.exception.ServerError):
        session.call([{"action": "no_such_action"}])


def test_widget_urls_and_invitations(session):
    user = session.query("User").first()
    assert session.get_widget_url("tasks", entity=user, theme="light").startswith("http")
    session.send_user_invite(user)
    assert user.reset_api_key() if user["username"] != session.api_user else True


#: Modules of the standard library, and beyond it, that take milliseconds to load.
HEAVY = {
    *("arrow", "asyncio", "collections", "dataclasses", "functools", "inspect", "json", "logging", "re"),
    *("threading", "traceback", "typing", "uuid", "weakref"),
}


def modules_of(server, program):
    """The modules that a program loads which has a session."""
    lines = [
        "import sys",
        "before = set(sys.modules)",
        "import ftrack_rust",
        "session = ftrack_rust.Session(plugin_paths=[])",
        program,
        "print(*(set(sys.modules) - before))",
    ]
    done = subprocess.run(
        [sys.executable, "-I", "-c", "\n".join(lines)],
        env=server.environment(), capture_output=True, text=True, check=True,
    )
    return set(done.stdout.split())


def test_starting_loads_nothing_that_it_does_not_need(server):
    loaded = modules_of(server, "")
    assert not loaded & HEAVY
    assert not {name for name in loaded if name.startswith("ftrack_rust.entity")}


def test_reading_loads_nothing_that_it_does_not_need(server):
    program = "assert [task['status']['name'] for task in session.query('select id, name from Task limit 5')]"
    loaded = modules_of(server, program)
    assert "ftrack_rust.entity.base" in loaded
    assert not loaded & HEAVY


def test_the_parts_of_a_session_are_made_once(session):
    for name in ("types", "cache", "cache_key_maker", "logger", "recorded_operations"):
        assert getattr(session, name) is getattr(session, name)
    with pytest.raises(AttributeError, match="'Session' object has no attribute 'no_such_part'"):
        session.no_such_part


def test_locations_are_configured_when_they_are_needed(session, start):
    origin = session.get("Location", ftrack_api.symbol.ORIGIN_LOCATION_ID)
    assert origin.accessor and origin.priority == 100
    session.reset()
    again = session.get("Location", ftrack_api.symbol.ORIGIN_LOCATION_ID)
    assert again is not origin and again.accessor and again.priority == 100
    other = start()
    assert [location["name"] for location in other._get_locations()][0] == "ftrack.unmanaged"


def test_mappings_that_are_not_loaded_are_empty_without_auto_population(session):
    user = session.query("select id from User").first()
    with session.auto_populating(False):
        for name in ("metadata", "custom_attributes"):
            assert dict(user[name]) == {} and len(user[name]) == 0
            with pytest.raises(KeyError):
                user[name]["missing"]
