"""Chapter "Working with user security roles"."""

from _support import session as start

session = start()
security_roles = session.query('select name from SecurityRole where type is "PROJECT"').all()
assert "Project Manager" in {role["name"] for role in security_roles}
assert session.query('SecurityRole where type is "API"').all()
assert session.query('SecurityRole where type is "ASSIGNED"').all()

user = session.create("User", {"username": "with_roles"})
session.commit()
project_manager_role = session.query('SecurityRole where name is "Project Manager"').one()
session.create(
    "UserSecurityRole",
    {"is_all_projects": True, "user": user, "security_role": project_manager_role},
)
session.commit()

found = session.query('UserSecurityRole where user.username is "{0}"'.format(session.api_user)).all()
assert found and all(role["security_role"]["name"] for role in found)

with start() as other:
    read = other.get("User", user["id"])
    roles = read["user_security_roles"]
    assert [role["security_role"]["name"] for role in roles] == ["Project Manager"]
    assert roles[0]["is_all_projects"]

# For certain projects only.
second = session.create("User", {"username": "with_some_roles"})
projects = session.query(
    'Project where full_name is "The Last Lantern" or full_name is "Developer tutorial"'
).all()[:]
assert len(projects) == 2
session.create(
    "UserSecurityRole", {"user": second, "security_role": project_manager_role, "projects": projects}
)
session.commit()
session.close()
