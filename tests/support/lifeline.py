"""Servers of a test run end with the run, however it ends.

The process that controls the run holds a lock on a file for as long as it lives; the kernel lets go of it even after
``kill -9``. Each server has a keeper beside it, which waits for that lock and then stops its server.
"""

from __future__ import annotations

import fcntl
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

_FILE = "running"
_PATIENCE_SECONDS = 10


def hold(run: Path) -> IO[str]:
    """Say that the run in this folder is alive, until the returned file is closed or the process ends."""
    held = (run / _FILE).open("w")
    fcntl.flock(held, fcntl.LOCK_EX)
    return held


def keep(command: Sequence[str | Path], *, home: Path, stop_by: signal.Signals, user: str | None = None) -> None:
    """Run a server until its run is over, then stop it and remove its folder, which is ``RUN/servers/NAME``."""
    signal.signal(signal.SIGTERM, _end)
    with (home.parents[1] / _FILE).open() as lifeline, subprocess.Popen(command, cwd=home, **identity(user)) as server:
        try:
            while server.poll() is None and not _is_over(lifeline):
                time.sleep(0.1)
        finally:
            _stop(server, stop_by)
            _tidy(home)


def identity(user: str | None) -> dict[str, Any]:
    """What ``subprocess`` needs to start a program as this user; None means as ourselves."""
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}


def _is_over(lifeline: IO[str]) -> bool:
    try:
        fcntl.flock(lifeline, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _stop(server: subprocess.Popen[bytes], by: signal.Signals) -> None:
    server.send_signal(by)
    try:
        server.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()


def _tidy(home: Path) -> None:
    """Remove the server's folder, and that of a run which was killed together with its last server."""
    shutil.rmtree(home, ignore_errors=True)
    with suppress(OSError):
        home.parent.rmdir()
        shutil.rmtree(home.parents[1], ignore_errors=True)


def _end(number: int, frame: object) -> None:
    raise SystemExit(128 + number)
