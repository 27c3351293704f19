"""Entities as text for people."""

from __future__ import annotations

import os
import sys
from typing import Any, Callable, Optional

from . import collection, inspection, symbol
from .entity.base import Entity

#: Filters for :func:`format`.
FILTER: dict[str, Callable[[Any, str, Any], bool]] = {
    "ignore_unset": lambda entity, name, value: value is not symbol.NOT_SET
}


def _can_do_colors() -> bool:
    if "ANSI_COLORS_DISABLED" in os.environ or "NO_COLOR" in os.environ:
        return False
    if "FORCE_COLOR" in os.environ:
        return True
    return hasattr(sys.stdout, "isatty") and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _coloured(start: str) -> Callable[[str], str]:
    return lambda text: "{0}{1}\x1b[0m\033[0m".format(start, text) if _can_do_colors() else text


def format(
    entity: Any,
    formatters: Optional[dict[str, Callable[[str], str]]] = None,
    attribute_filter: Optional[Callable[[Any, str, Any], bool]] = None,
    recursive: bool = False,
    indent: int = 0,
    indent_first_line: bool = True,
    _seen: Optional[set[str]] = None,
) -> str:
    """Return *entity* with its attributes as text, one attribute a line.

    *formatters* may have functions for the ``header``, which is the type, and the ``label``, which is the name of an
    attribute. *attribute_filter* takes entity, name and value and says whether the attribute is shown; see
    :data:`FILTER`. If *recursive*, the entities of lists are shown as well. Lines are indented by *indent* spaces, the
    first one only with *indent_first_line*.

    All attributes are read, which may load them.
    """
    formatters = dict(formatters or {})
    header = formatters.setdefault("header", _coloured("\x1b[1m\x1b[44m\x1b[97m"))
    label = formatters.setdefault("label", _coloured("\x1b[1m\x1b[34m"))
    spaces = " " * indent
    first = spaces if indent_first_line else ""
    seen = set(_seen or ())
    identifier = str(inspection.identity(entity))
    if identifier in seen:
        return first + header(entity.entity_type) + "{...}"
    seen.add(identifier)

    def inner(value: Any, name: str, with_indent: bool) -> str:
        return format(
            value,
            formatters=formatters,
            attribute_filter=attribute_filter,
            recursive=recursive,
            indent=indent + len(name) + 3,
            indent_first_line=with_indent,
            _seen=seen,
        )

    lines = [first + header(entity.entity_type)]
    for name, value in sorted(entity.items(), key=lambda item: item[0]):
        if attribute_filter is not None and not attribute_filter(entity, name, value):
            continue
        if isinstance(value, Entity):
            value = inner(value, name, False)
        elif isinstance(value, collection.Collection) and recursive:
            value = "\n".join(inner(child, name, index != 0) for index, child in enumerate(value))
        lines.append("{0} {1}: {2}".format(spaces, label(name), value))
    return "\n".join(lines)
