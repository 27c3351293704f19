"""What subscribers want."""

from __future__ import annotations

from typing import Any, Mapping

from .expression import Parser


class Subscription:
    """An expression that events are matched against."""

    parser = Parser()

    def __init__(self, subscription: str) -> None:
        """Make a subscription of its text. Raises :exc:`~ftrack_rust.exception.ParseError` if it is not one."""
        self._subscription = subscription
        self._expression = self.parser.parse(subscription)

    def __str__(self) -> str:
        return self._subscription

    def includes(self, event: Mapping[str, Any]) -> bool:
        """Return whether *event* is wanted."""
        return self._expression.match(event)
