"""What all structures have in common."""

from __future__ import annotations

import abc
from typing import Any, Mapping, Optional


class Structure(abc.ABC):
    """Says where in a location the file of a component goes."""

    def __init__(self, prefix: str = "") -> None:
        """Make a structure; those that have one put everything below the folder *prefix*."""
        self.prefix = prefix
        self.path_separator = "/"

    @abc.abstractmethod
    def get_resource_identifier(self, entity: Any, context: Optional[Mapping[str, Any]] = None) -> str:
        """Return the resource identifier for *entity*.

        *context* may have ``source_resource_identifier``, that of the file in the location where it comes from.
        """

    def _get_sequence_expression(self, sequence: Any) -> str:
        """Return what stands for the numbers of *sequence*, such as ``%04d``."""
        padding = sequence["padding"]
        return "%0{0}d".format(padding) if padding else "%d"
