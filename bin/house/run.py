"""From the command line to an open house, and back to nothing running."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence

from . import leftovers, welcome
from .address import Address, resolve, take_free
from .children import Launcher
from .database import check_database, database_file, is_empty
from .folder import DataFolder
from .house import House
from .options import Options, read_options
from .setting_up import ask, ensure_environment, make_demonstration, prepare_database
from .signals import Signals, Stopped
from .words import Trouble, complain, say

#: The settings that a ``flask`` command in another terminal needs to meet the same house.
KEPT = ("DSBS_ENV", "BASE_URL", "DATABASE_URL", "REDIS_URL", "MAIL_URL", "MAIL_FROM", "TRUSTED_PROXIES")


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the house until it is asked to stop; return the exit status."""
    options = read_options(arguments, environ)
    signals = Signals()
    try:
        _run(options, environ, signals)
    except Stopped as stopped:
        return 128 + stopped.number
    except Trouble as trouble:
        complain(str(trouble))
        return 1
    except OSError as error:
        complain(f"{error.strerror}: {error.filename}.")
        return 1
    return 0


def _run(options: Options, environ: Mapping[str, str], signals: Signals) -> None:
    """What can be refused is refused first: nothing is installed for a house that cannot open."""
    folder = DataFolder(options.data)
    folder.prepare()
    folder.lock()
    _end_left_behind(folder)
    address = take_free(resolve(options.host, options.port))
    demonstration = _is_demonstration(options, folder, address)
    check_database(database_file(environ, folder.database))
    launcher = Launcher(folder, signals, _environment(folder, address, environ, demonstration=demonstration))
    house = House(folder, launcher, address)
    try:
        _set_up(house, folder, launcher, demonstration=demonstration)
        house.open()
        # Asked while the services start: a second well used.
        greeting = _greeting(folder, launcher, demonstration=demonstration)
        house.wait_until_open()
        say(greeting)
        _stay(house)
    finally:
        house.close()


def _end_left_behind(folder: DataFolder) -> None:
    ended = leftovers.end_left_behind(folder.path, folder.processes, grace=10)
    if ended:
        say(f"Ended what an earlier start left behind: {ended} process{'es' if ended > 1 else ''}")


def _is_demonstration(options: Options, folder: DataFolder, address: Address) -> bool:
    """A folder stays what it was set up as; a new one is a demonstration unless asked for empty."""
    if options.empty and folder.has_demonstration:
        raise Trouble(f"{folder.path} holds demonstration data. For an empty start, name another folder with --data.")
    demonstration = folder.has_demonstration or (folder.is_new and not options.empty)
    if demonstration and not address.is_local:
        raise Trouble(
            "--host would show the demonstration, whose passwords everybody knows, to the network. "
            "Leave it out, or start a school of your own with --empty."
        )
    return demonstration


def _environment(
    folder: DataFolder, address: Address, environ: Mapping[str, str], *, demonstration: bool
) -> dict[str, str]:
    """What every process of the house finds in its environment."""
    return {
        **environ,
        "DSBS_DATA": str(folder.path),
        "DSBS_ENV": environ.get("DSBS_ENV") or ("demonstration" if demonstration else "production"),
        "BASE_URL": environ.get("BASE_URL") or address.url,
        leftovers.MARK: str(os.getpid()),
        "PYTHONUNBUFFERED": "1",
    }


def _set_up(house: House, folder: DataFolder, launcher: Launcher, *, demonstration: bool) -> None:
    """Make all that an open house stands on; what is there already is kept."""
    if demonstration and not folder.has_demonstration:
        folder.mark_demonstration(complete=False)
    ensure_environment(launcher)
    folder.keep_secret_key()
    if not launcher.environ.get("REDIS_URL"):
        house.open_broker()
    folder.keep_environment({name: value for name in KEPT if (value := launcher.environ.get(name))})
    empty = is_empty(database_file(launcher.environ, folder.database))
    prepare_database(launcher)
    if demonstration and (empty or not folder.demonstration_is_complete):
        make_demonstration(launcher)
        folder.mark_demonstration(complete=True)


def _greeting(folder: DataFolder, launcher: Launcher, *, demonstration: bool) -> str:
    parts = [welcome.address(launcher.environ["BASE_URL"])]
    if demonstration:
        parts.append(welcome.sign_ins(ask(launcher, "demonstration", "sign-ins")))
    elif administrators := ask(launcher, "administrator", "list"):
        known, mails_leave = [line[0] for line in administrators], bool(launcher.environ.get("MAIL_URL"))
        parts.append(welcome.way_in(folder.path, known, mails_leave=mails_leave))
    else:
        parts.append(welcome.first_administrator(folder.path))
    return "\n\n".join([*parts, welcome.commands(folder.path)])


def _stay(house: House) -> None:
    """An open house that is asked to stop has done what it should."""
    with contextlib.suppress(Stopped):
        house.watch()
    say("\nStopping")
