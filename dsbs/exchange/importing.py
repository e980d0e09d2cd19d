"""What every import has in common: rows read with their faults, a preview of what would happen, and the importer.

An import is planned first and done later, from the same rows: ``plan`` says for each row of the file what it would do
and changes nothing, ``apply`` does exactly that. A plan asks the database a fixed number of questions, however long the
file is.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from sqlalchemy.orm import Session

from dsbs.core.refusals import N_, Refused
from dsbs.exchange.cells import clean, fold
from dsbs.exchange.columns import Column, Layout, layout
from dsbs.exchange.tables import Line, Table

T = TypeVar("T")

#: The first cell of the line with which an export closes.
_FOOTERS = frozenset({"totaal", "total", "totalen", "totals", "aantal", "count", "som", "sum", "einde", "end"})


class Outcome(StrEnum):
    """What an import does with a row. ``PASSED`` rows hold no data: blank lines and footers."""

    ADDED = "added"
    CHANGED = "changed"
    LEFT = "left"
    REFUSED = "refused"
    PASSED = "passed"


@dataclass(frozen=True)
class Said:
    """Words for people, translated where they are shown: an untranslated sentence and the values in it."""

    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """Why a row is refused: the heading of the column as the file writes it, the cell, and the reason."""

    column: str
    cell: str
    reason: Said


@dataclass(frozen=True)
class Difference:
    """One value that would change: what is known now and what the file says.

    Values are words (as they are, or ``Said``), days, numbers, several of these, or None for nothing.
    """

    label: str
    old: object
    new: object


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What would happen to one row. ``change`` is the importer's own: what its ``apply`` needs to do it.

    ``cells`` are those of a refused row, exactly as the file has them.
    """

    line: int
    outcome: Outcome
    title: str = ""
    differences: tuple[Difference, ...] = ()
    faults: tuple[Fault, ...] = ()
    cells: tuple[str, ...] = ()
    change: Any = None


