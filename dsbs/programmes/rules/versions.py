"""A rule that was used is never edited: a new version takes over from a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Protocol, TypeVar

from dsbs.core.refusals import N_, Refused


class Outdated(Refused):
    """Somebody else saved the same row after this person opened it. Nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            N_("Somebody else saved this while you were writing. Look at what changed, then save again or leave it.")
        )


class Spell(Protocol):
    """Until when a version is in force, that day included; None for ever."""

    @property
    def in_force_to(self) -> date | None: ...


Version = TypeVar("Version", bound=Spell)


def check_first_day(first: date, today: date, *, field: str = "in_force_from") -> None:
    """Refuse to change a rule for days on which it may have been used already."""
    if first < today:
        raise Refused(
            N_("Until yesterday the rule may have been used as it stands. Choose today or a later day."), field=field
        )


def still_in_force(versions: Iterable[Version], first: date) -> list[Version]:
    """The versions that must end on the day before ``first``, so that a new one can take over.

    One that would have begun on that day or later ends before its beginning: it is never in force.
    """
    return [version for version in versions if version.in_force_to is None or version.in_force_to >= first]


def end_before(first: date) -> date:
    """The last day of what ends so that something else begins on ``first``."""
    return first - timedelta(days=1)
