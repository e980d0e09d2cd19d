"""Tables as other programs write them: text in any of the usual encodings and delimiters, read without a setting."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dsbs.core.refusals import N_, Refused

MOST_BYTES = 8 * 1024 * 1024
#: Tried in this order where they divide the heading into equally many columns.
DELIMITERS = ";\t,"
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_MARKED = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Line:
    """One row as it stands in the file. ``number`` is the line of the file on which it begins, counted from 1.

    ``damaged`` rows have quotation marks that do not fit together; their cells are unknown.
    """

    number: int
    cells: tuple[str, ...]
    damaged: bool = False

    @property
    def blank(self) -> bool:
        """Whether nothing stands on this line but blanks and marks that divide cells."""
        return not self.damaged and not any("".join(cell.split()).strip(DELIMITERS) for cell in self.cells)


@dataclass(frozen=True)
class Table:
    """A heading and the rows below it, each cell exactly as written."""

    heading: Line
    lines: tuple[Line, ...]


def read(data: bytes, filename: str) -> Table:
    """The table in this file.

    UTF-8 with or without byte order mark, UTF-16 with one, else Windows-1252 (text that is valid UTF-8 is read as
    such). The delimiter is the one that divides the heading into most columns. Lines above the heading may be blank,
    or say ``sep=;`` as Excel writes it. Refused are empty files, spreadsheets that are not text, and a quotation mark
    that swallows the rest of the file.
    """
    check_size(len(data), filename)
    words = _decoded(data, filename)
    delimiter = _delimiter(words)
    lines = [line for line in _lines(words, delimiter) if not _names_delimiter(line)]
    heading = _heading(lines)
    if heading is None or heading.damaged:
        raise Refused(N_("%(file)s holds no table: its first line names the columns."), field="file", file=filename)
    return Table(heading=heading, lines=tuple(line for line in lines if line.number > heading.number))


def written(rows: Iterable[Iterable[object]]) -> bytes:
    """A table as spreadsheets open it: UTF-8 with a byte order mark, semicolons, no cell that would be run."""
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def check_size(size: int, filename: str) -> None:
    """Refuse a file that is too large to be read at once."""
    if size > MOST_BYTES:
        raise Refused(N_("%(file)s is larger than 8 MB. Send it in parts."), field="file", file=filename)


def _harmless(cell: object) -> object:
    """A cell that a spreadsheet shows and does not take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _decoded(data: bytes, filename: str) -> str:
    if data.startswith(_SPREADSHEETS):
        raise Refused(
            N_("%(file)s is a spreadsheet. Save it as “CSV UTF-8” and send that file."), field="file", file=filename
        )
    try:
        words = data.decode(_encoding(data))
    except UnicodeDecodeError:
        words = "\0"
    if "\0" in words:
        raise Refused(
            N_("%(file)s is not a text file. Save it as “CSV UTF-8” and send that file."), field="file", file=filename
        )
    return words


def _encoding(data: bytes) -> str:
    for mark, encoding in _MARKED:
        if data.startswith(mark):
            return encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _delimiter(words: str) -> str:
    """The delimiter that a first line ``sep=;`` names, else the one that gives the heading most columns."""
    first = words[:6].splitlines()[:1]
    if first and len(first[0]) == 5 and first[0].startswith("sep="):
        return first[0][4]
    headings = {mark: _heading(_lines(words, mark)) for mark in DELIMITERS}
    return max(DELIMITERS, key=lambda mark: len(heading.cells) if (heading := headings[mark]) else 0)


def _heading(lines: Iterable[Line]) -> Line | None:
    return next((line for line in lines if not line.blank), None)


def _names_delimiter(line: Line) -> bool:
    return line.number == 1 and "".join(line.cells) == "sep="


def _lines(words: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            yield Line(number, tuple(next(reader)))
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise Refused(
                    N_("On line %(line)d a quotation mark is opened and never closed. Close it, or leave it out."),
                    field="file",
                    line=number,
                ) from error
            yield Line(number, (), damaged=True)
