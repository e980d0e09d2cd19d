"""The clock: one function for now, one for today, and the way between school time and UTC.

Only views, commands and the worker read the clock; everything below them is given the moment. Outside production a
file in the data folder shifts it for all processes (``flask clock +3d``), which every page then says.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from flask import Flask, current_app

from config import Settings
from dsbs.core.refusals import N_, Refused

SHIFT_FILE = "clock"
_NONE = timedelta()
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def init_app(app: Flask) -> None:
    """Give the application its ``flask clock`` command."""
    app.cli.add_command(clock_command)


@click.command("clock")
@click.argument("amount", required=False)
def clock_command(amount: str | None) -> None:
    """Show the clock, shift it (+3d, -2h, +30m, on top of each other), or put it right (real)."""
    if amount == "real":
        set_shift(timedelta())
    elif amount:
        set_shift(shift() + _amount(amount))
    click.echo(f"{local(now()):%a %d %b %Y, %H:%M} (shifted by {shift()})")


def _amount(written: str) -> timedelta:
    number, unit = written[:-1], written[-1:]
    if unit not in _UNITS or not number.lstrip("+-").isdecimal():
        raise click.BadParameter("Write +3d, -2h, +30m, or real.")
    return timedelta(**{_UNITS[unit]: int(number)})


def now() -> datetime:
    """This moment, aware UTC, shifted where a shift is set."""
    return datetime.now(UTC) + shift()


def today() -> date:
    """The day that it is at the school."""
    settings = _settings()
    return (datetime.now(UTC) + _shift(settings)).astimezone(ZoneInfo(settings.time_zone)).date()


def zone() -> ZoneInfo:
    """The school's time zone."""
    return ZoneInfo(_settings().time_zone)


def local(moment: datetime) -> datetime:
    """An aware moment as the school's clocks show it."""
    return moment.astimezone(zone())


def from_school_time(day: date, at: time, *, field: str | None = None) -> datetime:
    """The moment, in UTC, at which the school's clocks show this day and time.

    Refuses a time that the clocks skip (last Sunday of March) or show twice (last Sunday of October), since nobody
    who reads it could tell which one is meant.
    """
    wall = datetime.combine(day, at)
    first, second = (wall.replace(tzinfo=zone(), fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    sentence = (
        N_("On %(day)s the clocks go forward: %(time)s does not exist. Choose a time before 2:00 or from 3:00 on.")
        if first > second
        else N_("On %(day)s the clocks go back: %(time)s comes twice. Choose a time before 2:00 or from 3:00 on.")
    )
    raise Refused(sentence, field=field, day=day, time=at.strftime("%H:%M"))


def day_after(day: date) -> date:
    """The next day of the calendar."""
    return day + timedelta(days=1)


def shift() -> timedelta:
    """By how much the clock is shifted; always nothing in production."""
    return _shift(_settings())


def _shift(settings: Settings) -> timedelta:
    return _NONE if settings.in_production else _shift_kept_in(f"{settings.data}/{SHIFT_FILE}")


def set_shift(amount: timedelta) -> None:
    """Shift the clock of every process on this data folder; nothing puts it right again.

    Raises ``Refused`` in production.
    """
    settings = _settings()
    if settings.in_production:
        raise Refused(N_("The clock cannot be shifted in production."))
    path = settings.data / SHIFT_FILE
    if amount:
        path.write_text(str(int(amount.total_seconds())))
    else:
        path.unlink(missing_ok=True)


def _shift_kept_in(path: str) -> timedelta:
    try:
        changed = os.stat(path).st_mtime_ns  # asked several times a page, and a Path is slow to make
    except FileNotFoundError:
        return timedelta()
    return _read_shift(path, changed)


@lru_cache(maxsize=4)
def _read_shift(path: str, changed: int) -> timedelta:
    return timedelta(seconds=int(Path(path).read_text()))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
