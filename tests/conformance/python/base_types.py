"""Entities that are created by the name of a base type, which says by an attribute what they are."""

import ftrack_api

from _support import raises, session as start

session = start()
project = session.query('Project where name is "last_lantern"').one()
user = session.query("User").first()


def made(base, **data):
    """A new entity of a base type, committed; the client goes on to know it by the name that it asked for."""
    entity = session.create(base, data)
    session.commit()
    assert entity.entity_type == base, entity.entity_type
    return entity["id"]


def is_concrete(base, key, expected):
    """Another session finds it under both names, as an entity of the concrete type."""
    with start() as other:
        for name in (base, expected):
            found = other.query('{0} where id is "{1}"'.format(name, key)).one()
            assert found.entity_type == expected, (name, found.entity_type)
            assert other.get(name, key) is found


# A component is a file, unless it says otherwise.
component = made("Component", name="by_base")
is_concrete("Component", component, "FileComponent")
for system_type, expected in (
    ("file", "FileComponent"),
    ("sequence", "SequenceComponent"),
    ("container", "ContainerComponent"),
):
    is_concrete("Component", made("Component", name=system_type, system_type=system_type), expected)

# A context is of the type that its object type names.
for name in ("Task", "Shot", "Sequence", "Folder"):
    object_type = session.query('ObjectType where name is "{0}"'.format(name)).one()
    by_id = made(
        "TypedContext",
        name="by_base_" + name.lower(),
        parent_id=project["id"],
        object_type_id=object_type["id"],
    )
    is_concrete("TypedContext", by_id, name)
    by_reference = made(
        "TypedContext", name="by_reference_" + name.lower(), parent=project, object_type=object_type
    )
    is_concrete("TypedContext", by_reference, name)
    assert session.query('Context where id is "{0}"'.format(by_id)).one().entity_type == name
session.create("TypedContext", {"name": "by_nothing", "parent": project})
with raises(ftrack_api.exception.ServerError, "object_type_id"):
    session.commit()
session.rollback()

# A list is for what its system type says.
category = session.query("ListCategory").first()
for system_type, expected in (
    ("assetversion", "AssetVersionList"),
    ("task", "TypedContextList"),
):
    key = made(
        "List",
        name="by_base_" + system_type,
        project=project,
        owner=user,
        category=category,
        system_type=system_type,
    )
    is_concrete("List", key, expected)

# A resource is a group or a user.
is_concrete("Resource", made("Resource", resource_type="group", name="by base"), "Group")

# A link between entities is of the type to which its configuration leads.
shot = session.query("Shot").first()
configuration = session.create(
    "CustomAttributeLinkConfiguration",
    {
        "key": "by_base_lead",
        "label": "Lead",
        "entity_type": "task",
        "object_type_id": session.query('ObjectType where name is "Shot"').one()["id"],
        "entity_type_to": "user",
    },
)
session.commit()
link = made(
    "CustomAttributeLink",
    configuration_id=configuration["id"],
    from_id=shot["id"],
    to_id=user["id"],
)
is_concrete("CustomAttributeLink", link, "UserCustomAttributeLink")

# What was made by the name of a base type is changed and deleted by it.
changing = session.query('TypedContext where name is "by_base_task"').one()
changing["description"] = "changed"
session.commit()
with start() as other:
    assert other.get("Task", changing["id"])["description"] == "changed"
session.delete(session.get("Component", component))
session.commit()
with start() as other:
    assert other.get("FileComponent", component) is None
session.close()
