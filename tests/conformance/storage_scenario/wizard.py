"""Walks through the official client's wizard for the centralized storage, and looks at what comes of it.

`wizard.py walk WALKS FORMS` answers the forms with what each walk of the file WALKS enters and records all forms;
`wizard.py check NAME FOLDER` fails unless a new session has this location configured at this folder.
`tests/src/bin/compare-wizard.rs` does the same with our client.
"""

import json
import sys

import ftrack_api
import ftrack_api._centralized_storage_scenario as scenario


def ask(session, values):
    # The wizard changes what it is given, as it would not if this came over the network.
    values = json.loads(json.dumps(values))
    event = ftrack_api.event.base.Event(
        topic="ftrack.storage-scenario.configure",
        data={"scenario_id": "ftrack.centralized-storage", "values": values},
    )
    (form,) = session.event_hub.publish(event, synchronous=True)
    return form


def fill(form, entered):
    items = [item for item in form["items"] if "name" in item]
    return {item["name"]: entered.get(item["name"], item["value"]) for item in items}


def walk(walks, forms):
    with open(walks) as file:
        walks = json.load(file)
    # The wizard tells everybody when it has saved, for which it needs the hub.
    session = ftrack_api.Session(plugin_paths=[], auto_connect_event_hub=True)
    scenario.register_configuration(session)
    recorded = []
    for entries in walks:
        recorded.append([ask(session, {})])
        for entered in entries:
            recorded[-1].append(ask(session, fill(recorded[-1][-1], entered)))
    with open(forms, "w") as file:
        json.dump(recorded, file)
    session.close()


def check(name, folder):
    session = ftrack_api.Session(plugin_paths=[])
    location = session.pick_location()
    assert location["name"] == name, location["name"]
    assert location.priority == 1
    assert location.accessor.prefix == folder, location.accessor.prefix
    session.close()


action, first, second = sys.argv[1:]
{"walk": walk, "check": check}[action](first, second)
