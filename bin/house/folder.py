"""The data folder: the one place that a running house writes to."""

from __future__ import annotations

import fcntl
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from .words import Trouble

LOG_LIMIT = 5 * 1024 * 1024


class DataFolder:
    """Paths in the data folder and the few files that bin/run itself keeps there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = path / "dsbs.sqlite3"
        self.broker = path / "broker"
        self.processes = path / "processes"
        self.environment = path / "environment"
        self._demonstration = path / "demonstration"
        self._lock: IO[str] | None = None

    def prepare(self) -> None:
        """Make the folder, for its owner only, and try to write in it; raise ``Trouble`` where that is not possible."""
        if self.path.exists() and not self.path.is_dir():
            raise Trouble(f"{self.path} is a file; the data need a folder. Name one with --data.")
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.path) as trial:
                trial.write(b"written")
        except OSError as error:
            raise Trouble(f"The data folder {self.path} cannot be written: {error.strerror}.") from error
        self.logs.mkdir(mode=0o700, exist_ok=True)

    def lock(self) -> None:
        """Keep the folder for this process until it ends, however it ends; refuse when another one has it."""
        lock = (self.path / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Trouble(f"bin/run already runs on {self.path} (process {lock.read().strip()}).") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    @property
    def logs(self) -> Path:
        """Where each child's output lands."""
        return self.path / "log"

    def log(self, name: str) -> Path:
        """The log of one child; a long one is put aside first, so that two generations at most are kept."""
        log = self.logs / f"{name}.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
        return log

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever set up here."""
        return not (self.environment.exists() or self.database.exists() or self.has_demonstration)

    @property
    def has_demonstration(self) -> bool:
        """Whether this is a demonstration, perhaps one that is not complete yet."""
        return self._demonstration.exists()

    @property
    def demonstration_is_complete(self) -> bool:
        """Whether the demonstration data were made to their end."""
        return self.has_demonstration and self._demonstration.read_text().strip() == "complete"

    def mark_demonstration(self, *, complete: bool) -> None:
        """Say that this folder shows its sign-ins. Written before the first of them exists."""
        _replace(self._demonstration, "complete\n" if complete else "begun\n")

    def keep_environment(self, values: Mapping[str, str]) -> None:
        """Write down the settings of this start, so that ``flask`` commands meet the same house."""
        _replace(self.environment, "".join(f"{name}={value}\n" for name, value in sorted(values.items())))

    def keep_secret_key(self) -> None:
        """Make the key that signs sessions and links, once."""
        key = self.path / "secret_key"
        if not key.exists():
            _replace(key, secrets.token_hex(32) + "\n")


def _replace(path: Path, text: str) -> None:
    """Write a file for its owner only, whole or not at all, also when the power fails."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
