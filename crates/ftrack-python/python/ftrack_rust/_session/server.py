"""Calling the server: actions, and the JSON in which they are sent and answered."""

from __future__ import annotations

from .connection import Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Mapping, Optional

    from ..entity.base import Entity

_STRATEGIES = ("all", "set_only", "modified_only", "persisted_only")


class Actions(Connection):
    """The part of a session that asks the server to do something, in JSON."""

    def encode(self, data: Any, entity_attribute_strategy: str = "set_only") -> str:
        """Return *data* as JSON.

        *entity_attribute_strategy* says which attributes of entities are in it: ``all``, which loads them,
        ``set_only``, those that are known, ``modified_only``, those that were set, or ``persisted_only``, what the
        server sent. Raises :exc:`ValueError` for any other, and :exc:`TypeError` for objects that JSON cannot have.
        """
        if entity_attribute_strategy not in _STRATEGIES:
            raise ValueError(
                'Unsupported entity_attribute_strategy "{0}". Must be one of {1}'.format(
                    entity_attribute_strategy, ", ".join(_STRATEGIES)
                )
            )
        import json

        from .._encoding import encoded

        return json.dumps(
            data, sort_keys=True, default=lambda item: encoded(self, item, entity_attribute_strategy)
        )

    def entity_reference(self, entity: Entity) -> dict[str, str]:
        """Return what tells *entity* from all others: its type, as ``__entity_type__``, and its primary key."""
        return {"__entity_type__": entity.entity_type, **entity._primary_key()}

    def decode(self, string: str) -> Any:
        """Return what the JSON *string* says: times are ``arrow`` objects, entities are objects apart from those of
        the session, to which :meth:`merge` takes them over. Raises :exc:`ValueError` if it is not JSON."""
        import json

        return json.loads(string, object_hook=self._decode_object)

    def _decode_object(self, item: dict[str, Any]) -> Any:
        if "__type__" in item and item["__type__"] in ("datetime", "date"):
            import arrow

            return arrow.get(item["value"])
        if "__entity_type__" in item:
            return self._decode(self.encode(item, "persisted_only"))
        return item

    def call(self, data: Iterable[Mapping[str, Any]]) -> list[Any]:
        """Send a batch of actions, and return the result of each.

        Raises :exc:`~ftrack_rust.exception.ServerError` if the server refuses it.
        """
        batch = self.encode(list(data), entity_attribute_strategy="modified_only")
        results: list[Any] = self.decode(self._call(batch))
        return results

    def reset_remote(self, reset_type: str, entity: Optional[Entity] = None) -> Any:
        """Have the server reset something, such as the ``api_key`` of the user *entity*, and return its answer."""
        action: dict[str, Any] = {"action": "reset_remote", "reset_type": reset_type}
        if entity is not None:
            action.update(entity_type=entity.entity_type, entity_key=entity.get("id"))
        return self.call([action])[0]["data"]

    def get_widget_url(self, name: str, entity: Optional[Entity] = None, theme: Optional[str] = None) -> str:
        """Return the URL of the widget *name* (``info``, ``tasks`` or ``tasks_browser``) for *entity*.

        It can be used for some minutes. *theme* is ``light`` or ``dark``. Raises
        :exc:`~ftrack_rust.exception.ServerError` for a widget that the server does not have.
        """
        action: dict[str, Any] = {"action": "get_widget_url", "name": name, "theme": theme}
        if entity:
            action.update(entity_type=entity.entity_type, entity_key=entity._key())
        return str(self._act([action], "get_widget_url")[0]["widget_url"])

    def get_upload_metadata(
        self, component_id: str, file_name: str, file_size: int, checksum: Optional[str] = None
    ) -> Any:
        """Return the ``url`` and ``headers`` to send the file of a component to.

        *file_size* is in bytes, *checksum* the MD5 of the file in Base64.
        """
        action = {
            "action": "get_upload_metadata",
            "component_id": component_id,
            "file_name": file_name,
            "file_size": file_size,
            "checksum": checksum,
        }
        return self._act([action], "get_upload_metadata")[0]

    def send_user_invite(self, user: Entity) -> None:
        """Invite *user* by e-mail."""
        self.send_user_invites([user])

    def send_user_invites(self, users: Iterable[Entity]) -> None:
        """Invite *users* by e-mail."""
        actions = [{"action": "send_user_invite", "user_id": user["id"]} for user in users]
        self._act(actions, "send_user_invite")

    def send_review_session_invite(self, invitee: Entity) -> None:
        """Invite *invitee*, who is committed, to a review session."""
        self.send_review_session_invites([invitee])

    def send_review_session_invites(self, invitees: Iterable[Entity]) -> None:
        """Invite *invitees*, who are committed, to their review sessions."""
        actions = [
            {"action": "send_review_session_invite", "review_session_invitee_id": invitee["id"]}
            for invitee in invitees
        ]
        self._act(actions, "send_review_session_invite")

    def _act(self, actions: list[dict[str, Any]], name: str) -> list[Any]:
        """Send *actions* called *name*, which old servers may not know."""
        from .. import exception

        try:
            return self.call(actions)
        except exception.ServerError as error:
            if "Invalid action u'{0}'".format(name) not in error.message:
                raise
            raise exception.ServerCompatibilityError(
                'Server version {0!r} does not support "{1}", please update server and try again.'.format(
                    self._server_details.get("version"), name
                )
            ) from error
