"""A real HTTP server in front of an application under test."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing: what went wrong is in the answer."""


@contextmanager
def listening() -> Iterator[socket.socket]:
    """A socket on a free port of this machine, so that the address is known before the application is made."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        yield free


def address_of(listener: socket.socket) -> str:
    """The address of what answers on this socket."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def serving(app: Flask, listener: socket.socket) -> Iterator[str]:
    """Answer requests in threads of this process, so that a moved clock holds for them too; gives the address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent, fd=listener.fileno())
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="live server")
    thread.start()
    try:
        yield address_of(listener)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
