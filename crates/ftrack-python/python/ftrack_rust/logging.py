"""Help for log messages."""

from __future__ import annotations

import functools
import warnings
from typing import Any, Callable, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def deprecation_warning(message: str) -> Callable[[F], F]:
    """Decorate a function so that each call warns with *message*, as a pending deprecation."""

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def warn(*arguments: Any, **options: Any) -> Any:
            warnings.warn(message, PendingDeprecationWarning, stacklevel=2)
            return function(*arguments, **options)

        return warn  # type: ignore[return-value]

    return decorate


class LazyLogMessage:
    """A message that is only put together if somebody logs it.

    ::

        logger.debug(LazyLogMessage('Hello {0}', 'world'))
    """

    def __init__(self, message: str, *arguments: Any, **options: Any) -> None:
        """Make a message of the template *message*, for :meth:`str.format`."""
        self.message = message
        self.args = arguments
        self.kwargs = options

    def __str__(self) -> str:
        return self.message.format(*self.args, **self.kwargs)
