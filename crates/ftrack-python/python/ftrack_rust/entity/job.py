"""Jobs."""

from __future__ import annotations

from . import base

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Mapping


class Job(base.Entity):
    """Something that runs and that people can follow.

    The text that people see is in the attribute ``data``, as JSON::

        session.create('Job', {'status': 'running', 'data': json.dumps({'description': 'Rendering'}), 'user': user})

    Jobs that are created are of the type ``api_job``; any other raises :exc:`ValueError`.
    """

    @classmethod
    def _check_new(cls, data: Mapping[str, Any]) -> None:
        if data.get("type") not in ("api_job", None):
            raise ValueError('Invalid job type "{0}". Must be "api_job"'.format(data.get("type")))
