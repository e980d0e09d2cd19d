"""What the worker looks after here: files that nobody confirmed, and refused rows that were kept long enough."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from dsbs.core.db import SYSTEM, write
from dsbs.exchange import service


def drop_old_files(now: Callable[[], datetime]) -> None:
    """Let go of what is past its days. Safe to run in any number of processes at once."""
    moment = now()
    with write(by=SYSTEM, why="The days of a file are over", at=moment) as session:
        service.drop_old_files(session, now=moment)
