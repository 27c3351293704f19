"""Users."""

from __future__ import annotations

from .. import exception
from . import base

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class User(base.Entity):
    """A user."""

    def start_timer(self, context: Any = None, comment: str = "", name: Any = None, force: bool = False) -> Any:
        """Start a timer for *context* with *comment* and *name*, commit, and return it.

        If one is running already, *force* stops it first; otherwise :exc:`~ftrack_rust.exception.NotUniqueError` is
        raised.
        """
        session = self.session
        if force:
            try:
                self.stop_timer()
            except exception.NoResultFoundError:
                self.logger.debug("No timer is running.")
        timer = session.create("Timer", {"user": self, "context": context, "name": name, "comment": comment})
        try:
            session.commit()
        except exception.ServerError as error:
            if "DuplicateEntryError" not in str(error):
                raise
            raise exception.NotUniqueError(
                "Failed to start a timelog for user with id: {0}, it is likely that a timer is already running. "
                "Either use force=True or stop the timer first.".format(self["id"])
            ) from error
        return timer

    def stop_timer(self) -> Any:
        """Stop the timer that is running, commit, and return the time log that it became.

        Raises :exc:`~ftrack_rust.exception.NoResultFoundError` if none is running.
        """
        import arrow

        session = self.session
        timer = session.query('Timer where user_id = "{0}"'.format(self["id"])).one()
        has_zones = session.server_information.get("is_timezone_support_enabled", True)
        now = arrow.now() if has_zones else arrow.now().replace(tzinfo="utc")
        passed = now - timer["start"]
        names = ("user_id", "context_id", "comment", "start", "name")
        data = {name: timer[name] for name in names}
        data["duration"] = passed.days * 24 * 60 * 60 + passed.seconds
        log = session.create("Timelog", data)
        session.delete(timer)
        session.commit()
        return log

    def send_invite(self) -> None:
        """Invite the user by e-mail."""
        self.session.send_user_invite(self)

    def reset_api_key(self) -> str:
        """Give the user a new API key, and return it."""
        return str(self.session.reset_remote("api_key", entity=self)["api_key"])
