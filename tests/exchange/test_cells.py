"""What single cells mean."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs.core.refusals import Refused
from dsbs.exchange import cells


@given(st.dates(min_value=date(1000, 1, 1)), st.sampled_from("/-."))
def test_days_are_read_day_first_and_year_first(day: date, mark: str) -> None:
    day_first = f"{day.day}{mark}{day.month}{mark}{day.year}"
    assert (cells.day(day_first), cells.day(day.isoformat())) == (day, day)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("01/10/2023", date(2023, 10, 1)),
        ("1/9/2022", date(2022, 9, 1)),
        ("29/02/2024", date(2024, 2, 29)),
        ("2023-10-01", date(2023, 10, 1)),
        ("01.10.2023", date(2023, 10, 1)),
        ("01/10/2023 00:00:00", date(2023, 10, 1)),
        ("2023-10-01T00:00", date(2023, 10, 1)),
    ],
)
def test_a_day_as_personnel_systems_write_it(written: str, meant: date) -> None:
    assert cells.day(written) == meant


@pytest.mark.parametrize("written", ["31/02/2024", "29/02/2023", "00/01/2024", "01/13/2024", "2024-02-30"])
def test_a_day_that_does_not_exist_is_refused_by_name(written: str) -> None:
    with pytest.raises(Refused, match=f"“{written}” is a day that does not exist."):
        cells.day(written)


@pytest.mark.parametrize("written", ["01/02/03", "October 2023", "45200", "1/2", "01/10/2023 14:30", "١/٢/٢٠٢٤x"])
def test_what_is_no_day_is_refused(written: str) -> None:
    with pytest.raises(Refused, match="is not a date"):
        cells.day(written)


@pytest.mark.parametrize(
    ("written", "meant"), [("50,5", "50.5"), ("50.5", "50.5"), ("100", "100"), ("80 %", "80"), ("0", "0")]
)
def test_numbers_have_a_comma_or_a_point(written: str, meant: str) -> None:
    assert cells.decimal(written) == Decimal(meant)


@pytest.mark.parametrize("written", ["-5", "1.234,5", "half", "1e3", "NaN", "٥٠", "%", "5 0", ""])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(Refused, match="is not a number"):
        cells.decimal(written)


@pytest.mark.parametrize("written", ["=1+1", "@SUM(A1)", "+32", "-1", '=HYPERLINK("http://x")'])
def test_a_formula_is_no_text(written: str) -> None:
    with pytest.raises(Refused, match="starts like a formula"):
        cells.text(written, most=100)


def test_text_is_neither_too_long_nor_invisible() -> None:
    with pytest.raises(Refused, match="is longer than 5 characters"):
        cells.text("abcdef", most=5)
    with pytest.raises(Refused, match="holds characters that cannot be shown"):
        cells.text("a\x07b", most=5)


def test_stray_blanks_go_and_accents_are_composed() -> None:
    assert cells.clean("\ufeff  De\u00a0 Smet\t") == "De Smet"
    assert cells.clean("Le\u0301a") == "L\u00e9a"


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert cells.clean(cells.clean(text)) == cells.clean(text)


def test_the_same_word_is_the_same_whatever_its_case_accents_and_punctuation() -> None:
    assert {cells.fold(word) for word in ("E-mail", "e mail", "EMAIL", "É-mail")} == {"email"}


def test_a_list_has_commas_semicolons_or_bars() -> None:
    assert cells.listed("a, b;c |, d") == ["a", "b", "c", "d"]
