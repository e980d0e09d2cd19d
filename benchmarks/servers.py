"""The servers of a benchmark: PostgreSQL as the tests start it, and gunicorn as bin/run does, two workers each."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from config import ROOT

WORKERS = 2
KEY = "for benchmarks only, at least 32 characters"
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Web:
    """A running gunicorn."""

    port: int
    pid: int

    def processor_seconds(self) -> float:
        """User and system time of the server's processes so far."""
        return sum(_seconds(pid) for pid in (self.pid, *_children(self.pid)))


def environment(data: Path, database_url: str) -> Mapping[str, str]:
    """What both programs are started with: the same database, the same key."""
    return {
        **os.environ,
        "DSBS_ENV": "production",
        "DSBS_DATA": str(data),
        "DATABASE_URL": database_url,
        "SECRET_KEY": KEY,
        "WEB_CONCURRENCY": str(WORKERS),
    }


@contextmanager
def serving(application: str, env: Mapping[str, str]) -> Iterator[Web]:
    """Serve an application (``wsgi:application``) on a free port until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen([*command, application], cwd=ROOT, env=dict(env), stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield Web(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def postgres_seconds(engine: Engine) -> float:
    """User and system time of PostgreSQL so far: of its server, the processes it has and those it had."""
    with engine.connect() as connection:
        own: int = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    server = int(_stat(own)[1])
    return sum(map(_seconds, (server, *_children(server)))) + sum(map(int, _stat(server)[13:15])) / _TICK


def _wait(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"Nothing answers on port {port}.")


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _seconds(pid: int) -> float:
    return sum(map(int, _stat(pid)[11:13])) / _TICK


def _stat(pid: int) -> list[str]:
    """What ``/proc`` tells of a process, from its state on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
