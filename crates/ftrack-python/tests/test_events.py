"""Events within a program, and through the server."""

from __future__ import annotations

import time

import pytest

import ftrack_rust as ftrack_api
from ftrack_rust.event.base import Event
from ftrack_rust.event.expression import All, Any, Condition, Not, Parser


def wait_until(hub, condition, seconds=30):
    """Handle events until *condition* holds."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        hub.wait(0.1)
    assert condition()


def test_events_are_mappings():
    event = Event("topic", data={"a": 1})
    assert event["topic"] == "topic" and event["data"]["a"] == 1 and len(event) == 7 and event["id"]
    event["target"] = "id=x"
    assert dict(event)["target"] == "id=x" and not event.is_stopped()
    event.stop()
    assert event.is_stopped() and str(event).startswith("<Event {")


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("topic=a", True),
        ("topic=b", False),
        ("topic=a and data.x=1", True),
        ("topic=b or data.x=1", True),
        ("not topic=b", True),
        ("data.y=1", False),
        ("topic=* and data.x>=1 and data.x<2", True),
        ('data.name="hello wor*"', True),
        ("data.x!=1", False),
        ("(topic=a or topic=b) and not data.x=2", True),
    ],
)
def test_expressions_match_as_they_say(text, matches):
    candidate = {"topic": "a", "data": {"x": 1, "name": "hello world"}}
    assert Parser().parse(text).match(candidate) is matches


def test_expressions_are_the_documented_classes():
    parsed = Parser().parse("topic=a and not x>1 or y=2")
    assert isinstance(parsed, Any) and isinstance(parsed._expressions[0], All)
    assert str(parsed) == "<Any [<All [<Condition topic=a> <Not <Condition x>1>>]> <Condition y=2>]>"
    assert isinstance(Not(Condition("a", None, "b")), ftrack_api.event.expression.Expression)
    with pytest.raises(ftrack_api.exception.ParseError):
        Parser().parse("topic=")


def test_synchronous_events_carry_objects_and_collect_answers(session):
    marker, order = object(), []

    def handler(priority, answer):
        def handle(event):
            assert event["data"]["marker"] is marker
            order.append(priority)
            return answer

        session.event_hub.subscribe("topic=test.sync", handle, priority=priority)

    handler(20, "second")
    handler(10, None)
    results = session.event_hub.publish(Event("test.sync", data={"marker": marker}), synchronous=True)
    assert results == [None, "second"] and order == [10, 20]


def test_a_handler_that_stops_an_event_keeps_it_from_others(session):
    session.event_hub.subscribe("topic=test.stop", lambda event: event.stop() or 1, priority=1)
    session.event_hub.subscribe("topic=test.stop", lambda event: 2, priority=2)
    assert session.event_hub.publish(Event("test.stop"), synchronous=True) == [1]


def test_handlers_that_fail_are_logged_and_others_go_on(session, caplog):
    session.event_hub.subscribe("topic=test.fail", lambda event: 1 / 0, priority=1)
    session.event_hub.subscribe("topic=test.fail", lambda event: "fine", priority=2)
    assert session.event_hub.publish(Event("test.fail"), synchronous=True) == ["fine"]
    assert "Error calling subscriber" in caplog.text and "ZeroDivisionError" in caplog.text


def test_subscribers_are_unique_and_can_leave(session):
    hub = session.event_hub
    identifier = hub.subscribe("topic=test.leave", lambda event: 1, subscriber={"id": "me"})
    assert identifier == "me" and hub.get_subscriber_by_identifier("me").metadata == {"id": "me"}
    with pytest.raises(ftrack_api.exception.NotUniqueError):
        hub.subscribe("topic=other", print, subscriber={"id": "me"})
    hub.unsubscribe("me")
    assert hub.get_subscriber_by_identifier("me") is None
    with pytest.raises(ftrack_api.exception.NotFoundError):
        hub.unsubscribe("me")
    with hub.subscription("topic=test.leave", lambda event: 2):
        assert hub.publish(Event("test.leave"), synchronous=True) == [2]
    assert hub.publish(Event("test.leave"), synchronous=True) == []


def test_targets_choose_subscribers(session):
    hub = session.event_hub
    hub.subscribe("topic=test.target", lambda event: "a", subscriber={"id": "a"})
    hub.subscribe("topic=test.target", lambda event: "b", subscriber={"id": "b"})
    assert hub.publish(Event("test.target", target="id=b"), synchronous=True) == ["b"]


def test_a_hub_that_is_not_connected_says_so(session):
    hub = session.event_hub
    assert not hub.connected
    for work in (lambda: hub.publish(Event("test")), hub.wait, hub.disconnect):
        with pytest.raises(ftrack_api.exception.EventHubConnectionError):
            work()
    assert hub.publish(Event("test"), on_error="ignore") is None


def test_events_go_through_the_server_and_are_answered(start):
    sender, receiver = start().event_hub, start().event_hub
    for hub in (sender, receiver):
        hub.connect()
        assert hub.connected
        with pytest.raises(ftrack_api.exception.EventHubConnectionError):
            hub.connect()
    seen, replies = [], []

    def handle(event):
        seen.append(event)
        return {"sum": sum(event["data"]["numbers"])}

    receiver.subscribe("topic=test.remote and data.numbers=*", handle, subscriber={"id": "adder"})
    receiver.subscribe("topic=test.remote", lambda event: seen.append(event), priority=200)
    receiver.wait(0.3)
    sender.publish(Event("test.remote", data={"numbers": [1, 2]}), on_reply=replies.append)
    wait_until(receiver, lambda: len(seen) == 2)
    assert seen[0] is seen[1] and seen[0]["source"]["user"]["username"] == "admin"
    wait_until(sender, lambda: replies)
    assert replies[0]["data"] == {"sum": 3} and replies[0]["in_reply_to_event"] == seen[0]["id"]
    sender.disconnect()
    assert not sender.connected


def test_changes_are_told(start, session, new_task):
    listener = start()
    seen = []
    listener.event_hub.subscribe("topic=ftrack.update", seen.append)
    listener.event_hub.connect()
    listener.event_hub.wait(0.3)
    new_task("announced")
    wait_until(listener.event_hub, lambda: seen)
    assert seen[0]["data"]["entities"]


def test_a_hub_of_its_own(server):
    arguments = server.arguments
    hub = ftrack_api.event.hub.EventHub(
        arguments["server_url"], arguments["api_user"], arguments["api_key"]
    )
    assert hub.get_server_url() == arguments["server_url"] and not hub.secure
    seen = []
    hub.subscribe("topic=test.own", seen.append)
    hub.init_connection()
    hub.publish(Event("test.own"))
    hub.connect()
    wait_until(hub, lambda: seen)
    hub.disconnect()
    with pytest.raises(ValueError, match="scheme"):
        ftrack_api.event.hub.EventHub("server", "user", "key")


def test_hubs_connect_in_the_background(start):
    hub = start(auto_connect_event_hub=True).event_hub
    wait_until(hub, lambda: hub.connected)


def test_ready_is_told_to_plugins(start, tmp_path):
    (tmp_path / "ready.py").write_text(
        "def register(session):\n"
        "    def ready(event):\n"
        "        session.was_ready = event['data']['session'] is session and 'Task' in session.types\n"
        "    session.event_hub.subscribe('topic=ftrack.api.session.ready', ready)\n"
    )
    assert start(plugin_paths=[str(tmp_path)]).was_ready is True
