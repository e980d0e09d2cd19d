"""What is printed when the house stands: its address, who can sign in, how to give commands, how to stop."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from .options import ROOT


def address(url: str) -> str:
    """Where it is."""
    return f"\nThe house stands: {url}"


def sign_ins(lines: Sequence[Sequence[str]]) -> str:
    """One line for each role: role, address, password."""
    widths = [max((len(line[column]) for line in lines), default=0) for column in range(2)]
    shown = (f"  {role:{widths[0]}}  {mail:{widths[1]}}  {password}" for role, mail, password in lines)
    return "\n".join(["Sign in as", *shown])


def first_administrator(data: Path) -> str:
    """How the first person gets in."""
    return (
        "Nobody can sign in yet. This makes the first administrator and prints a link to sign in with:\n"
        f"  {_flask(data)} administrator add NAME ADDRESS"
    )


def way_in(data: Path, administrators: Sequence[str], *, mails_leave: bool) -> str:
    """How an administrator gets in who is known already."""
    address = next((known for known in administrators if "@" in known), "ADDRESS")
    why = "Sign in by a link in a mail." if mails_leave else "No mail leaves: MAIL_URL is not set."
    return f"{why} This prints a link to sign in with:\n  {_flask(data)} sign-in-link {shlex.quote(address)}"


def commands(data: Path) -> str:
    """How to give commands, and how to stop."""
    return f"Commands: {_flask(data)} --help\nCtrl-C stops all of it."


def _flask(data: Path) -> str:
    """The command to type where bin/run was called."""
    there = "" if Path.cwd() == ROOT else f"cd {shlex.quote(str(ROOT))} && "
    folder = "" if data == ROOT / "data" else f"DSBS_DATA={shlex.quote(str(data))} "
    return f"{there}{folder}.venv/bin/flask"
