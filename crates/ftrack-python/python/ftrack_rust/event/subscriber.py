"""Who wants events."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from .subscription import Subscription


class Subscriber:
    """Somebody who wants events."""

    def __init__(
        self, subscription: str, callback: Callable[..., Any], metadata: dict[str, Any], priority: int
    ) -> None:
        """Call *callback* for what *subscription* wants; *metadata* says who it is, its ``id`` among the rest."""
        self.subscription = Subscription(subscription)
        self.callback = callback
        self.metadata = metadata
        self.priority = priority

    def __str__(self) -> str:
        return '<{0} metadata={1} subscription="{2}">'.format(type(self).__name__, self.metadata, self.subscription)

    def interested_in(self, event: Mapping[str, Any]) -> bool:
        """Return whether *event* is wanted."""
        return self.subscription.includes(event)
