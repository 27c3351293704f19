"""Entities that are about to be created."""

from __future__ import annotations

import collections.abc
from typing import TYPE_CHECKING, Any, Iterator

from . import symbol

if TYPE_CHECKING:
    from ._session.entities import Entities


class Draft(collections.abc.Mapping):  # type: ignore[type-arg]
    """What functions for default values are given: an entity that is about to be created."""

    def __init__(self, session: Entities, kind: Any, values: dict[str, Any]) -> None:
        """Make a draft of an entity of the class *kind* that will have *values*."""
        self.session = session
        self.entity_type = kind.entity_type
        self.attributes = kind.attributes
        self._values = values

    def __getitem__(self, key: str) -> Any:
        if self.attributes.get(key) is None:
            raise KeyError(key)
        return self._values.get(key, symbol.NOT_SET)

    def __iter__(self) -> Iterator[str]:
        return iter(self.attributes.keys())

    def __len__(self) -> int:
        return len(self.attributes)
