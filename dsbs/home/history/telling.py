"""The history in words: each change as what, before and after, with names instead of ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from dsbs.core import dates
from dsbs.history.models import Change
from dsbs.history.queries import Changes

#: What, before, after: of a value whose content stays unsaid, both are the same mark.
Row = tuple[str, str, str]
UNSAID = "…"


@dataclass(frozen=True)
class ToldChange:
    """What happened at one moment for one reason: when, by whom, why in words, and what it changed."""

    at: datetime
    by: str
    why: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Told:
    """One page of a history in words, newest first."""

    changes: Sequence[ToldChange]
    page: int = 1
    pages: int = 1


@dataclass(frozen=True)
class Column:
    """A column that is told: its name in words, and how a value of it is said (None: only that it changed)."""

    name: str
    said: Callable[[Any], str] | None = str


def told(changes: Iterable[Change], rows_of: Callable[[Change], list[Row]]) -> list[ToldChange]:
    """These changes, which come newest first; those of one moment and cause are told as one."""
    found: list[ToldChange] = []
    for change in changes:
        # Said here, since a template takes its own sentences for safe HTML, and somebody may have typed this one.
        rows, why = rows_of(change), _(change.why)
        if found and (found[-1].at, found[-1].by, found[-1].why) == (change.at, change.by_name, why):
            rows = [*rows, *found.pop().rows]
        if rows:
            found.append(ToldChange(change.at, change.by_name, why, rows))
    return found


def told_page(found: Changes, rows_of: Callable[[Change], list[Row]]) -> Told:
    """A page of changes in words."""
    return Told(told(found.rows, rows_of), found.page, found.pages)


def rows_of_columns(change: Change, columns: Mapping[str, Column]) -> list[Row]:
    """What a change did to these columns, in their order. What is left out of them says nothing to anybody."""
    pairs = ((column, *change.values[key]) for key, column in columns.items() if key in change.values)
    rows = ((_(column.name), *_said(column, before, after)) for column, before, after in pairs)
    return [(what, before, after) for what, before, after in rows if before or after]


def coming_or_going(change: Change, what: str, said: str) -> Row:
    """A row of a table that was made or removed, as one line."""
    return (what, said, "") if change.action == "delete" else (what, "", said)


def values_of(change: Change) -> Mapping[str, Any]:
    """What a row was made or removed with."""
    return {key: pair[0 if change.action == "delete" else 1] for key, pair in change.values.items()}


def made_as(change: Change, made: Sequence[Change]) -> Mapping[str, Any]:
    """What the row of a change was made with, as ``made_with`` gives it; nothing when that is not known.

    Rows that follow each other under one id are told apart by when they were made.
    """
    own = [making for making in made if making.subject_id == change.subject_id and making.id <= change.id]
    return values_of(own[-1]) if own else {}


def day(value: str) -> str:
    """A day as the history keeps it, in words."""
    return dates.day(date.fromisoformat(value))


def moment(value: str) -> str:
    """A moment as the history keeps it, in words."""
    return dates.moment(datetime.fromisoformat(value))


def number(value: str | float) -> str:
    """A number as the history keeps it, in words."""
    return dates.number(Decimal(value).normalize())


def yes_or_no(value: bool) -> str:
    """Whether something holds, in words."""
    return str(_("Yes") if value else _("No"))


def named(names: Mapping[Any, str]) -> Callable[[Any], str]:
    """Says the name of what the history keeps as an id or a code; what has none any more stays as it is."""
    return lambda value: str(_(names[value]) if value in names else value)


def _said(column: Column, before: Any, after: Any) -> tuple[str, str]:
    if column.said is None:
        return (UNSAID, UNSAID) if before or after else ("", "")
    return tuple("" if value is None else column.said(value) for value in (before, after))  # type: ignore[return-value]
