"""How the calendar is laid out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsbs.agenda.calendar import Reach, View, by_day, leaf, reach
from dsbs.agenda.rules import Span, midnight
from tests.agenda.conftest import BRUSSELS, TODAY, at

days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
TOMORROW = TODAY + timedelta(days=1)


@dataclass(frozen=True)
class Timed:
    span: Span


@given(days)
def test_a_month_shows_whole_weeks_from_monday_that_hold_all_its_days(on: date) -> None:
    shown = leaf(View.MONTH, on)

    assert (shown.first.weekday(), shown.last.weekday()) == (0, 6)
    assert {day for day in shown.days if (day.year, day.month) == (on.year, on.month)} == {
        day for day in (on.replace(day=1) + timedelta(days=n) for n in range(31)) if day.month == on.month
    }
    assert on.replace(day=1) in shown.weeks[0]


@given(days, st.sampled_from(list(View)))
def test_one_leaf_on_and_one_back_is_where_one_began(on: date, view: View) -> None:
    here = leaf(view, on)

    assert leaf(view, here.after).before == (here.first if view is not View.MONTH else on.replace(day=1))


def test_a_week_is_monday_to_sunday() -> None:
    assert (leaf(View.WEEK, TODAY).first, leaf(View.WEEK, TODAY).last) == (date(2026, 11, 23), date(2026, 11, 29))


def test_an_entry_across_midnight_lies_on_both_days() -> None:
    night = Timed(Span(at(22), at(2, day=TOMORROW)))

    assert by_day([night], TODAY, TOMORROW, BRUSSELS) == {TODAY: [night], TOMORROW: [night]}


def test_days_off_the_leaf_are_left_out() -> None:
    night = Timed(Span(at(22), at(2, day=TOMORROW)))

    assert by_day([night], TOMORROW, TOMORROW, BRUSSELS) == {TOMORROW: [night]}


def test_both_hours_between_two_and_three_in_october_lie_on_the_same_day() -> None:
    change = date(2026, 10, 25)
    first = Span(midnight(change, BRUSSELS) + timedelta(hours=2), midnight(change, BRUSSELS) + timedelta(hours=3))
    second = Span(first.end, first.end + timedelta(hours=1))

    assert list(by_day([Timed(first), Timed(second)], change, change, BRUSSELS)[change]) == [
        Timed(first),
        Timed(second),
    ]


@pytest.mark.parametrize(
    ("day", "expected"),
    [(TODAY, Reach.FROM), (TOMORROW, Reach.ALL_DAY), (TOMORROW + timedelta(days=1), Reach.UNTIL)],
)
def test_three_days_see_the_beginning_the_middle_and_the_end(day: date, expected: Reach) -> None:
    assert reach(Span(at(9), at(17, day=TOMORROW + timedelta(days=1))), day, BRUSSELS) is expected


def test_what_ends_at_midnight_lies_within_its_day() -> None:
    assert reach(Span(at(22), midnight(TOMORROW, BRUSSELS)), TODAY, BRUSSELS) is Reach.WITHIN
