"""A server between sessions and the local server, which answers some requests in its own way."""

from __future__ import annotations

import contextlib
import http.server
import threading
import urllib.request
from typing import Iterator


class Relay(http.server.BaseHTTPRequestHandler):
    """Passes requests on. Classes that derive from it change :meth:`answer`."""

    #: The address of the local server.
    upstream = ""

    def answer(self, body: bytes) -> bytes:
        """Return the answer to a request with *body*: that of the local server."""
        headers = {name: value for name, value in self.headers.items() if name.lower().startswith(("ftrack", "content-t"))}
        request = urllib.request.Request(self.upstream + self.path, body, headers)
        with urllib.request.urlopen(request) as answer:
            return bytes(answer.read())

    def do_POST(self) -> None:
        """Answer a request."""
        content = self.answer(self.rfile.read(int(self.headers["content-length"])))
        # Whoever asked may not want to know any more.
        with contextlib.suppress(OSError):
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def listening(handler: type[Relay], upstream: str) -> Iterator[str]:
    """Serve with *handler* in front of *upstream*, and give the address."""
    handler.upstream = upstream
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield "http://127.0.0.1:{0}".format(server.server_port)
    finally:
        server.shutdown()
        server.server_close()
