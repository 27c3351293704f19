"""The documented interface of ``ftrack_api``, on the engine of ftrack in Rust.

::

    import ftrack_rust as ftrack_api

    session = ftrack_api.Session()
    for project in session.query('Project'):
        print(project['name'])

Modules have the names that ftrack documents and are loaded when they are first used. ``effective``, ``files``, ``follow``
and ``sequence`` are beyond the original.
"""

from __future__ import annotations

from . import _engine
from .session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__version__: str = _engine.__version__

__all__ = ["Session", "install", "mixin", "__version__"]

_MODULES = (
    "accessor",
    "attribute",
    "cache",
    "collection",
    "data",
    "effective",
    "entity",
    "event",
    "exception",
    "files",
    "follow",
    "formatter",
    "inspection",
    "logging",
    "operation",
    "plugin",
    "query",
    "resource_identifier_transformer",
    "sequence",
    "session",
    "structure",
    "symbol",
)


def mixin(instance: Any, mixin_class: type, name: Optional[str] = None) -> None:
    """Make *instance* an instance of *mixin_class* as well.

    *name* is the name of the new class of *instance*; it is made of the names of both classes if it is not given.
    Nothing happens if *mixin_class* is among the classes of *instance* already.
    """
    current = type(instance)
    if mixin_class in current.__mro__:
        return
    name = name or current.__name__ + mixin_class.__name__
    metaclass: Any = type(current)
    instance.__class__ = metaclass(name, (mixin_class, current), {})


def install() -> None:
    """Make ``import ftrack_api`` find this package, in this process, with all its modules.

    Call it before anything else imports ``ftrack_api``. Raises :exc:`RuntimeError` if the official client was imported
    before: its classes and these would be mixed up.
    """
    from ._install import install as perform

    perform()


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return __import__(__name__ + "." + name, fromlist=[name])
    raise AttributeError("module {0!r} has no attribute {1!r}".format(__name__, name))


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(_MODULES))
