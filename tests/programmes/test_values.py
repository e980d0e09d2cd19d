"""What the value of a rule may say."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dsbs.core.refusals import Refused
from dsbs.programmes.rules import Mark, check_amount, codes_in, is_day_of_year, number_in, waits_for_sign_off


@pytest.mark.parametrize(
    ("written", "unit", "kept"),
    [
        ("5", "working_days", "5"),
        (" 10 ", "weeks", "10"),
        ("-7", "months", "-7"),
        ("1,5", "hours", "1.5"),
        ("12.50", "percent", "12.5"),
        ("100", "percent", "100"),
        ("0", "days", "0"),
        ("09-30", "day", "09-30"),
        ("02-29", "day", "02-29"),
        ("08:00-20:00", "time", "08:00-20:00"),
        ("1", "yes", "1"),
        ("first come first served", "", "first come first served"),
    ],
)
def test_a_sound_value_is_kept(written: str, unit: str, kept: str) -> None:
    assert check_amount(written, unit, field="value") == kept


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("five", "days"),
        ("1.5", "days"),
        ("NaN", "hours"),
        ("Infinity", "hours"),
        ("1e9", "days"),
        ("99999", "weeks"),
        ("<script>", "months"),
        ("09-31", "day"),
        ("13-01", "day"),
        ("9-30", "day"),
        ("20:00-08:00", "time"),
        ("08:00", "time"),
        ("25:00-26:00", "time"),
        ("yes", "yes"),
        ("٥ x", "days"),
    ],
)
def test_a_value_that_makes_no_sense_in_its_unit_is_refused_beside_its_field(written: str, unit: str) -> None:
    with pytest.raises(Refused) as refused:
        check_amount(written, unit, field="value")

    assert refused.value.field == "value"


def test_a_list_of_codes_keeps_its_order_and_loses_blanks() -> None:
    assert codes_in(" supervisor; coordinator ;;") == ("supervisor", "coordinator")


def test_a_number_may_be_written_with_a_comma() -> None:
    assert number_in("1,5") == Decimal("1.5")


def test_words_are_no_number() -> None:
    assert number_in("100/percent") is None


def test_the_last_of_february_comes_every_fourth_year() -> None:
    assert [is_day_of_year(day) for day in ("02-29", "02-30")] == [True, False]


def test_only_what_the_school_has_not_published_waits_for_it() -> None:
    assert waits_for_sign_off(Mark.SOURCED, None, signed_off=False) is False
    assert waits_for_sign_off(Mark.SOURCED, Mark.ASSUMED, signed_off=False) is True
    assert waits_for_sign_off(Mark.ELSEWHERE, signed_off=True) is False
