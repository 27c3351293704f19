"""Files are in folders that follow the hierarchy of the project."""

from __future__ import annotations

import os
import re
import unicodedata
from typing import Any, Mapping, Optional

from .. import _engine, exception, symbol
from .base import Structure


class StandardStructure(Structure):
    """Makes folders of the project, what is below it, the asset and the version::

        my_project/folder_a/folder_b/asset_name/v003/foo.jpg

    The files of a sequence are numbered, ``foo.0042.jpg``; those of a container are in a folder of its name.
    """

    _is_native = True

    @property
    def _native(self) -> Any:
        if self.path_separator != "/" or self.prefix:
            return self
        return _engine.NativeStructure.standard(
            self.project_versions_prefix or None, self.illegal_character_substitute
        )

    def __init__(
        self, project_versions_prefix: Optional[str] = None, illegal_character_substitute: Optional[str] = "_"
    ) -> None:
        """Make a structure.

        *project_versions_prefix* is a folder for versions right below the project. Characters that a file system may
        not like become *illegal_character_substitute*; None leaves them.
        """
        super().__init__()
        self.project_versions_prefix = project_versions_prefix
        self.illegal_character_substitute = illegal_character_substitute

    def _get_parts(self, entity: Any) -> list[str]:
        """Return the folders of the version of *entity*."""
        session = entity.session
        message = (
            "Component {0!r} must be attached to a committed version and a committed asset with a parent "
            "context.".format(entity)
        )
        version = entity["version"]
        if version is symbol.NOT_SET and entity["version_id"]:
            version = session.get("AssetVersion", entity["version_id"])
        if version is symbol.NOT_SET or version is None or version in session.created:
            raise exception.StructureError(message)
        link = version["link"]
        if not link:
            raise exception.StructureError(message)
        names = [item["name"] for item in link[1:-1]]
        if not names and self.project_versions_prefix:
            names = [self.project_versions_prefix]
        project = session.get("Project", link[0]["id"])
        parts = [project["name"], *names, version["asset"]["name"], self._format_version(version["version"])]
        return [self.sanitise_for_filesystem(part) for part in parts]

    def _format_version(self, number: int) -> str:
        """Return what version *number* is called."""
        return "v{0:03d}".format(number)

    def sanitise_for_filesystem(self, value: str) -> str:
        """Return *value* in lower case and ASCII, with other characters than letters, digits, ``_``, ``.`` and ``-``
        replaced."""
        if self.illegal_character_substitute is None:
            return value
        ascii_only = unicodedata.normalize("NFKD", str(value)).encode("ascii", "ignore").decode("ascii")
        return re.sub(r"[^\w.-]", self.illegal_character_substitute, ascii_only).strip().lower()

    def get_resource_identifier(self, entity: Any, context: Optional[Mapping[str, Any]] = None) -> str:
        """Return the resource identifier for *entity*, a component.

        Raises :exc:`~ftrack_rust.exception.StructureError` if it does not belong to a committed version of a
        committed asset with a parent, and :exc:`NotImplementedError` if it is not a component.
        """
        kind = entity.entity_type
        name = entity["name"] if kind.endswith("Component") else ""
        if kind == "FileComponent":
            container = entity["container"]
            if container:
                folder = self.get_resource_identifier(container)
                if container.entity_type == "SequenceComponent":
                    folder = os.path.dirname(folder)
                    name = "{0}.{1}".format(container["name"], name)
                parts = [folder]
            else:
                parts = self._get_parts(entity)
            parts.append(self.sanitise_for_filesystem(name + entity["file_type"]))
        elif kind == "SequenceComponent":
            parts = self._get_parts(entity)
            parts.append(
                "{0}.{1}{2}".format(
                    self.sanitise_for_filesystem(name),
                    self._get_sequence_expression(entity),
                    self.sanitise_for_filesystem(entity["file_type"]),
                )
            )
        elif kind == "ContainerComponent":
            parts = self._get_parts(entity)
            parts.append(self.sanitise_for_filesystem(name))
        else:
            raise NotImplementedError(
                "Cannot generate resource identifier for unsupported entity {0!r}".format(entity)
            )
        return self.path_separator.join(parts)
