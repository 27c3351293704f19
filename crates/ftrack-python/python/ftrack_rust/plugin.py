"""Finds and registers plugins."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import inspect
import logging
import os
import traceback
import uuid
from types import ModuleType
from typing import Any, Iterable, Mapping, Optional, Sequence


def load_source(modname: str, filename: str) -> ModuleType:
    """Return the module *modname* made from the file *filename*."""
    loader = importlib.machinery.SourceFileLoader(modname, filename)
    specification = importlib.util.spec_from_file_location(modname, filename, loader=loader)
    if specification is None:
        raise ImportError("{0!r} is not a module".format(filename))
    module = importlib.util.module_from_spec(specification)
    loader.exec_module(module)
    return module


def discover(
    paths: Iterable[str],
    positional_arguments: Optional[Sequence[Any]] = None,
    keyword_arguments: Optional[Mapping[str, Any]] = None,
) -> None:
    """Load each module in the folders *paths* and below, and call its function ``register``.

    It gets *positional_arguments* and those of *keyword_arguments* that it takes. A module that cannot be loaded, or
    has no such function, is reported in the log and left out.
    """
    logger = logging.getLogger(__name__ + ".discover")
    for path in paths:
        # An empty path would be the current folder.
        if not path.strip():
            continue
        for folder, _, names in os.walk(path.strip()):
            for name in names:
                if name.endswith(".py"):
                    _register(
                        logger, os.path.join(folder, name), list(positional_arguments or ()), dict(keyword_arguments or {})
                    )


def _register(logger: logging.Logger, path: str, positional: list[Any], keywords: dict[str, Any]) -> None:
    try:
        module = load_source(uuid.uuid4().hex, path)
    except Exception as error:
        logger.warning('Failed to load plugin from "{0}": {1}'.format(path, error))
        logger.debug(traceback.format_exc())
        return
    register = getattr(module, "register", None)
    if register is None:
        logger.warning(
            'Failed to load plugin that did not define a "register" function at the module level: {0}'.format(path)
        )
        return
    taken = inspect.getfullargspec(register)
    if not taken.varargs and len(positional) > len(taken.args):
        logger.warning("Culling passed arguments to match register function signature.")
        positional, keywords = positional[: len(taken.args)], {}
    elif not taken.varkw:
        names = set(taken.args[len(positional) :]) | set(taken.kwonlyargs)
        if not set(keywords) <= names:
            logger.warning("Culling passed arguments to match register function signature.")
            keywords = {name: value for name, value in keywords.items() if name in names}
    register(*positional, **keywords)
