"""Counting in working days."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dsbs.programmes.public_holidays import public_holidays
from dsbs.programmes.rules import add_working_days, is_working_day, working_days_between

FRIDAY = date(2026, 11, 27)
SATURDAY = date(2026, 11, 28)
MONDAY = date(2026, 11, 30)

_days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
_closed = st.frozensets(_days, max_size=20)
_counts = st.integers(-60, 60)


def test_a_weekend_is_skipped_both_ways() -> None:
    assert add_working_days(FRIDAY, 1, ()) == MONDAY
    assert add_working_days(MONDAY, -1, ()) == FRIDAY


def test_one_may_start_on_a_day_that_is_not_worked() -> None:
    assert add_working_days(SATURDAY, 1, ()) == MONDAY
    assert add_working_days(SATURDAY, -1, ()) == FRIDAY


def test_a_count_of_nothing_moves_nothing() -> None:
    assert add_working_days(SATURDAY, 0, ()) == SATURDAY


def test_a_closed_day_is_skipped() -> None:
    assert add_working_days(FRIDAY, 1, {MONDAY}) == date(2026, 12, 1)


def test_five_working_days_over_christmas_skip_the_holiday() -> None:
    assert add_working_days(date(2026, 12, 21), 5, public_holidays(2026)) == date(2026, 12, 29)


def test_the_easter_of_each_year_is_known() -> None:
    assert [year for year in (2025, 2026, 2027, 2028) if date(year, 4, 6) in public_holidays(year)] == [2026]


def test_english_holidays_are_called_as_people_here_call_them() -> None:
    names = public_holidays(2026, "en")

    assert (names[date(2026, 5, 1)], names[date(2026, 5, 25)]) == ("Labour Day", "Whit Monday")


def test_holidays_have_names_in_both_languages() -> None:
    christmas = date(2026, 12, 25)

    assert (public_holidays(2026, "en")[christmas], public_holidays(2026, "nl")[christmas]) == (
        "Christmas Day",
        "Kerstmis",
    )


@given(_days, _counts, _closed)
def test_counting_back_undoes_counting_on(day: date, count: int, closed: frozenset[date]) -> None:
    assert working_days_between(day, add_working_days(day, count, closed), closed) == count


@given(_days, _counts.filter(bool), _closed)
def test_one_always_arrives_on_a_working_day(day: date, count: int, closed: frozenset[date]) -> None:
    assert is_working_day(add_working_days(day, count, closed), closed)


@given(_days, _counts, _closed)
def test_one_more_is_the_next_working_day(day: date, count: int, closed: frozenset[date]) -> None:
    here, there = add_working_days(day, count, closed), add_working_days(day, count + 1, closed)
    between = [here + timedelta(days=n) for n in range(1, (there - here).days)]

    assert here < there
    assert [d for d in between if is_working_day(d, closed) and d != day] == []


@given(_days, st.integers(-20, 20), st.integers(-20, 20), _closed)
def test_two_counts_in_one_direction_are_one(day: date, first: int, second: int, closed: frozenset[date]) -> None:
    if first * second < 0:
        second = -second

    assert add_working_days(add_working_days(day, first, closed), second, closed) == add_working_days(
        day, first + second, closed
    )
