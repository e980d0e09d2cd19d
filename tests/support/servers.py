"""The servers that a test run starts once and shares between its workers, and the folder they live in."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from config import ROOT
from tests.support import lifeline

Answer = TypeVar("Answer")

_FOLDER = "DSBS_TEST_RUN"
_START_SECONDS = 60


class Run:
    """One run of pytest as its workers share it: a folder, and the servers that have theirs inside it.

    The process that controls the run makes it and starts servers; its workers find it by the environment.
    """

    def __init__(self) -> None:
        self.began = time.time()
        self.controls = _FOLDER not in os.environ
        if self.controls:
            os.environ[_FOLDER] = tempfile.mkdtemp(prefix="dsbs-test-")
        self.folder = Path(os.environ[_FOLDER])
        self._servers = self.folder / "servers"
        self._keepers: dict[str, subprocess.Popen[bytes]] = {}
        if self.controls:
            self.static.mkdir()
            self.compiled.mkdir()
            self._servers.mkdir()
            # PostgreSQL runs as somebody else when we are root; that user must be able to walk through.
            self.folder.chmod(0o711)
            self._servers.chmod(0o711)
            self._alive = lifeline.hold(self.folder)

    @property
    def static(self) -> Path:
        """Published static files, made by the first application and shared by all."""
        return self.folder / "static"

    @property
    def compiled(self) -> Path:
        """Compiled templates, made by whoever needs one first and shared by all."""
        return self.folder / "compiled"

    def start(self, name: str) -> Path:
        """Start the server behind ``tests/support/NAME.py`` unless it runs; do not wait for it. Returns its folder."""
        home = self._servers / name
        if self.controls and name not in self._keepers:
            home.mkdir()
            with (self.folder / f"{name}.log").open("wb") as log:
                self._keepers[name] = subprocess.Popen(
                    [sys.executable, "-m", f"tests.support.{name}", home],
                    cwd=ROOT,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    # Ctrl-C in a terminal reaches the whole foreground group; the tests still need their servers then.
                    start_new_session=True,
                )
        return home

    def wait_for(self, name: str, ask: Callable[[], Answer | None]) -> Answer:
        """Ask until the server answers, for at most a minute; then fail with what its log says."""
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            answer = ask()
            if answer is not None:
                return answer
            time.sleep(0.05)
        log = (self.folder / f"{name}.log").read_text(errors="replace")
        raise RuntimeError(f"The {name} server of the tests did not start:\n{log[-2000:]}")

    @contextmanager
    def one_at_a_time(self, name: str) -> Iterator[None]:
        """Only one worker of the run is inside at a time."""
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def close(self) -> None:
        """Stop the servers and remove the folder; only the process that controls the run does so."""
        if not self.controls:
            return
        self._alive.close()
        for keeper in self._keepers.values():
            keeper.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        del os.environ[_FOLDER]
