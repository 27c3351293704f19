"""Notes."""

from __future__ import annotations

from . import base

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Optional


class Note(base.Entity):
    """A note."""

    def create_reply(self, content: str, author: Any) -> Any:
        """Make a reply with *content* by *author*, a user, and return it."""
        reply = self.session.create("Note", {"author": author, "content": content})
        self["replies"].append(reply)
        return reply


class CreateNoteMixin:
    """Adds notes to an entity class."""

    def create_note(
        self: Any,
        content: str,
        author: Any,
        recipients: Optional[Iterable[Any]] = None,
        category: Any = None,
        labels: Optional[Iterable[Any]] = None,
    ) -> Any:
        """Make a note with *content* by *author*, and return it.

        *recipients* are users and groups. It has either *labels* or a *category*, the old name of one label; both
        raise :exc:`ValueError`.
        """
        session = self.session
        labels = list(labels or ())
        has_labels = "NoteLabel" in session.types
        if labels and not has_labels:
            raise ValueError("NoteLabel is not supported by the current server version.")
        if category and labels:
            raise ValueError("Both category and labels cannot be set at the same time.")
        data = {"content": content, "author": author}
        if category and has_labels:
            import warnings

            warnings.warn(
                "category argument will be removed in an upcoming version, please use labels instead.",
                PendingDeprecationWarning,
                stacklevel=2,
            )
            labels = [category]
        elif category:
            data["category_id"] = category["id"]
        note = session.create("Note", data)
        self["notes"].append(note)
        for resource in recipients or ():
            recipient = session.create("Recipient", {"note_id": note["id"], "resource_id": resource["id"]})
            note["recipients"].append(recipient)
        for label in labels:
            session.create("NoteLabelLink", {"label_id": label["id"], "note_id": note["id"]})
        return note