@dataclass(frozen=True)
class Preview:
    """What an import would do, in the order of the file. ``unread`` are ``headings`` that mean nothing to it."""

    rows: tuple[Planned, ...]
    unread: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many rows go which way."""
        found = Counter(row.outcome for row in self.rows)
        return {outcome: found[outcome] for outcome in Outcome}

    @property
    def to_write(self) -> tuple[Planned, ...]:
        """The rows that would write something."""
        return tuple(row for row in self.rows if row.outcome in {Outcome.ADDED, Outcome.CHANGED})

    @property
    def fingerprint(self) -> str:
        """The same for two previews that would write the same: who confirms, confirms this."""
        told = [(row.line, row.outcome.value, row.title, row.differences) for row in self.to_write]
        return hashlib.sha256(repr(told).encode()).hexdigest()


class Importer(Protocol):
    """Reads one kind of file. ``title`` names what it brings in; ``why`` is the sentence for the history."""

    title: str
    why: str
    columns: tuple[Column, ...]

    def plan(self, session: Session, table: Table, *, today: date) -> Preview:
        """What this table would change. Reads only. Raises ``Refused`` when it is not such a table."""
        ...

    def apply(self, session: Session, preview: Preview, *, now: datetime, today: date) -> None:
        """Write what the preview says, all of it. It was planned in this same transaction."""
        ...


class Row:
    """One row on its way through an importer: its cells by column, and the faults found so far."""

    def __init__(self, line: Line, places: Layout) -> None:
        self.line = line.number
        self.faults: list[Fault] = []
        self._places = places
        self._line = line
        cells = [*map(clean, line.cells), *[""] * len(places.headings)]
        self._cells = {key: cells[place] for key, (place, _heading) in places.places.items()}

    def has(self, key: str) -> bool:
        """Whether the file has this column at all: what it does not speak of stays as it is."""
        return key in self._places.places

    def cell(self, key: str) -> str:
        """The cleaned cell of this column; empty where the file has none."""
        return self._cells.get(key, "")

    def read(self, key: str, reader: Callable[[str], T]) -> T | None:
        """What the cell means, or None when it is empty or refused; the refusal is kept as a fault of this row."""
        cell = self.cell(key)
        if not cell:
            return None
        try:
            return reader(cell)
        except Refused as refused:
            self.refuse(key, refused.sentence, **refused.values)
            return None

    def need(self, key: str, reader: Callable[[str], T]) -> T | None:
        """The same for a cell that must not be empty."""
        if not self.cell(key):
            self.refuse(key, N_("This is empty."))
        return self.read(key, reader)

    def refuse_for(self, refused: Refused, key: str) -> None:
        """Keep a refusal of the rules, beside the column of the field that it names, else beside ``key``."""
        column = refused.field if refused.field and self.has(refused.field) else key
        self.refuse(column, refused.sentence, **refused.values)

    def refuse(self, key: str, sentence: str, **values: object) -> None:
        """Keep a reason against this row, beside the column that it is about."""
        self.faults.append(Fault(self._places.heading(key), self.cell(key), Said(sentence, values)))

    def refused(self, title: str = "") -> Planned:
        """The row as the preview shows it when something speaks against it."""
        return Planned(
            line=self.line,
            outcome=Outcome.REFUSED,
            title=title,
            faults=tuple(self.faults),
            cells=self._line.cells,
        )


@dataclass(frozen=True)
class Reading:
    """A table read by the columns of an importer: the rows that hold data, and those that are settled already."""

    rows: tuple[Row, ...]
    settled: tuple[Planned, ...]
    unread: tuple[str, ...]
    headings: tuple[str, ...]

    def preview(self, planned: Iterable[Planned]) -> Preview:
        """All rows together in the order of the file."""
        rows = sorted([*planned, *self.settled], key=lambda row: row.line)
        return Preview(tuple(rows), self.unread, self.headings)


def reading(table: Table, columns: Sequence[Column]) -> Reading:
    """Read a table by its columns. Raises ``Refused`` when a required column is missing."""
    places = layout(table, columns)
    settled = {line.number: planned for line in table.lines for planned in _settled(line, places)}
    rows = tuple(Row(line, places) for line in table.lines if line.number not in settled)
    return Reading(rows, tuple(settled.values()), places.unread, places.headings)


def decided(row: Row, *, title: str, known: bool, differences: Sequence[Difference], change: object) -> Planned:
    """The row when nothing speaks against it: added when it is not known, changed when it differs, else left."""
    outcome = Outcome.CHANGED if differences else Outcome.LEFT
    outcome = outcome if known else Outcome.ADDED
    return Planned(line=row.line, outcome=outcome, title=title, differences=tuple(differences), change=change)


def _settled(line: Line, places: Layout) -> Iterator[Planned]:
    """What needs no importer: blank lines and footers are passed over, rows that do not fit the heading refused."""
    width = len(places.headings)
    if line.blank:
        yield _without_row(line, Outcome.PASSED, N_("A blank line."))
    elif line.damaged:
        yield _without_row(line, Outcome.REFUSED, N_("The quotation marks do not fit together."))
    elif _closes(line):
        yield _without_row(line, Outcome.PASSED, N_("The line that closes the file."))
    elif any(cell.strip() for cell in line.cells[width:]):
        sentence = N_("This line has %(cells)d cells, the heading %(width)d. Put a cell with delimiters in quotes.")
        yield _without_row(line, Outcome.REFUSED, sentence, cells=len(line.cells), width=width)


def _without_row(line: Line, outcome: Outcome, sentence: str, **values: object) -> Planned:
    title = clean("".join(line.cells[:1]))[:60]
    faults = (Fault("", "", Said(sentence, values)),)
    return Planned(line=line.number, outcome=outcome, title=title, faults=faults, cells=line.cells)


def _closes(line: Line) -> bool:
    """Whether this is a footer: "Totaal", "Total: 507" and the like, with nothing but numbers beside it."""
    return fold(line.cells[0]).rstrip("0123456789") in _FOOTERS and not any(
        fold(cell).strip("0123456789") for cell in line.cells[1:]
    )
