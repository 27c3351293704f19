"""What all transformers have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Optional

if TYPE_CHECKING:
    from ..session import Session


class ResourceIdentifierTransformer:
    """Changes resource identifiers on their way to the server and back, for example a path into its parts."""

    def __init__(self, session: "Session") -> None:
        """Make a transformer that may use *session*."""
        self.session = session
        super().__init__()

    def encode(self, resource_identifier: str, context: Optional[Mapping[str, Any]] = None) -> str:
        """Return what the server keeps for *resource_identifier*; *context* has the ``component``."""
        return resource_identifier

    def decode(self, resource_identifier: str, context: Optional[Mapping[str, Any]] = None) -> str:
        """Return what is used here for *resource_identifier*; *context* has the ``component``."""
        return resource_identifier
