"""Waiting that a signal ends at once, and only where the program waits."""

from __future__ import annotations

import os
import select
import signal

ASKING_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Somebody asked the house to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class Signals:
    """Signals are noted by the kernel's wake-up pipe and looked at in `pause` only.

    So a signal never falls between starting a process and noting it.
    """

    def __init__(self) -> None:
        self._inbox, outbox = os.pipe()
        os.set_blocking(self._inbox, False)
        os.set_blocking(outbox, False)
        signal.set_wakeup_fd(outbox, warn_on_full_buffer=False)
        for number in (*ASKING_TO_STOP, signal.SIGCHLD):
            signal.signal(number, lambda _number, _frame: None)

    def pause(self, seconds: float) -> None:
        """Sleep, at most until a child ends; raise ``Stopped`` when asked to stop."""
        ready, _, _ = select.select([self._inbox], [], [], seconds)
        for number in os.read(self._inbox, 4096) if ready else b"":
            if number in ASKING_TO_STOP:
                raise Stopped(number)
