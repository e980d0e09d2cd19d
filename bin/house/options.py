"""The command line of bin/run."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for. ``data`` is absolute, without symbolic links; ``port`` 0 takes any free one."""

    data: Path
    host: str
    port: int
    empty: bool


def read_options(arguments: Sequence[str], environ: Mapping[str, str]) -> Options:
    """Read the command line; a wrong one ends the program with its usage and exit status 2."""
    given = _parser(environ).parse_args(arguments)
    # One folder has one name here: its processes are known by it.
    return Options(data=Path(os.path.realpath(given.data)), host=given.host, port=given.port, empty=given.empty)


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/run",
        description="Set the house up in its data folder and run it: web, worker and, where none is set, a broker.",
        epilog="DATABASE_URL, REDIS_URL, MAIL_URL and BASE_URL name what is used instead of the embedded parts.",
        allow_abbrev=False,
    )
    parser.add_argument("--port", type=_port, default=5000, help="where the web listens (default %(default)s)")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on (default %(default)s; refused with demonstration data)",
    )
    parser.add_argument(
        "--data",
        metavar="DIR",
        default=environ.get("DSBS_DATA") or ROOT / "data",
        help="folder for everything that it writes (default DSBS_DATA, else data/ here)",
    )
    parser.add_argument("--empty", action="store_true", help="no demonstration data: a new school of your own")
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; it takes a number from 0 to 65535")
    return int(text)
