"""Chapter "Using entity links"."""

from _support import new_version, session as start

session = start()
shot = session.query('Shot where name is "010" and parent.name is "harbour"').one()
incoming = list(shot["incoming_links"])
assert incoming
for link in incoming:
    assert link["to"] is shot
    assert link["from"]["name"] == "mira"
    assert link in link["from"]["outgoing_links"]

from_asset_version = new_version(session, "model")
to_asset_version = new_version(session, "rig")
session.create("AssetVersionLink", {"from": from_asset_version, "to": to_asset_version})
session.commit()
with start() as other:
    rig = other.get("AssetVersion", to_asset_version["id"])
    assert [link["from"]["id"] for link in rig["incoming_links"]] == [from_asset_version["id"]]
    assert [version["id"] for version in rig["uses_versions"]] == [from_asset_version["id"]]

# The shortcut.
model_version = new_version(session, "other_model")
rig_version = new_version(session, "other_rig")
rig_version["uses_versions"].append(model_version)
session.commit()
with start() as other:
    model = other.get("AssetVersion", model_version["id"])
    assert [version["id"] for version in model["used_in_versions"]] == [rig_version["id"]]
    link = other.query('AssetVersionLink where from_id is "{0}"'.format(model["id"])).one()
    assert link["to"]["id"] == rig_version["id"]
session.close()
