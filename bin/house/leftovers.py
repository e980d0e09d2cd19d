"""What a killed bin/run left behind: found by its mark, ended by the next start.

Every process that bin/run starts carries DSBS_DATA and DSBS_HOUSE in its environment; a person's own ``flask shell``
has no DSBS_HOUSE and is left alone. Where the system does not show environments (no /proc), or a program has written
over its own, the numbers noted at the start are taken, if the process of that number began when it was noted.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

#: In the environment of every process that bin/run starts, and of no other.
MARK = "DSBS_HOUSE"

PROC = Path("/proc")


def note(processes: Path, pid: int) -> None:
    """Write down a process just started, with the moment it began: numbers are used again."""
    with processes.open("a") as stream:
        stream.write(f"{pid}\t{_began(pid)}\n")


def left_behind(data: Path, processes: Path) -> set[int]:
    """The processes of an earlier start on this data folder. Only asked while holding the folder's lock."""
    return (_marked(data) | _noted(processes)) - {os.getpid()}


def end_left_behind(data: Path, processes: Path, *, grace: float) -> int:
    """Ask them to stop, end those still there after ``grace`` seconds; return how many there were."""
    found = left_behind(data, processes)
    _signal(found, signal.SIGTERM)
    until = time.monotonic() + grace
    while (rest := left_behind(data, processes)) and time.monotonic() < until:
        time.sleep(0.1)
    while rest:
        _signal(rest, signal.SIGKILL)
        time.sleep(0.05)
        rest = left_behind(data, processes)
    processes.unlink(missing_ok=True)
    return len(found)


def _marked(data: Path) -> set[int]:
    mark = b"DSBS_DATA=" + os.fsencode(data)
    return {int(entry.name) for entry in PROC.glob("[0-9]*") if _carries(entry / "environ", mark)}


def _carries(environ: Path, mark: bytes) -> bool:
    try:
        values = environ.read_bytes().split(b"\0")
    except OSError:  # it has ended, or is not ours
        return False
    return mark in values and any(value.startswith(os.fsencode(f"{MARK}=")) for value in values)


def _noted(processes: Path) -> set[int]:
    if not processes.exists():
        return set()
    lines = (line.partition("\t") for line in processes.read_text().splitlines())
    return {int(pid) for pid, _, began in lines if began and _began(int(pid)) == began}


def _began(pid: int) -> str:
    """When a process began, in the system's own words; empty when it has ended."""
    if PROC.joinpath("self/stat").exists():
        return _began_by_proc(pid)
    # Zombies are over: they have nothing to stop and go with their parent.
    shown = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, began = shown.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else began.strip()


def _began_by_proc(pid: int) -> str:
    try:
        # The name in brackets may hold anything; what follows the last bracket is counted from field 3, the state.
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _signal(pids: set[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
