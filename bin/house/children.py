"""The processes of the house: started in their own session, with a log each, and ended as a group."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import leftovers
from .folder import DataFolder
from .options import ROOT
from .signals import Signals, Stopped

LAST_WORDS = 10


@dataclass(frozen=True, kw_only=True)
class Child:
    """A process that bin/run started; it leads a session, so its number is also that of its group."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    log_from: int

    @property
    def runs(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Let it finish what it is doing."""
        self.process.terminate()

    def end(self) -> None:
        """End it with all that it started, now."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def how_it_ended(self) -> str:
        """Its end in words: an exit status, or the signal that ended it."""
        status = self.process.wait()
        return signal.Signals(-status).name if status < 0 else f"exit status {status}"

    def last_words(self) -> list[str]:
        """The last lines it wrote since it started, without the frames of a stack trace."""
        with self.log.open("rb") as log:
            log.seek(max(self.log_from, self.log.stat().st_size - 16_384))
            lines = log.read().decode(errors="replace").splitlines()
        told = [line for line in lines if line.strip() and not line.startswith((" ", "\t", "Traceback"))]
        return told[-LAST_WORDS:]

    def log_ends(self) -> str:
        """Where its log is, and how it ends."""
        said = self.last_words()
        return "\n  ".join([f"The end of {self.log}:", *said]) if said else f"It wrote nothing into {self.log}."


def stop_children(children: Sequence[Child], signals: Signals, *, grace: float) -> None:
    """Ask these to stop, wait up to ``grace`` seconds, end the rest. Asked to stop again meanwhile: end at once."""
    for child in children:
        child.ask_to_stop()
    until = time.monotonic() + grace
    with contextlib.suppress(Stopped):
        while any(child.runs for child in children) and time.monotonic() < until:
            signals.pause(0.2)
    for child in children:
        child.end()


class Launcher:
    """Starts processes away from the terminal, so that Ctrl-C reaches only bin/run, which stops all in order.

    What a process writes lands at the end of its log, ``DATA/log/NAME.log``; files that it makes are for their owner
    only.
    """

    def __init__(self, folder: DataFolder, signals: Signals, environ: dict[str, str]) -> None:
        self.environ = environ
        self.signals = signals
        self._folder = folder

    def start(self, name: str, command: Sequence[str | Path]) -> Child:
        """Start a process that is to run on."""
        return self._spawn(name, command, output=None, umask=0o077)

    def run(self, name: str, command: Sequence[str | Path], *, output: int | None = None, umask: int = 0o077) -> Child:
        """Start a process and wait for its end; its standard output goes to ``output`` where that is given."""
        child = self._spawn(name, command, output=output, umask=umask)
        try:
            while child.runs:
                self.signals.pause(0.5)
        except Stopped:
            stop_children([child], self.signals, grace=5)
            raise
        return child

    def _spawn(self, name: str, command: Sequence[str | Path], *, output: int | None, umask: int) -> Child:
        log = self._folder.log(name)
        with log.open("ab") as stream:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=stream if output is None else output,
                stderr=stream,
                start_new_session=True,
                umask=umask,
            )
            child = Child(name=name, process=process, log=log, log_from=stream.tell())
        leftovers.note(self._folder.processes, process.pid)
        return child
