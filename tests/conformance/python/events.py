"""Chapter "Handling events": subscribing, publishing, targets, replies, updates."""

import time

from ftrack_api.event.base import Event

from _support import session as start

listener, publisher = start(), start()
for session in (listener, publisher):
    session.event_hub.connect()
    assert session.event_hub.connected


def until(found, *sessions):
    """Lets hubs handle what arrives until something is found, for ten seconds at the most."""
    end = time.time() + 10
    while not found() and time.time() < end:
        for session in sessions:
            session.event_hub.wait(duration=0.05)
    assert found(), "nothing arrived"


def settle(*sessions):
    for session in sessions:
        session.event_hub.wait(duration=0.5)


# Published by one, received by the other; expressions narrow.
received, narrowed = [], []
listener.event_hub.subscribe("topic=my-company.some-topic", received.append)
listener.event_hub.subscribe("topic=my-company.* and data.key=other", narrowed.append)
settle(listener)
publisher.event_hub.publish(Event(topic="my-company.some-topic", data={"key": "value"}))
until(lambda: received, listener)
assert received[0]["data"] == {"key": "value"}
assert received[0]["source"]["user"]["username"] == publisher.api_user
assert received[0]["source"]["id"] == publisher.event_hub.id
assert received[0]["sent"]
publisher.event_hub.publish(Event(topic="my-company.some-topic", data={"key": "other"}))
until(lambda: narrowed, listener)
assert [event["data"]["key"] for event in narrowed] == ["other"]
assert len(received) == 2

# Targets.
first, second = [], []
listener.event_hub.subscribe("topic=targeted", first.append, subscriber={"id": "the-first", "applicationId": "maya"})
listener.event_hub.subscribe("topic=targeted", second.append, subscriber={"id": "the-second", "applicationId": "nuke"})
settle(listener)
publisher.event_hub.publish(Event(topic="targeted", target="id=the-second"))
until(lambda: second, listener)
publisher.event_hub.publish(Event(topic="targeted", target="applicationId=maya"))
until(lambda: first, listener)
assert (len(first), len(second)) == (1, 1)

# Replies.
listener.event_hub.subscribe("topic=test-reply", lambda event: {"success": True, "message": "Cool!"})
settle(listener)
replies = []
publisher.event_hub.publish(Event(topic="test-reply"), on_reply=replies.append)
until(lambda: replies, listener, publisher)
assert replies[0]["data"] == {"success": True, "message": "Cool!"}

# Priorities, stopping, and publishing synchronously, which stays local.
order = []
publisher.event_hub.subscribe("topic=test-stop", lambda event: (order.append("a"), event.stop())[0], priority=10)
publisher.event_hub.subscribe("topic=test-stop", lambda event: order.append("b"), priority=20)
publisher.event_hub.publish(Event(topic="test-stop"))
until(lambda: order, publisher)
settle(publisher)
assert order == ["a"]
publisher.event_hub.subscribe("topic=test-synchronous", lambda event: "A", priority=10)
publisher.event_hub.subscribe("topic=test-synchronous", lambda event: "B", priority=20)
assert publisher.event_hub.publish(Event(topic="test-synchronous"), synchronous=True) == ["A", "B"]

# What is committed is told to everybody.
updates = []
listener.event_hub.subscribe("topic=ftrack.update", updates.append)
settle(listener)
sequence = publisher.query('Sequence where name is "harbour"').one()
sequence["description"] = "Changed for all to see"
publisher.commit()


def entities():
    return [entity for event in updates for entity in event["data"].get("entities", [])]


until(lambda: any(entity["entityId"] == sequence["id"] for entity in entities()), listener)
entity = [entity for entity in entities() if entity["entityId"] == sequence["id"]][0]
assert entity["action"] == "update"
assert "description" in entity["keys"]
assert entity["parents"]

# A subscription that has ended gets nothing.
gone = []
subscriber = listener.event_hub.subscribe("topic=after-the-end", gone.append)
settle(listener)
listener.event_hub.unsubscribe(subscriber)
settle(listener)
publisher.event_hub.publish(Event(topic="after-the-end"))
settle(listener)
assert not gone

for session in (listener, publisher):
    session.close()
    assert not session.event_hub.connected
