"""Project schemas: what statuses and types the entities of a project can have."""

from __future__ import annotations

from .. import symbol
from . import base

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional


class ProjectSchema(base.Entity):
    """A project schema."""

    def get_statuses(self, schema: str, type_id: Optional[str] = None) -> list[Any]:
        """Return the statuses for entities of the type *schema*.

        Tasks of some types have statuses of their own: *type_id* is the id of the type. Raises :exc:`ValueError` if
        there is no such entity type, or it has no statuses.
        """
        if schema == "Task":
            if type_id is not None:
                for override in self["_overrides"]:
                    if override["type_id"] == type_id:
                        return list(override["workflow_schema"]["statuses"])
            return list(self["_task_workflow"]["statuses"])
        if schema == "AssetVersion":
            return list(self["_version_workflow"]["statuses"])
        return self._linked(schema, "statuses", "SchemaStatus", "task_status")

    def get_types(self, schema: str) -> list[Any]:
        """Return the types for entities of the type *schema*. Raises :exc:`ValueError` as :meth:`get_statuses`."""
        if schema == "Task":
            return list(self["_task_type_schema"]["types"])
        return self._linked(schema, "types", "SchemaType", "task_type")

    def _linked(self, schema: str, what: str, link: str, attribute: str) -> list[Any]:
        if schema not in self.session.types:
            raise ValueError("Schema {0} does not exist.".format(schema))
        object_type = self.session.types[schema].attributes.get("object_type_id")
        if object_type is None or object_type.default_value is symbol.NOT_SET:
            raise ValueError("Schema {0} does not have {1}.".format(schema, what))
        for candidate in self["_schemas"]:
            if candidate["type_id"] == object_type.default_value:
                links = self.session.query(
                    "select {0} from {1} where schema_id is {2}".format(attribute, link, candidate["id"])
                )
                return [found[attribute] for found in links]
        raise ValueError("No valid {0} were found for schema {1}.".format(what, schema))
