"""What happens before the house opens: its environment, its tables, its defaults, its demonstration."""

from __future__ import annotations

import subprocess
import sys

from .children import Launcher
from .options import ROOT
from .words import Trouble, say

BIN = ROOT / ".venv" / "bin"
FLASK = (BIN / "flask", "--app", "wsgi")


def ensure_environment(launcher: Launcher) -> None:
    """Make .venv and install what changed, by the same script as bin/test; it shows its own progress."""
    script = 'ROOT=$1; . "$ROOT/bin/environment.sh"; ensure_environment requirements.txt'
    command = ("bash", "-c", script, "bash", ROOT)
    # Readable by everybody, as installed programs are.
    child = launcher.run("environment", command, output=sys.stdout.fileno(), umask=0o022)
    if child.process.returncode != 0:
        raise Trouble("\n".join(child.last_words()))


def prepare_database(launcher: Launcher) -> None:
    """Bring the tables up to date, load the school's defaults and what hangs on them; all keep what is there."""
    _take("Bringing the database up to date", launcher, "db", "upgrade")
    _take("Loading the school's defaults", launcher, "defaults", "load")


def make_demonstration(launcher: Launcher) -> None:
    """Fill an empty database with a school in the middle of its year."""
    _take("Making the demonstration school, this once", launcher, "demonstration", "create")


def ask(launcher: Launcher, *command: str) -> list[list[str]]:
    """What a ``flask`` command prints, line by line, its columns parted by tabs. Less than a pipe holds (64 kB)."""
    child = launcher.run("setup", [*FLASK, *command], output=subprocess.PIPE)
    if child.process.returncode != 0 or child.process.stdout is None:
        raise Trouble(f"flask {' '.join(command)} failed. {child.log_ends()}")
    with child.process.stdout as printed:
        return [line.split("\t") for line in printed.read().decode().splitlines()]


def _take(doing: str, launcher: Launcher, *command: str) -> None:
    say(doing)
    child = launcher.run("setup", [*FLASK, *command])
    if child.process.returncode != 0:
        raise Trouble(f"{doing} failed. {child.log_ends()}")
