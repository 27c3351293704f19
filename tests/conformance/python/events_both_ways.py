"""Chapter "Handling events", with the Rust client at the other end: each publishes what the other listens to.

The other end is `tests/src/peer`.
"""

import os
import subprocess
import time

from ftrack_api.event.base import Event

from _support import session as start

PEER = os.environ["FTRACK_TEST_EVENT_PEER"]

session = start()
hub = session.event_hub
hub.connect()


def until(found):
    """Handles what arrives until something is found, for thirty seconds at the most."""
    end = time.time() + 30
    while not found() and time.time() < end:
        hub.wait(duration=0.05)
    assert found(), "nothing arrived"


def ask(topic, data=None, count=1, **rest):
    """Publishes an event, waits for so many replies, and gives the event and the replies."""
    event, replies = Event(topic, data=data, **rest), []
    hub.publish(event, on_reply=replies.append)
    until(lambda: len(replies) >= count)
    return event, replies


def answer(topic, data=None, **rest):
    return ask(topic, data, **rest)[1][0]["data"]


def tell(topic, data=None, **rest):
    hub.publish(Event(topic, data=data, **rest))


# We publish, the Rust client listens.
peer = subprocess.Popen([PEER, "listen"], stdout=subprocess.PIPE, text=True)
assert peer.stdout.readline() == "ready\n"

tell("peer.order", {"stop": False})
tell("peer.order", {"stop": True})
assert [name for name, _ in answer("peer.log")] == ["first", "second", "last", "first", "second"]

tell("peer.targeted", target="id=peer-nuke")
tell("peer.targeted", target="applicationId=maya")
tell("peer.targeted", target="applicationId=houdini")
tell("peer.targeted")
tell("peer.narrow", {"key": "other"})
tell("peer.narrow", {"key": "else"})
assert answer("peer.log") == [
    ["peer-nuke", {}],
    ["peer-maya", {}],
    ["peer-maya", {}],
    ["peer-nuke", {}],
    ["narrow", {"key": "other"}],
]

data = {"text": "é:+\" \U0001f3ac", "list": [1, 2.5, None, True], "deep": {"a": {"b": []}}}
event, replies = ask("peer.echo", data)
assert replies[0]["data"] == data
assert replies[0]["in_reply_to_event"] == event["id"]
assert replies[0]["topic"] == "ftrack.meta.reply"

_, replies = ask("peer.reply", count=2)
assert [reply["data"]["from"] for reply in replies] == ["peer-one", "peer-two"]
assert [reply["source"]["id"] for reply in replies] == ["peer-one", "peer-two"]
assert replies[0]["source"]["kind"] == "replying"
assert replies[0]["source"]["user"]["username"] == session.api_user

_, replies = ask("peer.by-hand", count=3)
assert [reply["data"] for reply in replies] == [1, 2, 3]

tell("peer.temporary", 1)
assert answer("peer.forget") is True
tell("peer.temporary", 2)
assert answer("peer.log") == [["temporary", 1]]

# An action of the Rust client.
shots = session.query("Shot order by name limit 2").all()
selection = [{"entityType": "task", "entityId": shot["id"]} for shot in shots]
item = {
    "actionIdentifier": "peer.greet",
    "label": "Greet",
    "variant": "shots",
    "icon": "default",
    "description": "Greets the selected shots",
}
assert answer("ftrack.action.discover", {"selection": selection}) == {"items": [item]}
unwanted = []
project = {"entityType": "show", "entityId": shots[0]["project_id"]}
hub.publish(Event("ftrack.action.discover", data={"selection": [project]}), on_reply=unwanted.append)
answer("peer.echo")
assert not unwanted

launch = dict(item, selection=selection)
form = answer("ftrack.action.launch", launch)
assert form["title"] == "Greet"
assert form["items"] == [{"type": "text", "label": "Greeting", "name": "greeting", "value": "Hello"}]
done = answer("ftrack.action.launch", dict(launch, values={"greeting": "Hi"}))
names = ", ".join(shot["name"] for shot in shots)
assert done == {"success": True, "message": "{0} says Hi to {1}".format(session.api_user, names)}, done

tell("peer.end")
assert peer.wait(timeout=30) == 0

# The Rust client publishes, we listen.
log, ended = [], []


def note(name):
    def handler(event):
        log.append(name)

    return handler


def second(event):
    log.append("second")
    if event["data"]["stop"]:
        event.stop()


def first(event):
    log.append("first")
    raise ValueError("a handler that fails stops nobody")


def drain(event):
    noted = list(log)
    del log[:]
    return noted


def echo(event):
    source = event["source"]
    return {
        "data": event["data"],
        "applicationId": source["applicationId"],
        "user": source["user"]["username"],
        "hub": source["id"],
    }


def forget(event):
    hub.unsubscribe("python-temporary")
    return True


def discover(event):
    if event["data"]["selection"]:
        action = {"actionIdentifier": "python.count", "label": "Count", "variant": "shots", "extra": "the extra key"}
        return {"items": [{"label": "A group", "items": [action]}]}


def launch(event):
    data = event["data"]
    assert [selected["entityType"] for selected in data["selection"]] == ["task", "task"]
    if "values" not in data:
        return {"items": [{"type": "text", "label": "Noun", "name": "noun"}]}
    count, noun = len(data["selection"]), data["values"]["noun"]
    return {"success": True, "message": "{0} {1}, for {2}".format(count, noun, data["extra"])}


def end(event):
    ended.append(event)
    return True


hub.subscribe("topic=python.order", note("last"), priority=30)
hub.subscribe("topic=python.order", second, priority=20)
hub.subscribe("topic=python.order", first, priority=10)
for application in ("maya", "nuke"):
    name = "python-" + application
    hub.subscribe("topic=python.targeted", note(name), subscriber={"id": name, "applicationId": application})
hub.subscribe("topic=python.* and data.key=other", note("narrow"))
hub.subscribe("topic=python.echo", echo)
for name in ("python-one", "python-two"):
    hub.subscribe("topic=python.reply", lambda event, name=name: {"from": name}, subscriber={"id": name})
hub.subscribe("topic=python.temporary", note("temporary"), subscriber={"id": "python-temporary"})
hub.subscribe("topic=python.forget", forget)
hub.subscribe("topic=python.log", drain)
hub.subscribe("topic=ftrack.action.discover", discover)
hub.subscribe("topic=ftrack.action.launch and data.actionIdentifier=python.count", launch)
hub.subscribe("topic=python.end", end)
hub.wait(duration=0.5)

peer = subprocess.Popen([PEER, "publish"])
while peer.poll() is None:
    hub.wait(duration=0.05)
assert peer.returncode == 0
assert ended
session.close()
