"""Reading tables in every dialect that other programs write."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dsbs.core.refusals import Refused
from dsbs.exchange import tables
from dsbs.exchange.tables import Line, read

HEADING = ("Personeelsnummer", "Naam, voornaam", "Tewerkstelling %", "Copromotor(en)")
CELLS = st.text(
    alphabet=st.characters(codec="cp1252", exclude_categories=("Cc", "Cs", "Cn")) | st.sampled_from(';,\t"\n éß€'),
    max_size=12,
)
ROWS = st.lists(st.lists(CELLS, min_size=4, max_size=4).map(tuple), max_size=6)
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "utf-16")


def written(rows: list[tuple[str, ...]], *, delimiter: str, encoding: str, end: str, quoting: int) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows([HEADING, *rows])  # type: ignore[arg-type]
    return out.getvalue().encode(encoding)


def is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        read(data, "export.csv")
    return str(caught.value)


@given(
    rows=ROWS,
    delimiter=st.sampled_from(";,\t"),
    encoding=st.sampled_from(ENCODINGS),
    end=st.sampled_from(("\r\n", "\n")),
    quoting=st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
)
def test_a_table_reads_back_as_it_was_written_in_any_dialect(
    rows: list[tuple[str, ...]], delimiter: str, encoding: str, end: str, quoting: int
) -> None:
    data = written(rows, delimiter=delimiter, encoding=encoding, end=end, quoting=quoting)
    if encoding == "cp1252":
        # Two letters of Windows-1252 can spell one of UTF-8; nobody could tell which was meant.
        assume(data.isascii() or not is_utf8(data))
    found = read(data, "export.csv")
    assert found.heading.cells == HEADING
    assert [line.cells for line in found.lines if line.cells] == rows


def test_lines_are_numbered_as_an_editor_numbers_them() -> None:
    data = b'\r\n;;\r\nName;Mail\r\n"De\r\nSmet";a\r\n\r\nRaes;b\r\n'
    found = read(data, "export.csv")
    assert (found.heading.number, [(line.number, line.cells) for line in found.lines]) == (
        3,
        [(4, ("De\r\nSmet", "a")), (6, ()), (7, ("Raes", "b"))],
    )


def test_the_first_line_of_excel_names_the_delimiter() -> None:
    found = read(b"sep=,\r\nName;Given,Mail\r\nDe Smet;Leen,a@b.be\r\n", "export.csv")
    assert (found.heading.cells, found.lines) == (
        ("Name;Given", "Mail"),
        (Line(3, ("De Smet;Leen", "a@b.be")),),
    )


def test_the_delimiter_is_the_one_that_divides_the_heading_whatever_stands_below() -> None:
    found = read(b"Name;Mail\nSmet, Leen, dr., MD;a\n", "export.csv")
    assert found.lines == (Line(2, ("Smet, Leen, dr., MD", "a")),)


def test_quotation_marks_that_do_not_fit_damage_only_their_own_row() -> None:
    found = read(b'Name;Title\nRaes;"The "gut" microbiome"\nMaes;"x;y"\n', "export.csv")
    assert found.lines == (Line(2, (), damaged=True), Line(3, ("Maes", "x;y")))


def test_a_quotation_mark_that_never_closes_refuses_the_file_by_its_line() -> None:
    assert refusal(b'Name;Title\nRaes;a\nMaes;"b\nJoly;c\n') == (
        "On line 3 a quotation mark is opened and never closed. Close it, or leave it out."
    )


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\xef\xbb\xbf", b";;;\n;;\n"])
def test_a_file_without_a_heading_is_refused(data: bytes) -> None:
    assert refusal(data) == "export.csv holds no table: its first line names the columns."


@pytest.mark.parametrize("data", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest"])
def test_a_spreadsheet_is_refused_with_the_way_out(data: bytes) -> None:
    assert refusal(data) == "export.csv is a spreadsheet. Save it as “CSV UTF-8” and send that file."


@pytest.mark.parametrize("data", [b"Name;Mail\n\0;b", b"Name\x81;b\n", b"\xff\xfeN"])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    assert refusal(data) == "export.csv is not a text file. Save it as “CSV UTF-8” and send that file."


def test_more_than_eight_megabytes_are_refused() -> None:
    assert refusal(b"a" * (tables.MOST_BYTES + 1)) == "export.csv is larger than 8 MB. Send it in parts."
