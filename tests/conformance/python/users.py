"""Chapters "Sync users with LDAP" and "Invite user", and keys of users."""

from _support import session as start

session = start()
result = session.call([dict(action="delayed_job", job_type="SYNC_USERS_LDAP")])
job = result[0]["data"]
assert job["status"] in ("queued", "running", "done", "failed")

user_email = "artist@mail.vfx-company.com"
new_user = session.create(
    "User", {"username": user_email, "email": user_email, "is_active": True}
)
session.commit()
new_user.send_invite()
session.send_user_invites([new_user])

with start() as other:
    read = other.query('User where username is "{0}"'.format(user_email)).one()
    assert read["email"] == user_email and read["is_active"]

key = new_user.reset_api_key()
assert key
with start(api_user=user_email, api_key=key) as own:
    assert own.query("Project").all() is not None
second = new_user.reset_api_key()
assert second != key
session.close()
