"""What the person at the terminal reads."""

from __future__ import annotations

import contextlib
import os
import sys


class Trouble(Exception):
    """Why the house cannot stand: one clear sentence, on standard error, with a non-zero exit."""


def say(line: str = "") -> None:
    """Print one line at once. A reader that is gone (`bin/run | tee`, then Ctrl-C) does not disturb the stop."""
    _write(sys.stdout.fileno(), line)


def complain(line: str) -> None:
    """Print one line on standard error."""
    _write(sys.stderr.fileno(), line)


def _write(stream: int, line: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        os.write(stream, f"{line}\n".encode())
