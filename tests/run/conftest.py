"""Real houses: bin/run as a person starts it, each in a data folder of its own, none left when the test is over."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "bin"))  # bin/house is a package that is not installed

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


def clean_environment(**more: str) -> dict[str, str]:
    """This environment without anybody's settings for the house."""
    ours = ("DSBS_", "DATABASE_URL", "REDIS_URL", "MAIL_", "BASE_URL", "SECRET_KEY", "TRUSTED_PROXIES", "FLASK_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | more


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
        return self.process.wait(30)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that does not exist yet."""
    return tmp_path / "school data"


@pytest.fixture
def start_house(data: Path, tmp_path: Path) -> Iterator[Callable[..., RunningHouse]]:
    """A function that starts bin/run on ``data`` with these arguments; what still runs is stopped after the test."""
    started: list[RunningHouse] = []

    def start(*arguments: str, **environ: str) -> RunningHouse:
        output = tmp_path / f"output-{len(started)}"
        with output.open("wb") as stream:
            process = subprocess.Popen(
                [RUN, "--data", data, "--port", "0", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                env=clean_environment(**environ),
            )
        started.append(RunningHouse(process, data, output))
        return started[-1]

    yield start
    for house in started:
        if house.process.poll() is None:
            house.stop()
    for pid in processes_of(data):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@dataclass
class Refusal:
    """How a start ended that came to nothing."""

    status: int
    said: str
    output: str


@pytest.fixture
def refused(data: Path) -> Callable[..., Refusal]:
    """A function that runs bin/run to its end with these arguments, on ``data`` unless they name another folder.

    It goes in behind the search for a Python, which takes as long as all the rest.
    """

    def run(*arguments: str | Path, **environ: str) -> Refusal:
        command = [sys.executable, ROOT / "bin" / "house", *arguments]
        given = clean_environment(DSBS_DATA=str(data)) | environ
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, env=given, check=False)
        return Refusal(ended.returncode, ended.stderr, ended.stdout)

    return run
