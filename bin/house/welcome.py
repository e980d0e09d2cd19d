"""What is printed when the house stands: its address, who can sign in, how to give commands, how to stop."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from .options import ROOT
from .words import say


def say_address(url: str) -> None:
    """Say where it is."""
    say(f"\nThe house stands: {url}\n")


def show_sign_ins(sign_ins: Sequence[Sequence[str]]) -> None:
    """One line for each role: role, address, password."""
    widths = [max(len(line[column]) for line in sign_ins) for column in range(2)]
    say("Sign in as")
    for role, address, password in sign_ins:
        say(f"  {role:{widths[0]}}  {address:{widths[1]}}  {password}")
    say()


def invite_administrator(data: Path) -> None:
    """How the first person gets in."""
    say("Nobody can sign in yet. This makes the first administrator and prints a link to sign in with:")
    say(f"  {_flask(data)} administrator add NAME ADDRESS\n")


def show_commands(data: Path) -> None:
    """How to give commands, and how to stop."""
    say(f"Commands: {_flask(data)} --help")
    say("Ctrl-C stops all of it.")


def _flask(data: Path) -> str:
    """The command to type where bin/run was called."""
    there = "" if Path.cwd() == ROOT else f"cd {shlex.quote(str(ROOT))} && "
    folder = "" if data == ROOT / "data" else f"DSBS_DATA={shlex.quote(str(data))} "
    return f"{there}{folder}.venv/bin/flask"
