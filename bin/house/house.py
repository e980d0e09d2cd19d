"""The services of the house: how they open, are watched and close."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from . import broker, leftovers
from .address import Address
from .children import Child, Launcher, stop_children
from .folder import DataFolder
from .options import ROOT
from .setting_up import BIN
from .words import Trouble, say

#: Requests under way get 10 seconds from gunicorn, tasks the same; then all of it is ended.
GRACE = 11
#: The broker, asked after them, only writes down its last commands.
BROKER_GRACE = 2
#: On a slow machine the web reads its program, and the broker its file, for a while.
PATIENCE = 90


class House:
    """One data folder, held by this process, and the services that run on it."""

    def __init__(self, folder: DataFolder, launcher: Launcher, address: Address) -> None:
        self._folder = folder
        self._launcher = launcher
        self._address = address
        self._services: list[Child] = []
        self._socket: Path | None = None

    def open_broker(self) -> None:
        """Start the embedded broker; the environment of what starts after it names its address."""
        say("Starting the broker")
        listening = self._socket = broker.choose_socket(self._folder.path)
        listening.unlink(missing_ok=True)
        self._folder.broker.mkdir(mode=0o700, exist_ok=True)
        self._serve("broker", *broker.command(broker.find_server(), self._folder.broker, listening))
        self._wait_until(lambda: broker.answers(listening), "The broker does not answer.")
        self._launcher.environ["REDIS_URL"] = broker.socket_url(listening)

    def open(self) -> None:
        """Start web and worker; they need a moment before they answer."""
        say("Starting web and worker")
        self._serve(
            "web", BIN / "gunicorn", "--config", ROOT / "deploy" / "gunicorn.conf.py", "--bind", self._address.bind,
            "wsgi:application",
        )  # fmt: skip
        self._serve(
            "worker", BIN / "celery", "--app", "worker", "worker", "--beat", "--concurrency", "2", "--loglevel", "INFO",
            "--without-gossip", "--without-mingle",
        )  # fmt: skip

    def wait_until_open(self) -> None:
        """Wait for the web's first answer."""
        self._wait_until(self._address.answers, "The web does not answer.")

    def watch(self) -> None:
        """Stay until somebody asks to stop, or until a service ends by itself, which is ``Trouble``."""
        while True:
            self._miss_nobody()
            self._launcher.signals.pause(5)

    def close(self) -> None:
        """Stop web and worker together, then the broker, then what they may have left; in under 15 seconds."""
        users = [child for child in self._services if child.name != "broker"]
        stop_children(users, self._launcher.signals, grace=GRACE)
        stop_children(
            [child for child in self._services if child not in users], self._launcher.signals, grace=BROKER_GRACE
        )
        leftovers.end_left_behind(self._folder.path, self._folder.processes, grace=0)
        if self._socket:
            broker.clear_socket(self._socket, self._folder.path)

    def _serve(self, name: str, *command: str | Path) -> None:
        self._services.append(self._launcher.start(name, command))

    def _wait_until(self, ready: Callable[[], bool], otherwise: str) -> None:
        until = time.monotonic() + PATIENCE
        while not ready():
            self._miss_nobody()
            if time.monotonic() > until:
                raise Trouble(f"{otherwise} {self._services[-1].log_ends()}")
            self._launcher.signals.pause(0.1)

    def _miss_nobody(self) -> None:
        for child in self._services:
            if not child.runs:
                raise Trouble(f"The {child.name} stopped by itself ({child.how_it_ended()}). {child.log_ends()}")
