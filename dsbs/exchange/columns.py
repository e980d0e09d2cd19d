"""Which column of a file is which, whatever language, case or punctuation its heading is written in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dsbs.core.refusals import N_, Refused
from dsbs.exchange.cells import clean, fold
from dsbs.exchange.tables import Table


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column that an importer reads. ``label`` is what a page calls it; ``aliases`` are the headings it goes by.

    A file without a ``required`` column is refused as a whole; ``help`` says what may stand in its cells.
    """

    key: str
    label: str
    aliases: tuple[str, ...]
    help: str
    required: bool = False

    def goes_by(self, heading: str) -> bool:
        """Whether this heading means this column."""
        return fold(heading) in {fold(alias) for alias in (self.label, *self.aliases)}


@dataclass(frozen=True)
class Layout:
    """Where each known column stands in one file: its key, to the place and the heading as written there."""

    headings: tuple[str, ...]
    places: Mapping[str, tuple[int, str]]

    @property
    def unread(self) -> tuple[str, ...]:
        """The headings that mean no column."""
        read = {heading for _place, heading in self.places.values()}
        return tuple(heading for heading in self.headings if heading and heading not in read)

    def heading(self, key: str) -> str:
        """What the file calls this column; empty where it has none."""
        return self.places[key][1] if key in self.places else ""


def layout(table: Table, columns: Sequence[Column]) -> Layout:
    """Find the columns in the heading of this table.

    Refused are a required column that is missing and a column that stands twice, each by name.
    """
    headings = tuple(clean(heading) for heading in table.heading.cells)
    return Layout(headings, {column.key: place for column in columns for place in _places(column, headings)})


def _places(column: Column, headings: Sequence[str]) -> Iterator[tuple[int, str]]:
    found = [(place, heading) for place, heading in enumerate(headings) if heading and column.goes_by(heading)]
    if len(found) > 1:
        raise Refused(
            N_("Two columns mean the same: “%(first)s” and “%(second)s”. Leave one out."),
            field="file",
            first=found[0][1],
            second=found[1][1],
        )
    if column.required and not found:
        raise Refused(
            N_("The column “%(column)s” is missing. It may be called: %(names)s."),
            field="file",
            column=column.label,
            names=", ".join((column.label, *column.aliases)),
        )
    yield from found
