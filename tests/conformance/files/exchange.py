"""Publishes components with the official client, or checks what another client has published.

`exchange.py publish PLAN RECORDS` publishes everything in the plan to every location in it and records what there is
then; `exchange.py check PLAN RECORDS` finds what somebody recorded, and fails on anything that differs.
`tests/src/exchange.rs` does the same with our client.
"""

import json
import os
import sys
import urllib.request

import ftrack_api
import ftrack_api.accessor.disk
import ftrack_api.structure.entity_id
import ftrack_api.structure.id
import ftrack_api.structure.standard

STRUCTURES = {
    "entity-id": ftrack_api.structure.entity_id.EntityIdStructure,
    "id": ftrack_api.structure.id.IdStructure,
    "standard": ftrack_api.structure.standard.StandardStructure,
}


def configured(session, description):
    """The location of the plan, configured if it is not one of the built-in ones."""
    location = session.query('Location where name is "{0}"'.format(description["name"])).one()
    if description["structure"] in STRUCTURES:
        location.structure = STRUCTURES[description["structure"]]()
        location.accessor = ftrack_api.accessor.disk.DiskAccessor(prefix=description["prefix"])
        location.priority = 10
    return location


def published(session, version, item, location):
    """A new component for the item, in the location."""
    data = {"name": item["name"], "version": version}
    if "path" in item:
        return session.create_component(item["path"], data, location=location)
    container = session.create("ContainerComponent", data)
    for member in item["members"]:
        values = {"name": member["name"], "container": container}
        container["members"].append(session.create_component(member["path"], values, location=None))
    session.commit()
    origin = session.query('Location where name is "ftrack.origin"').one()
    location.add_component(container, origin, recursive=True)
    return container


def whole(component):
    """The component and what it consists of, sorted by name."""
    yield component
    if "members" in component.keys():
        for member in sorted(component["members"], key=lambda member: member["name"]):
            for part in whole(member):
                yield part


def content(location, component, identifier):
    """The text in the file of the component, read by the accessor."""
    data = location.accessor.open(identifier, "rb")
    text = data.read()
    data.close()
    return text.decode("utf-8")


def record(location, component):
    """What there is to compare."""
    identifier = location.get_resource_identifier(component)
    is_file = component.entity_type == "FileComponent"
    on_disk = location["name"] != "ftrack.server"
    return {
        "location": location["name"],
        "id": component["id"],
        "entity_type": component.entity_type,
        "name": component["name"],
        "file_type": component["file_type"] or "",
        "size": component["size"] or 0,
        "padding": component["padding"] if "padding" in component.keys() else None,
        "identifier": identifier,
        "path": location.get_filesystem_path(component) if on_disk else None,
        "content": content(location, component, identifier) if is_file else None,
        "availability": location.get_component_availability(component),
    }


def publish(session, plan, records):
    version = session.get("AssetVersion", plan["version"])
    found = []
    for description in plan["locations"]:
        location = configured(session, description)
        for item in plan["items"]:
            if "path" in item or description["containers"]:
                for part in whole(published(session, version, item, location)):
                    found.append(record(location, part))
    with open(records, "w") as file:
        json.dump(found, file)


def check(session, plan, records):
    locations = {each["name"]: configured(session, each) for each in plan["locations"]}
    with open(records) as file:
        expected = json.load(file)
    assert expected, "nothing was recorded"
    for entry in expected:
        location = locations[entry["location"]]
        component = session.query('{entity_type} where id is "{id}"'.format(**entry)).one()
        found = record(location, component)
        assert found == entry, "found {0}, recorded {1}".format(found, entry)
        if isinstance(location.structure, tuple(STRUCTURES.values())):
            own = location.structure.get_resource_identifier(component)
            assert own == entry["identifier"], "{0} is not {1}".format(own, entry["identifier"])
        if entry["path"] and entry["content"] is not None:
            assert os.path.isfile(entry["path"]), entry["path"]
        if entry["location"] == "ftrack.server" and entry["content"] is not None:
            with urllib.request.urlopen(location.get_url(component)) as answer:
                assert answer.read().decode("utf-8") == entry["content"]


def main():
    action, plan, records = sys.argv[1:]
    with open(plan) as file:
        plan = json.load(file)
    session = ftrack_api.Session(plugin_paths=[])
    {"publish": publish, "check": check}[action](session, plan, records)
    session.close()


main()
