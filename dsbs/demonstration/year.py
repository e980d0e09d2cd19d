"""What the demonstration school offers, where, and what it works on: read from the tables in ``data/``."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from typing import Self

from dsbs.activities.rules import Mode


@dataclass(frozen=True)
class Offer:
    """One activity and how it is given.

    ``weeks`` are those in which a session begins, counted from this one (negative: past). ``weekday`` counts from
    Monday, ``hour`` is when each meeting starts at the school, ``length`` in hours, ``days`` how many meetings,
    a week apart. ``filling`` is the share of seats that are taken. ``own_only``: for its programmes alone. ``room`` is
    the one that it cannot do without.
    """

    title: str
    kind: str
    programmes: tuple[str, ...]
    weeks: tuple[int, ...]
    weekday: int
    hour: int
    length: int
    days: int
    mode: Mode
    capacity: int | None
    filling: float
    language: str
    credits: Decimal | None
    own_only: bool
    room: str
    online: bool
    about: str

    @classmethod
    def of(cls, row: Mapping[str, str]) -> Self:
        """The offer that one row of the table describes."""
        return cls(
            title=row["title"],
            kind=row["kind"],
            programmes=tuple(row["programmes"].split(";")) if row["programmes"] else (),
            weeks=tuple(int(week) for week in row["weeks"].split(";")),
            weekday=int(row["weekday"]),
            hour=int(row["hour"]),
            length=int(row["length"]),
            days=int(row["days"]),
            mode=Mode(row["mode"]),
            capacity=int(row["capacity"]) if row["capacity"] else None,
            filling=float(row["filling"]),
            language=row["language"],
            credits=Decimal(row["credits"]) if row["credits"] else None,
            own_only=row["audience"] == "programmes",
            room=row["room"],
            online=row["online"] == "yes",
            about=row["about"],
        )


@dataclass(frozen=True)
class Room:
    """A room of the school, or one elsewhere."""

    name: str
    building: str
    capacity: int
    ours: bool


@dataclass(frozen=True)
class Topic:
    """What researchers of a programme work on, and the department (by code) in which they do."""

    programme: str
    department: str
    title: str


def offers() -> list[Offer]:
    """Everything that is offered."""
    return [Offer.of(row) for row in _rows("offers.csv")]


def rooms() -> list[Room]:
    """Every room, ours first."""
    return [
        Room(row["name"], row["building"], int(row["capacity"]), ours=row["ours"] == "yes")
        for row in _rows("rooms.csv")
    ]


def topics() -> list[Topic]:
    """Every topic, those of a programme together."""
    return [Topic(row["programme"], row["department"], row["topic"]) for row in _rows("topics.csv")]


def _rows(name: str) -> Iterator[dict[str, str]]:
    table = (files("dsbs.demonstration") / "data" / name).read_text(encoding="utf-8")
    yield from csv.DictReader(io.StringIO(table, newline=""))
