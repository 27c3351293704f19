"""Files are in folders made of the ids of their components."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from .. import _engine, symbol
from .base import Structure


class IdStructure(Structure):
    """Makes four folders of the first characters of the id, and puts the rest below::

        1/2/3/4/56-789.exr
    """

    _is_native = True

    @property
    def _native(self) -> Any:
        return _engine.NativeStructure.id(self.prefix) if self.path_separator == "/" else self

    def get_resource_identifier(self, entity: Any, context: Optional[Mapping[str, Any]] = None) -> str:
        """Return the resource identifier for *entity*, a component.

        Raises :exc:`NotImplementedError` for other entities.
        """
        kind = entity.entity_type
        if kind == "FileComponent":
            container = entity["container"]
            if container:
                parts = [self._in_container(entity, container)]
            else:
                name = entity["id"][4:] + _file_type(entity)
                parts = [self.prefix, *entity["id"][:4], name]
        elif kind == "SequenceComponent":
            name = "file.{0}{1}".format(self._get_sequence_expression(entity), _file_type(entity))
            parts = [self.prefix, *entity["id"][:4], entity["id"][4:], name]
        elif kind == "ContainerComponent":
            parts = [self.prefix, *entity["id"][:4], entity["id"][4:]]
        else:
            raise NotImplementedError("Cannot generate path for unsupported entity {0}".format(entity))
        return self.path_separator.join(parts).strip("/")

    def _in_container(self, entity: Any, container: Any) -> str:
        path = self.get_resource_identifier(container)
        if container.entity_type == "SequenceComponent":
            name = "file.{0}{1}".format(entity["name"], _file_type(entity))
            return self.path_separator.join([path.rpartition("/")[0], name])
        return self.path_separator.join([path, entity["id"] + _file_type(entity)])


def _file_type(entity: Any) -> str:
    kind = entity["file_type"]
    return kind if kind and kind is not symbol.NOT_SET else ""
