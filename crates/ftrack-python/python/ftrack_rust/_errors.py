"""Errors of the engine as exceptions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from . import exception

#: Kinds of the engine whose exception has another name.
_RENAMED = {
    "Authentication": "ServerError",
    "Validation": "ServerError",
    "Integrity": "ServerError",
    "MalformedAnswer": "ServerError",
    "DuplicateEntry": "NotUniqueError",
    "Connection": "ServerConnectionError",
    "Timeout": "ServerTimeoutError",
    "Plugin": "Error",
}

#: Kinds for which Python has an exception of its own.
_BUILTIN: dict[str, type] = {"InvalidArgument": ValueError, "File": OSError, "UnknownAttribute": KeyError}

#: Kinds whose default text says all there is to say.
_SPOKEN = ("NoResultFound", "MultipleResultsFound", "ConnectionClosed")


def make(kind: str, message: str, details: dict[str, Any], is_retryable: bool) -> Exception:
    """Make the exception for an error of *kind*."""
    if "exception" in details and "content" in details:
        named: Any = exception.ServerError
        if kind == "ServerCompatibility":
            named = exception.ServerCompatibilityError
        text = "Server reported error: {0}({1})".format(details["exception"], details["content"])
        return _made(named, text, details, is_retryable)
    if kind in _BUILTIN:
        made: Exception = _BUILTIN[kind](message)
        return made
    if kind == "UnrecognisedEntityType":
        return exception.UnrecognisedEntityTypeError(details.get("entity_type", ""))
    if kind == "ImmutableAttribute":
        return exception.ImmutableAttributeError(SimpleNamespace(name=details.get("attribute")))
    named = getattr(exception, _RENAMED.get(kind, kind + "Error"), exception.Error)
    if kind in _SPOKEN:
        message = named.default_message
    return _made(named, message, details, is_retryable)


def _made(kind: Any, message: str, details: dict[str, Any], is_retryable: bool) -> Exception:
    made = kind.__new__(kind)
    exception.Error.__init__(made, message, details)
    made.is_retryable = is_retryable
    result: Exception = made
    return result
