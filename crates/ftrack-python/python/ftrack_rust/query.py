"""Results of queries."""

from __future__ import annotations

from _collections_abc import Sequence  # What `collections.abc` gives, without loading `collections`.

from . import _engine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, Union, overload

    from .entity.base import Entity
    from ._session.entities import Entities as Session


class QueryResult(_engine.QueryCore, Sequence):  # type: ignore[type-arg]
    """The results of a query: a sequence of entities, fetched page by page when they are needed.

    A limit and an offset in the expression are kept. Reading one result fetches the pages up to it; :func:`len` and
    reading from the end fetch all.
    """

    def __init__(self, session: "Session", expression: str, page_size: int = 500) -> None:
        """Make a query of *expression* in *session*, to fetch *page_size* entities at once."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, index: int) -> "Entity": ...

        @overload
        def __getitem__(self, index: slice) -> list["Entity"]: ...

        def __getitem__(self, index: Union[int, slice]) -> Any: ...

        def __iter__(self) -> Iterator["Entity"]: ...

    async def all_async(self) -> list["Entity"]:
        """Fetch all results without blocking the event loop; see :meth:`Session.query_async
        <ftrack_rust.session.Session.query_async>`."""
        import asyncio

        return await asyncio.get_running_loop().run_in_executor(None, self.all)

    def __repr__(self) -> str:
        return "<{0} {1!r}>".format(type(self).__name__, self._expression)
