"""The arguments of sessions, and values in queries."""

from __future__ import annotations

import os
from _collections_abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional


def required(name: str, value: Optional[str], *variables: str) -> str:
    """Return *value*, or that of the first of *variables* of the environment that has one."""
    for variable in variables:
        if value is None:
            value = os.environ.get(variable)
    if not value:
        raise TypeError(
            'Required "{0}" not specified. Pass as argument or set in environment variable {1}.'.format(
                name, variables[0]
            )
        )
    return value


def user(value: Optional[str]) -> str:
    """Return *value*, or the user that the environment or the system says."""
    if value is None:
        value = os.environ.get("FTRACK_API_USER")
        if not value:
            import getpass

            try:
                value = getpass.getuser()
            except Exception:
                value = None
    if not value:
        raise TypeError(
            'Required "api_user" not specified. Pass as argument, set in environment variable FTRACK_API_USER or one '
            "of the standard environment variables used by Python's getpass module."
        )
    return value


def mapping(name: str, value: Any) -> dict[str, str]:
    """Return *value*, the argument *name*, as a dict; an empty one if it is None."""
    if not value:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError("The {0} argument is required to be a mapping.".format(name))
    return dict(value)


def schema_folder(path: Any) -> Optional[str]:
    """Return the folder in which schemas are kept, or None."""
    if path is False:
        return None
    if path is None or path is True:
        path = os.environ.get("FTRACK_API_SCHEMA_CACHE_PATH")
        if not path:
            base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
            path = os.path.join(base, "ftrack-rust", "schemas-v1")
    return str(os.fspath(path))


def literal(value: Any) -> str:
    """Return *value* as it is written in a query."""
    if hasattr(value, "isoformat"):
        import arrow

        value = arrow.get(value).naive.replace(microsecond=0).isoformat()
    if isinstance(value, str):
        return '"{0}"'.format(value.replace("\\", "\\\\").replace('"', '\\"'))
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "none"
    return str(value)
