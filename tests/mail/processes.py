"""The program's own processes, as an installation starts them, on the settings of a test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from flask import Flask

from config import ROOT, Settings
from worker.application import make_app

BIN = Path(sys.executable).parent
_STOP_SECONDS = 30
_SHOWN = 20_000


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment from which another process reads the same settings."""
    named = {
        "DSBS_ENV": settings.environment,
        "DSBS_DATA": str(settings.data),
        "SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "MAIL_FROM": settings.mail_from,
        "BASE_URL": settings.base_url,
        "FLASK_APP": "wsgi",
        "PYTHONPATH": str(ROOT),
    }
    if settings.mail_url:
        named["MAIL_URL"] = settings.mail_url
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **named}


@contextmanager
def running(settings: Settings, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process and all that it starts, ended afterwards; what it says lands in ``processes.log``.

    A test that fails meanwhile shows the end of that log.
    """
    said = settings.data / "processes.log"
    with said.open("ab") as log:
        process = subprocess.Popen(
            [BIN / command[0], *command[1:]],
            cwd=ROOT,
            env=environment_of(settings),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    except BaseException:
        sys.stderr.write(said.read_text(errors="replace")[-_SHOWN:])
        raise
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def workers(settings: Settings, count: int = 1) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many workers, each with a beat of its own."""
    command = ("celery", "--app", "worker", "worker", "--beat", "--loglevel", "INFO")
    with ExitStack() as stack:
        yield [
            stack.enter_context(running(settings, *command, "--hostname", f"worker{number}@localhost"))
            for number in range(count)
        ]


def send_ticks(app: Flask, task: str, count: int = 1) -> None:
    """Send so many ticks for a task to the broker at once, as beats do; those of some tasks come minutes apart."""
    with make_app(app) as celery:
        for _ in range(count):
            celery.send_task(task)
