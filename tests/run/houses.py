"""Real houses: bin/run as a person starts it, what it prints, and which processes it has."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / "bin" / "run"
#: On a busy machine an open house takes a while; what is measured is said in the tests.
PATIENCE = 180


def processes_of(data: Path) -> dict[int, str]:
    """Every running process that carries this data folder in its environment, with its command line."""
    mark = b"DSBS_DATA=" + os.fsencode(data)
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


def end_processes_of(data: Path) -> None:
    """After a test that has failed: end what it left."""
    while left := processes_of(data):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def clean_environment(**more: str) -> dict[str, str]:
    """This environment without anybody's settings for the house; one web process is enough here."""
    ours = ("DSBS_", "DATABASE_URL", "REDIS_URL", "MAIL_", "BASE_URL", "SECRET_KEY", "TRUSTED_PROXIES", "FLASK_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | {
        "WEB_CONCURRENCY": "1",
        **more,
    }


@dataclass
class RunningHouse:
    """One bin/run that was started and not waited for."""

    process: subprocess.Popen[bytes]
    data: Path
    output: Path

    @property
    def said(self) -> str:
        """Everything that it has printed until now."""
        return self.output.read_text()

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until it prints this; fail when it ends before, or takes too long."""
        until = time.monotonic() + PATIENCE
        while (found := re.search(pattern, self.said)) is None:
            assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.said}"
            assert time.monotonic() < until, f"no {pattern!r} in:\n{self.said}"
            time.sleep(0.05)
        return found

    def address(self) -> str:
        """Wait until it stands; the address that it prints."""
        return self.wait_for(r"The house stands: (\S+)\n")[1]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop; its exit status."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@dataclass
class Refusal:
    """How a start ended that came to nothing."""

    status: int
    said: str
    output: str
